// SPDX-License-Identifier: GPL-3.0-or-later
import { gunzipSync } from 'node:zlib';
import type { HostFacts } from '../contract/facts';
import { readKernelArgs } from '../core/read/kernel-args';
import { readKernelConfig } from '../core/read/sysfs/kernel-config';
import { readKernelLog } from '../core/read/sysfs/kernel-log';
import { firstKnown, fromText, integer, known, unknown, type Read } from './fact';
import type { Machine } from './machine';

type Kernel = HostFacts['kernel'];

/** The running kernel: release, arguments, modules, the options it was built with and what it said that matters here. */
export function lookAtKernel(machine: Machine): Kernel {
  // It becomes part of paths below, so it must look like a release.
  const release = fromText(
    machine,
    '/proc/sys/kernel/osrelease',
    (text) => /^[\w.+~-]{1,128}$/.exec(text.trim())?.[0] ?? null,
  );
  const type = integer(machine, '/proc/sys/kernel/bootloader_type');
  const typePlace = '/proc/sys/kernel/bootloader_type';
  return {
    release,
    args: fromText(machine, '/proc/cmdline', (text) =>
      readKernelArgs(text)
        .slice(0, 512)
        .map((word) => word.slice(0, 2048)),
    ),
    modules: fromText(machine, '/proc/modules', readModules),
    builtin: release.value === null ? unknown('/lib/modules') : lookAtBuiltin(machine, release.value),
    config: lookAtConfig(machine, release.value ?? ''),
    bootloaderType: type === null ? unknown(typePlace) : known(type, typePlace),
    log: lookAtLog(machine),
  };
}

const readModules = (text: string): string[] =>
  text
    .split('\n', 4096)
    .map((row) => row.slice(0, row.indexOf(' ')))
    .filter((name) => /^[\w-]{1,64}$/.test(name));

/** Names of `modules.builtin`, spelled with underscores as /proc/modules spells them. */
function lookAtBuiltin(machine: Machine, release: string): Kernel['builtin'] {
  return fromText(machine, `/lib/modules/${release}/modules.builtin`, (text) => {
    const names = [];
    for (const [, name] of text.matchAll(/([^/\n]{1,64})\.ko\S*$/gm))
      if (name !== undefined && names.length < 8192) names.push(name.replaceAll('-', '_'));
    return names;
  });
}

function lookAtConfig(machine: Machine, release: string): Kernel['config'] {
  const plain = (path: string) => (): Kernel['config'] => fromText(machine, path, readKernelConfig);
  return firstKnown(
    ...(release === '' ? [] : [plain(`/boot/config-${release}`), plain(`/lib/modules/${release}/config`)]),
    () => lookAtPackedConfig(machine, '/proc/config.gz'),
  );
}

function lookAtPackedConfig(machine: Machine, place: string): Kernel['config'] {
  const text = unpacked(machine, place);
  return text === null ? unknown(place) : known(readKernelConfig(text), place);
}

/** Text of a gzip file, bounded before and after unpacking; null when it is not there or torn. */
export function unpacked(machine: Machine, place: string): string | null {
  const look = machine.bytes(place, 4 << 20);
  if (look.at !== 'is') return null;
  try {
    return gunzipSync(look.value, { maxOutputLength: 32 << 20 }).toString('utf8');
  } catch {
    return null;
  }
}

/** dmesg answers everyone only where kernel.dmesg_restrict is 0; members of adm or systemd-journal may ask the journal. */
function lookAtLog(machine: Machine): Read<string[]> {
  const direct = machine.run('kernel-log');
  if (direct.at === 'is') return known(readKernelLog(direct.value), 'dmesg');
  const journal = machine.run('kernel-log-journal');
  // An empty journal is one we may not read: every kernel says something.
  return journal.at === 'is' && journal.value.trim() !== ''
    ? known(readKernelLog(journal.value), 'journalctl -k')
    : unknown('dmesg');
}
