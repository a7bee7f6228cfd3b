// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { linkNames, links } from '../../contract/names';
import { outsideLink } from '../../main/outside-links';

test.each(linkNames)('opens the listed address of %s', (name) => {
  expect(outsideLink(links[name])).toBe(links[name]);
});

test.each([
  ['a user name that looks like the host', 'https://docs.kernel.org@evil.example/driver-api/vfio.html'],
  ['a user name before the right host', 'https://someone@docs.kernel.org/driver-api/vfio.html'],
  ['a password', 'https://a:b@docs.kernel.org/driver-api/vfio.html'],
  ['another port', 'https://docs.kernel.org:8443/driver-api/vfio.html'],
  ['no encryption', 'http://docs.kernel.org/driver-api/vfio.html'],
  ['another scheme', 'file:///etc/passwd'],
  ['a script', 'javascript:alert(1)'],
  ['a desktop handler', 'vnc://docs.kernel.org/driver-api/vfio.html'],
  ['a trailing dot after the host', 'https://docs.kernel.org./driver-api/vfio.html'],
  ['an encoded slash', 'https://docs.kernel.org/driver-api%2fvfio.html'],
  ['an encoded way out', 'https://docs.kernel.org/driver-api/vfio.html/%2e%2e/x'],
  ['a longer path', 'https://docs.kernel.org/driver-api/vfio.html/more'],
  ['a query', 'https://docs.kernel.org/driver-api/vfio.html?next=evil'],
  ['a fragment', 'https://docs.kernel.org/driver-api/vfio.html#x'],
  ['a longer host', 'https://docs.kernel.org.evil.example/driver-api/vfio.html'],
  ['a shorter host', 'https://kernel.org/driver-api/vfio.html'],
  ['a path relative to nowhere', '/driver-api/vfio.html'],
  ['nothing', ''],
  ['far too much', `https://docs.kernel.org/${'a'.repeat(1000)}`],
])('refuses %s', (_what, address) => {
  expect(outsideLink(address)).toBeNull();
});

test.each([
  ['upper case', 'HTTPS://DOCS.KERNEL.ORG/driver-api/vfio.html'],
  ['the usual port written out', 'https://docs.kernel.org:443/driver-api/vfio.html'],
  ['a detour that ends at the same place', 'https://docs.kernel.org/x/../driver-api/vfio.html'],
])('opens %s as the listed address itself, because it is compared after parsing', (_what, address) => {
  expect(outsideLink(address)).toBe(links['kernel-vfio']);
});
