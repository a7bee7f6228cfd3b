// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { transactionId } from '../../contract/history';
import { planHash } from '../../contract/plan';
import { callHelper, type HelperAsk, type HelperPlace } from '../../main/helper-client';

const fake = (name: string): string => path.join(import.meta.dirname, 'fake-helper', name);
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchyard-helper-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const apply: HelperAsk = { verb: 'apply', request: { intent: { kind: 'enable-iommu' }, approved: planHash.parse('a'.repeat(64)) } };

function call(manner: string, { ask = apply, root = false, ...place }: { ask?: HelperAsk; root?: boolean } & Partial<HelperPlace> = {}) {
  process.env['FAKE_HELPER'] = manner;
  process.env['FAKE_HELPER_HEARD'] = path.join(folder, 'heard');
  const news: string[] = [];
  const running = callHelper({ program: fake('helper.mjs'), pkexec: root ? null : fake('pkexec.sh'), version: '0.1.0', patience: 20_000, ...place }, ask, {
    hello: () => news.push('hello'),
    progress: (line) => news.push(`${line.stepId ?? '-'} ${line.phase}`),
  });
  return { ...running, news };
}
const heard = (): unknown => JSON.parse(readFileSync(path.join(folder, 'heard'), 'utf8'));
const problem = (code: string, detail: object = {}) => ({ ok: false, problem: { code, detail } });

test('sends one line with the intent and the hash, and tells what root says', async () => {
  const { done, news } = call('good');
  expect(await done).toMatchObject({ ok: true, value: { outcome: { state: 'waiting-for-restart', restart: true } } });
  expect(news).toEqual(['hello', '- checking', 'kernel-args changing']);
  expect(heard()).toEqual({ words: ['apply'], heard: `${JSON.stringify({ protocol: 1, version: '0.1.0', intent: { kind: 'enable-iommu' }, approved: 'a'.repeat(64) })}\n` });
});

test('as root it starts the helper itself, without pkexec', async () => {
  expect(await call('good', { root: true }).done).toMatchObject({ ok: true });
});

test('go-back sends nothing but its verb', async () => {
  const { done } = call('stale', { ask: { verb: 'go-back', request: null } });
  await done;
  expect(heard()).toEqual({ words: ['go-back'], heard: '' });
});

test('undo names a transaction and nothing else', async () => {
  await call('good', { ask: { verb: 'undo', request: { transaction: transactionId.parse('0123456789abcdef') } } }).done;
  expect(heard()).toMatchObject({ words: ['undo'], heard: '{"protocol":1,"version":"0.1.0","transaction":"0123456789abcdef"}\n' });
});

test('stop says the word, and root puts everything back', async () => {
  const running = call('slow');
  await expect.poll(() => running.news).toContain('kernel-args changing');
  running.stop();
  running.stop();
  expect(await running.done).toEqual(problem('cancelled'));
  expect(running.news.at(-1)).toBe('kernel-args undone');
  expect(heard()).toMatchObject({ heard: expect.stringMatching(/\}\nstop\n$/) as string });
});

test('stop while the password is asked for gives up asking', async () => {
  const running = call('question');
  running.stop();
  expect(await running.done).toEqual(problem('cancelled'));
});

test.each([
  ['a helper that is not there', 'good', { program: '/nowhere/helper' }, problem('helper-missing')],
  ['a pkexec that is not there', 'good', { pkexec: '/nowhere/pkexec' }, problem('helper-missing', { what: 'pkexec' })],
  ['a question that was dismissed', 'dismissed', {}, problem('not-authorised', { how: 'dismissed' })],
  ['a person who is not allowed', 'notallowed', {}, problem('not-authorised', { how: 'refused' })],
  ['a helper that was called wrongly', 'usage', {}, problem('protocol', { why: 'no-end' })],
  ['a refusal before the greeting', 'refused', {}, problem('refused', { why: 'caller' })],
  ['a helper of another version', 'version', {}, problem('helper-mismatch', { installed: '9.9.9', expected: '0.1.0' })],
  ['a helper of another protocol', 'protocol', {}, problem('helper-mismatch', { installed: '0.1.0', expected: '0.1.0' })],
  ['a line that is no JSON', 'garbage', {}, problem('protocol', { why: 'line' })],
  ['a line with a key more', 'shape', {}, problem('protocol', { why: 'line' })],
  ['progress before the greeting', 'early', {}, problem('protocol', { why: 'greeting' })],
  ['a second greeting', 'twice', {}, problem('protocol', { why: 'greeting' })],
  ['a line of another shape in the middle', 'late', {}, problem('protocol', { why: 'line' })],
  ['a line that is too long', 'long', {}, problem('protocol', { why: 'line' })],
  ['a line without an end', 'endless', { patience: 900 }, problem('protocol', { why: 'line' })],
  ['an end without a last line', 'noend', {}, problem('protocol', { why: 'no-end' })],
  ['a crash', 'crash', {}, problem('protocol', { why: 'no-end' })],
  ['silence', 'silence', { patience: 700 }, problem('protocol', { why: 'silence' })],
])('%s is told as its own code', async (_what, manner, place, expected) => {
  expect(await call(manner, place).done).toEqual(expected);
});

test('a problem of root keeps its step', async () => {
  expect(await call('stale').done).toEqual({ ok: false, problem: { code: 'plan-stale', stepId: 'x', detail: { what: 'grub-default' } } });
});
