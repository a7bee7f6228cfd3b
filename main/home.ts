// SPDX-License-Identifier: GPL-3.0-or-later

/** The window's own address: a scheme of ours, so that nothing else in the system can be this origin. */
export const scheme = 'app';
export const home = { host: 'switchyard', url: 'app://switchyard/index.html' } as const;

/** Whether an address is one of our own page's. */
export function isHome(raw: string): boolean {
  if (!URL.canParse(raw)) return false;
  const url = new URL(raw);
  return url.protocol === `${scheme}:` && url.host === home.host;
}
