// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failed, ok, type Result } from '../contract/problem';

/** The programs main starts with the person's own rights, by absolute path and with a fixed list of words. */
const programs = {
  /** Opens a file or address with what the person's desktop uses for it. */
  'open': '/usr/bin/xdg-open',
  /** Asks logind to restart this computer; polkit decides. */
  'restart': '/usr/bin/systemctl',
  /** Speaks to libvirt; libvirt and polkit decide what the person may. */
  'virsh': '/usr/bin/virsh',
} as const;

/** Starts the person's browser on a file that only this person can read; the address itself would be seen in /proc by everybody. */
export function openWithDesktop(fileUrl: string): void {
  const child = spawn(programs.open, [fileUrl], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** Restarts this computer, on request into its firmware's settings. Resolves when logind has taken or refused it. */
export function restartComputer(firmware: boolean): Promise<Result<void>> {
  const words = firmware ? ['reboot', '--firmware-setup'] : ['reboot'];
  return new Promise((resolve) => {
    const child = spawn(programs.restart, words, { stdio: 'ignore', timeout: 30_000 });
    child.on('error', () => {
      resolve(failed('unsupported-host', { what: 'systemctl' }));
    });
    child.on('exit', (code) => {
      resolve(code === 0 ? ok(undefined) : failed('refused', { what: firmware ? 'restart-firmware' : 'restart' }));
    });
  });
}

/** What a run of virsh left. */
export interface VirshRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Bytes of an answer, and how long one may take: a start reserves memory, and polkit may ask the person for a password. */
const virshLimits = { bytes: 8 * 1024 * 1024, milliseconds: 300_000 } as const;

/**
 * Runs virsh in the C locale with these words; a text is handed over as a file only the person can read, whose path is the last word
 * (virsh opens it by name, and Node's pipes have none). Fails with `unsupported-host`, `too-large` or `busy` (no answer in time).
 */
export async function runVirsh(words: readonly string[], text: string | null): Promise<Result<VirshRun>> {
  if (text === null) return startVirsh(words);
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
  try {
    const file = join(folder, 'text.xml');
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return await startVirsh([...words, file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function startVirsh(words: readonly string[]): Promise<Result<VirshRun>> {
  const kept = Object.fromEntries(['HOME', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'DBUS_SESSION_BUS_ADDRESS'].map((name) => [name, process.env[name]]));
  return new Promise((resolve) => {
    const child = spawn(programs.virsh, [...words], { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', env: { ...kept, PATH: '/usr/bin:/bin', LC_ALL: 'C' }, timeout: virshLimits.milliseconds });
    const parts = { out: [] as Buffer[], err: [] as Buffer[] };
    let bytes = 0;
    const take = (list: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > virshLimits.bytes) child.kill();
      else list.push(chunk);
    };
    child.stdout.on('data', take(parts.out));
    child.stderr.on('data', take(parts.err));
    child.on('error', () => {
      resolve(failed('unsupported-host', { what: 'virsh' }));
    });
    child.on('close', (status) => {
      if (bytes > virshLimits.bytes) resolve(failed('too-large', { what: 'virsh' }));
      else if (status === null) resolve(failed('busy', { what: 'virsh' }));
      else resolve(ok({ status, out: Buffer.concat(parts.out).toString('utf8'), err: Buffer.concat(parts.err).toString('utf8') }));
    });
  });
}
