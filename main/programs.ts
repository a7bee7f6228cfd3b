// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  /** Compares a definition with libvirt's schema, by lines. */
  'schema': '/usr/bin/virt-xml-validate',
  /** Shows the screen of a VM. */
  'virt-viewer': '/usr/bin/virt-viewer',
  'looking-glass': '/usr/bin/looking-glass-client',
} as const;

export const isInstalled = (program: 'virt-viewer' | 'looking-glass' | 'schema'): boolean => existsSync(programs[program]);

/** Opens a viewer of the person's own; it outlives this process. */
export function openViewer(viewer: 'virt-viewer' | 'looking-glass', words: readonly string[]): void {
  const child = spawn(programs[viewer], [...words], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

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
export async function runVirsh(words: readonly string[], text: string | Uint8Array | null): Promise<Result<VirshRun>> {
  return text === null ? startQuietly('virsh', words) : withFile(text, (file) => startQuietly('virsh', [...words, file]));
}

/** Compares a text with a schema of libvirt's, of which `domain` is one; the answer stands in `err`, by lines. */
export const runSchemaCheck = (text: string, schema: 'domain'): Promise<Result<VirshRun>> => withFile(text, (file) => startQuietly('schema', [file, schema]));

async function withFile<T>(text: string | Uint8Array, then: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
  try {
    const file = join(folder, 'text.xml');
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return await then(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function startQuietly(program: 'virsh' | 'schema', words: readonly string[]): Promise<Result<VirshRun>> {
  const kept = Object.fromEntries(['HOME', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'DBUS_SESSION_BUS_ADDRESS'].map((name) => [name, process.env[name]]));
  return new Promise((resolve) => {
    const child = spawn(programs[program], [...words], { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', env: { ...kept, PATH: '/usr/bin:/bin', LC_ALL: 'C' }, timeout: virshLimits.milliseconds });
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
      resolve(failed('unsupported-host', { what: program }));
    });
    child.on('close', (status) => {
      if (bytes > virshLimits.bytes) resolve(failed('too-large', { what: program }));
      else if (status === null) resolve(failed('busy', { what: program }));
      else resolve(ok({ status, out: Buffer.concat(parts.out).toString('utf8'), err: Buffer.concat(parts.err).toString('utf8') }));
    });
  });
}
