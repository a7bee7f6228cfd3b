// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { intentOf, readWished } from '../../main/cli/wish';
import { facts, identities } from '../core/plan/machine';

const wish = (...words: string[]) => {
  const read = readWished(words);
  return read === null ? null : intentOf(read, facts());
};
const devices = identities(facts(), '0000:01:00.0', '0000:01:00.1');

describe('a wish about a card', () => {
  test('names all of the card by any of its functions, with or without the domain', () => {
    for (const address of ['0000:01:00.0', '01:00.0', '01:00.1']) expect(wish('on-demand', address)).toEqual({ kind: 'on-demand', devices });
    expect(wish('release', '01:00.0')).toEqual({ kind: 'release', devices });
  });

  test('for a card the desktop is on restarts nothing unless it is said', () => {
    expect(wish('single-card', '01:00.0')).toEqual({ kind: 'single-card', devices, restartWhenStuck: false });
    expect(wish('single-card', '01:00.0', '--restart-when-stuck')).toEqual({ kind: 'single-card', devices, restartWhenStuck: true });
  });

  test('is none where the words do not fit, and no card where none is there', () => {
    for (const words of [['single-card'], ['single-card', '01:00.0', 'now'], ['single-card', '01:00.0', '--never'], ['both-cards', '01:00.0']]) expect(wish(...words)).toBeNull();
    expect(wish('single-card', '09:00.0')).toBe('no-card');
  });
});
