// SPDX-License-Identifier: GPL-3.0-or-later

export type Door = 'electron' | 'browser';

/** The policy of the page; the doors differ in one word, because only the browser door talks over a connection of its own. */
export function contentSecurityPolicy(door: Door): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${door === 'browser' ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Who asked for a file of the page: the person's own hand, or something that could keep a hold of the page. */
export type Asker = 'person' | 'anything';

/**
 * By Fetch Metadata (`Sec-Fetch-Site: none`, set by the browser and by nothing a page can write): an address that was
 * typed, or opened by another program. A browser that does not tell is anything.
 */
export const askerOf = (fetchSite: string | string[] | undefined): Asker => (fetchSite === 'none' ? 'person' : 'anything');

/**
 * Every header of every file of the page, the same in both doors but for the policy's one word. A page the person went to
 * has no opener to be severed from, and severing costs the browser a second process before the first paint
 * (docs/decisions/0070-first-paint.md).
 */
export function pageHeaders(door: Door, type: string, asker: Asker = 'anything'): Readonly<Record<string, string>> {
  return {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy(door),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(asker === 'anything' && { 'cross-origin-opener-policy': 'same-origin' }),
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
