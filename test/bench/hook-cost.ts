// SPDX-License-Identifier: GPL-3.0-or-later
// npm run bench: what a VM that is not ours pays for our hook, against a bare sh hook that does nothing. Paired rounds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hookTablePath, hookText } from '../../core/step/own/hook';

const rounds = 41;
/** Milliseconds more than the bare hook, issue 8. */
const most = 20;

/** A definition as long as a real one with everything in it, with one host device that is not ours. */
function foreign(): string {
  const disk = "    <disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2'/>\n      <source file='/var/lib/libvirt/images/x.qcow2'/>\n      <target dev='vda' bus='virtio'/>\n    </disk>\n";
  const host = "    <hostdev mode='subsystem' type='pci' managed='yes'>\n      <source>\n        <address domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>\n      </source>\n    </hostdev>\n";
  return `<domain type='kvm'>\n  <name>other</name>\n  <devices>\n${disk.repeat(60)}${host}  </devices>\n</domain>\n`;
}

const folder = mkdtempSync(join(tmpdir(), 'switchyard-hook-'));
try {
  const at = (name: string): string => join(folder, name);
  const table = ['0000:01:00.0', '0000:01:00.1', '0000:01:00.2', '0000:01:00.3'].map((address) => `${address} 10de:2206 1043:87b8\n`).join('');
  writeFileSync(at('table'), table);
  writeFileSync(at('helper'), '#!/bin/sh\nexit 70\n', { mode: 0o755 });
  writeFileSync(at('ours'), hookText.replaceAll(hookTablePath, at('table')).replace(/^helper=.*$/m, `helper=${at('helper')}`), { mode: 0o755 });
  writeFileSync(at('bare'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const xml = foreign();
  const once = (name: string): number => {
    const since = performance.now();
    const { status } = spawnSync(at(name), ['other', 'prepare', 'begin', '-'], { input: xml });
    if (status !== 0) throw new Error(`${name} ended with ${String(status)}`);
    return performance.now() - since;
  };
  const more: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const pair = round % 2 === 0 ? [once('bare'), once('ours')] : [once('ours'), once('bare')].reverse();
    more.push((pair[1] ?? 0) - (pair[0] ?? 0));
  }
  const median = [...more].sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
  console.log(`${median <= most ? 'ok  ' : 'MISS'}  a VM that is not ours pays ${median.toFixed(2)} ms more than for a bare hook (at most ${most} ms; ${rounds} pairs, ${xml.length} bytes)`);
  if (!(median <= most)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
