// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { contentSecurityPolicy, pageHeaders } from '../../main/page-headers';

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
