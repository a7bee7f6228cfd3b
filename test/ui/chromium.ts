// SPDX-License-Identifier: GPL-3.0-or-later

export const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Chromium refuses its own sandbox to root, which CI is; the product never passes this. */
export const chromiumArgs: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
