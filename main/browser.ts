// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import { openBrowserDoor } from './door';

export { openBrowserDoor, type BrowserDoor, type DoorWish } from './door';

/** `node dist/main/browser.js [--port N] [--open]` opens the browser door by itself; imported, it only offers it. */
if (path.basename(process.argv[1] ?? '') === 'browser.js') {
  const words = process.argv.slice(2);
  const port = Number(words[words.indexOf('--port') + 1] ?? 0);
  const display = (process.env['WAYLAND_DISPLAY'] ?? process.env['DISPLAY'] ?? '') !== '';
  const open = words.includes('--open') && display && process.getuid?.() !== 0;
  await openBrowserDoor({ open, port: words.includes('--port') && Number.isInteger(port) ? port : 0 });
}
