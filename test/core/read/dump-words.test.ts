// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { wanted } from '../../../core/read/dump-missing';
import { textKinds } from '../../../core/read/sheet';
import { isKey } from '../../../words/say';

test.each(textKinds)('%s has a name on the screen', (kind) => {
  expect(isKey(`window.source.${kind}`)).toBe(true);
});

test.each(Object.keys(wanted))('the lack of %s can be said', (what) => {
  expect(isKey(`finding.missing-${what}`)).toBe(true);
});

test.each(['nothing-recognised', 'two-machines'])('text turned down as %s gets its own sentence', (why) => {
  expect(isKey(`problem.bad-input.${why}`)).toBe(true);
});
