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

/** Every header of every file of the page, the same in both doors but for the policy's one word. */
export function pageHeaders(door: Door, type: string): Readonly<Record<string, string>> {
  return {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy(door),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
