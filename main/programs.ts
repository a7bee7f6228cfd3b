// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { failed, ok, type Result } from '../contract/problem';

/** The programs main starts with the person's own rights, by absolute path and with a fixed list of words. */
const programs = {
  /** Opens a file or address with what the person's desktop uses for it. */
  'open': '/usr/bin/xdg-open',
  /** Asks logind to restart this computer; polkit decides. */
  'restart': '/usr/bin/systemctl',
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
