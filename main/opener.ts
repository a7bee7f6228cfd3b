// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { openWithDesktop } from './programs';

/** How long the file may lie there when no browser comes for it. */
const wait = 120_000;

/**
 * Opens an address that carries a secret: through a 0600 file, never on a command line. The file lies in the home folder
 * and is not hidden, because browsers in a snap may read nothing else of the person's.
 */
export function openSecretly(address: string): { remove(): void } {
  const file = path.join(homedir(), `switchyard-open-${randomBytes(6).toString('hex')}.html`);
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${address}"><title>Switchyard</title>`, { mode: 0o600, flag: 'wx' });
  const remove = (): void => {
    clearTimeout(timer);
    rmSync(file, { force: true });
  };
  const timer = setTimeout(remove, wait);
  timer.unref();
  openWithDesktop(pathToFileURL(file).href);
  return { remove };
}
