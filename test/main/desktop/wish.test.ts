// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Offer } from '../../../main/desktop/offers';
import { deedOf, wishOf } from '../../../main/desktop/wish';

const offer = (uuid: string, more: Partial<Offer> = {}): Offer => ({ uuid, name: uuid, press: 'over', label: 'over', away: false, attention: false, ...more });

describe('the words of a start', () => {
  test('ask for one of two things', () => {
    expect(wishOf(['/opt/Switchyard/switchyard-window', '--hand-off'])).toBe('over');
    expect(wishOf(['/opt/Switchyard/switchyard-window', '--original-process-start-time=13300', '--take-back', '--enable-crashpad'])).toBe('back');
  });

  test.each([
    ['no word', []],
    ['only the program', ['/opt/Switchyard/switchyard-window']],
    ['both', ['--hand-off', '--take-back']],
    ['one of them twice', ['--hand-off', '--hand-off']],
    ['one with something behind it', ['--hand-off=win11']],
    ['a VM behind it that nobody asked for', ['--hand-off-now', 'win11']],
    ['another spelling', ['--Hand-Off', '-hand-off', ' --hand-off', '--hand-off\n', '--hand‑off', '--hand-off\0']],
    ['a word of every object', ['constructor', '__proto__', 'toString']],
    ['no list', '--hand-off'],
    ['nothing', undefined],
    ['a list of something else', [['--hand-off'], { '--hand-off': true }, 1]],
    ['too many words', ['--hand-off', ...Array.from({ length: 80 }, () => 'x')]],
  ])('that are %s ask for nothing', (_what, words) => {
    expect(wishOf(words)).toBeNull();
  });

  test('ask for nothing whatever else they are', () => {
    fc.assert(fc.property(fc.array(fc.string()), (words) => wishOf(words) === null || words.some((word) => word === '--hand-off' || word === '--take-back')));
    fc.assert(fc.property(fc.anything(), (words) => Array.isArray(words) || wishOf(words) === null));
  });
});

describe('a wish without a VM', () => {
  test('is about the only one there is', () => {
    expect(deedOf([offer('a')], 'over')).toEqual({ do: 'over', vm: 'a' });
    expect(deedOf([offer('a')], 'either')).toEqual({ do: 'over', vm: 'a' });
    expect(deedOf([offer('a', { press: 'back' })], 'either')).toEqual({ do: 'back', vm: 'a' });
    expect(deedOf([offer('a', { press: 'back' })], 'back')).toEqual({ do: 'back', vm: 'a' });
  });

  test('that is already so, or needs a word first, shows its page', () => {
    expect(deedOf([offer('a', { press: 'back' })], 'over')).toEqual({ do: 'show', vm: 'a' });
    expect(deedOf([offer('a')], 'back')).toEqual({ do: 'show', vm: 'a' });
    for (const wish of ['over', 'back', 'either'] as const) expect(deedOf([offer('a', { press: 'look' })], wish)).toEqual({ do: 'show', vm: 'a' });
  });

  test('chooses for nobody: of several VMs the window shows all; only the one that runs can be meant by taking back', () => {
    const several = [offer('a'), offer('b', { press: 'back' })];
    expect(deedOf(several, 'over')).toEqual({ do: 'show', vm: null });
    expect(deedOf(several, 'either')).toEqual({ do: 'show', vm: null });
    expect(deedOf(several, 'back')).toEqual({ do: 'back', vm: 'b' });
    expect(deedOf([...several, offer('c', { press: 'back' })], 'back')).toEqual({ do: 'show', vm: null });
    expect(deedOf([], 'either')).toEqual({ do: 'show', vm: null });
  });

  test('while a card is on its way: the key does nothing, a start shows it', () => {
    expect(deedOf([offer('a', { press: 'wait', label: 'giving' })], 'either')).toEqual({ do: 'nothing' });
    expect(deedOf([offer('a', { press: 'wait', label: 'giving' })], 'over')).toEqual({ do: 'show', vm: 'a' });
  });
});

test('a wish about a VM that is gone, or stands otherwise than the menu said, only shows the window', () => {
  expect(deedOf([offer('a')], 'over', 'b')).toEqual({ do: 'show', vm: null });
  expect(deedOf([offer('a'), offer('b', { press: 'back' })], 'over', 'b')).toEqual({ do: 'show', vm: 'b' });
  expect(deedOf([offer('a'), offer('b')], 'over', 'b')).toEqual({ do: 'over', vm: 'b' });
});
