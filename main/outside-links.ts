// SPDX-License-Identifier: GPL-3.0-or-later
import { links } from '../contract/names';

const allowed: ReadonlySet<string> = new Set(Object.values(links));

/**
 * The address to open outside, or null. It is compared after parsing, so that `@`, another port, `%2f`,
 * a trailing dot or another scheme cannot make a different place look like one of ours.
 */
export function outsideLink(raw: string): string | null {
  if (raw.length > 256 || !URL.canParse(raw)) return null;
  const url = new URL(raw);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '') return null;
  if (url.search !== '' || url.hash !== '') return null;
  return allowed.has(url.href) ? url.href : null;
}
