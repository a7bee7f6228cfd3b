// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { handEnds } from '../../contract/hand-off';
import { handRun, type HandRun } from '../../contract/hand-run';
import { machineId } from '../../contract/target';
import type { News } from '../../main/dispatch';
import { noticeMoves, type Notice } from '../../main/move-notices';
import { languages, type Language } from '../../words/say';

const vm = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
const run = (more: Partial<HandRun>): HandRun => handRun.parse({ machine: machineId.parse('this'), vm, name: 'win11', doing: 'give', at: 'over', status: null, end: null, said: null, rounds: null, report: null, ...more });

function watched({ seen = false, language = 'en' }: { seen?: boolean; language?: Language } = {}) {
  const shown: Notice[] = [];
  let hear: ((name: string, body: unknown) => void) | undefined;
  const news = { subscribe: (hearer: (name: string, body: unknown) => void) => ((hear = hearer), () => (hear = undefined)) } as unknown as News;
  const stop = noticeMoves(news, { seen: () => seen, language: () => language, show: (notice) => shown.push(notice) });
  return { shown, stop, tell: (body: HandRun, name = 'hand.news') => hear?.(name, body) };
}

describe('the end of a move', () => {
  test('is told once to who is not looking, with the name of the VM, in their language', () => {
    const there = watched();
    for (const each of [run({ at: 'moving' }), run({ end: 'given' }), run({ end: 'given' })]) there.tell(each);
    expect(there.shown).toEqual([{ title: 'win11', body: 'The virtual machine has the card.', vm }]);
    for (const each of [run({ doing: 'take', at: 'asking' }), run({ doing: 'take', end: 'home' })]) there.tell(each);
    expect(there.shown).toHaveLength(2);
    const chinese = watched({ language: 'zh' });
    chinese.tell(run({ end: 'given' }));
    expect(chinese.shown[0]?.body).toMatch(/[\u4e00-\u9fff]/);
  });

  test('is not told to who looks at the window, nor anything else that is news', () => {
    const looking = watched({ seen: true });
    looking.tell(run({ end: 'given' }));
    const other = watched();
    other.tell(run({ end: 'given' }), 'run.news');
    other.tell(run({ end: 'no-card' }));
    other.stop();
    other.tell(run({ end: 'given' }));
    expect([...looking.shown, ...other.shown]).toEqual([]);
  });

  test('names a VM without what a desktop would read as markup, or as another line', () => {
    const there = watched();
    there.tell(run({ name: '<a href="https://example.invalid/">win</a>\n\u202Ex', end: 'failed' }));
    expect(there.shown[0]?.body).toContain('‹a href="https://example.invalid/"›win‹…');
    expect(there.shown[0]?.body).not.toMatch(/[<>\n\u202E]/);
    expect(there.shown[0]?.title).not.toMatch(/[\n\u202E]/);
  });

  test('has words for every end, and for a test of rounds the number of them', () => {
    for (const language of languages)
      for (const end of [...handEnds, 'failed', 'still-runs'] as const) {
        const there = watched({ language });
        there.tell(run({ end }));
        expect(there.shown[0]?.body.length).toBeGreaterThan(4);
        expect(there.shown[0]?.body).not.toMatch(/hand-off\.|door\.|[{}]/);
      }
    const tested = watched();
    tested.tell(run({ doing: 'rounds', end: 'home', report: { schema: 1, vm, name: 'win11', began: 1, wanted: 10, rounds: [], end: 'stopped' } }));
    expect(tested.shown).toEqual([{ title: 'win11', body: 'The test is over after 0 of 10 rounds.', vm }]);
  });
});
