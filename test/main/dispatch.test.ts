// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { askNames } from '../../contract/names';
import { failed, ok } from '../../contract/problem';
import { dispatcher, openNews, type Answers } from '../../main/dispatch';

/** Every question answers `not-found`, but for those given here. */
function answers(some: Partial<Answers>): Answers {
  const silent = Object.fromEntries(askNames.map((name) => [name, () => failed('not-found')]));
  return { ...silent, ...some } as Answers;
}
const bugs: unknown[] = [];
const dispatch = dispatcher(
  answers({
    'app.link': () => ok({ opened: true }),
    'app.copy': ({ text }) => ok(JSON.parse(text === 'wrong' ? '{"more":1}' : '{}') as Record<string, never>),
    'machine.use': () => {
      throw new Error('/home/someone/secret');
    },
  }),
  (bug) => bugs.push(bug),
);

test('answers a question of the table', async () => {
  expect(await dispatch('app.link', { link: 'kernel-vfio' })).toEqual({ ok: true, value: { opened: true } });
});

test.each([['__proto__'], ['constructor'], ['toString'], ['app.nothing'], [''], [7], [null], [['app.link']], [{}]])('refuses the name %j', async (name) => {
  expect(await dispatch(name, {})).toEqual({ ok: false, problem: { code: 'protocol', detail: { why: 'name' } } });
});

test.each([
  ['an extra key', { link: 'kernel-vfio', path: '/etc/shadow' }],
  ['a missing key', {}],
  ['a foreign value', { link: 'https://evil.example' }],
  ['no object', 'kernel-vfio'],
  ['nothing', undefined],
  ['a list', [{ link: 'kernel-vfio' }]],
])('refuses a question with %s, and repeats nothing of it', async (_what, input) => {
  expect(await dispatch('app.link', input)).toEqual({ ok: false, problem: { code: 'protocol', detail: { ask: 'app.link', why: 'shape' } } });
});

test('an answer that has not its own shape is a bug and never reaches the window', async () => {
  expect(await dispatch('app.copy', { text: 'wrong' })).toEqual({ ok: false, problem: { code: 'internal', detail: { ask: 'app.copy' } } });
  expect(bugs).toHaveLength(1);
});

test('a throw reaches the window as a code without its text', async () => {
  const reply = await dispatch('machine.use', { machine: 'this' });
  expect(reply).toEqual({ ok: false, problem: { code: 'internal', detail: { ask: 'machine.use' } } });
  expect(JSON.stringify(reply)).not.toContain('secret');
});

test('news reach every hearer until it leaves, and only in their own shape', () => {
  const usual = { keepRunning: false, shortcut: 'off', shortcutState: 'none' } as const;
  const news = openNews();
  const heard: unknown[] = [];
  const leave = news.subscribe((name, body) => heard.push([name, body]));
  news.tell('app.settings', { ...usual, language: 'zh', theme: 'dark' });
  expect(() => {
    news.tell('app.settings', { ...usual, language: 'zh', theme: 'dark', extra: 1 } as never);
  }).toThrow();
  leave();
  news.tell('app.settings', { ...usual, language: 'en', theme: 'dark' });
  expect(heard).toEqual([['app.settings', { ...usual, language: 'zh', theme: 'dark' }]]);
});
