// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostPath, vmName, vmUuid } from '../../../contract/vm';
import { windowsAnswers } from '../../../contract/vm-windows';
import { forms } from '../../../core/vm/forms';
import { keyboardOf, keyboards, timeZoneOf, timeZones } from '../../../core/vm/windows/regions';

const { computer, user, password } = windowsAnswers.shape;
const key = windowsAnswers.shape.key.unwrap();
const pairs = [
  ['name', forms.name, vmName],
  ['path', forms.path, hostPath],
  ['uuid', forms.uuid, vmUuid],
  ['computer', forms.computer, computer],
  ['user', forms.user, user],
  ['password', forms.password, password],
  ['key', forms.key, key],
] as const;
const tricky = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 130 }),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '.', '_', '/', ' ', '"', '@', '\n', '\u0085', '中'), maxLength: 70 }),
  fc.constantFrom('', '/', '.', '123', 'PC-1', 'ABCDE-12345-ABCDE-12345-ABCDE', '4c4c4544-0000-4000-8000-000000000001'),
);

test.each(pairs)('the page takes a %s exactly when main does', (_, form, shape) => {
  fc.assert(fc.property(tricky, (text) => form.test(text) === shape.safeParse(text).success));
});

test.each(keyboards)('the keyboard of %s is one that Setup takes', (language) => {
  expect(windowsAnswers.shape.keyboard.safeParse(keyboardOf(language)).success).toBe(true);
});

test.each([
  ['Europe/Berlin', 'W. Europe Standard Time'],
  ['Asia/Shanghai', 'China Standard Time'],
  ['Nowhere/Else', 'UTC'],
])('the time zone %s is %s to Windows', (iana, windows) => {
  expect(timeZoneOf(iana)).toBe(windows);
  expect(timeZones).toContain(windows);
});
