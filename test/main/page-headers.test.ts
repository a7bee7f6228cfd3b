// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { askerOf, contentSecurityPolicy, pageHeaders } from '../../main/page-headers';

test('the doors have the same policy but for the one word about connections', () => {
  const electron = contentSecurityPolicy('electron').split('; ');
  const browser = contentSecurityPolicy('browser').split('; ');
  expect(browser.filter((rule) => !electron.includes(rule))).toEqual(["connect-src 'self'"]);
  expect(electron.filter((rule) => !browser.includes(rule))).toEqual(["connect-src 'none'"]);
});

test('the policy is exactly the one of security rule 22', () => {
  expect(contentSecurityPolicy('electron')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
});

test('the headers differ in the policy and in nothing else', () => {
  const { 'content-security-policy': one, ...electron } = pageHeaders('electron', 'text/html');
  const { 'content-security-policy': other, ...browser } = pageHeaders('browser', 'text/html');
  expect(electron).toEqual(browser);
  expect(one).not.toBe(other);
});

test('only a page that the person went to is not severed from an opener: it has none', () => {
  const severed = (fetchSite: string | undefined): boolean => 'cross-origin-opener-policy' in pageHeaders('browser', 'text/html', askerOf(fetchSite));
  expect(severed('none')).toBe(false);
  for (const site of ['cross-site', 'same-site', 'same-origin', 'None', '', undefined]) expect(severed(site), String(site)).toBe(true);
  expect('cross-origin-opener-policy' in pageHeaders('electron', 'text/html')).toBe(true);
});
