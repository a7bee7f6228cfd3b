// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handEnds, handRefusals, handTroubles, type HandStatus, type ManagedCard } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { liveMachine } from '../../host/live';
import type { HandMove, HandReport } from '../../contract/hand-run';
import { linesOfReport } from '../../main/cli/hand-rounds';
import { endsDesktop, mayEnd, type Starting } from '../../main/cli/ending';
import { linesOf, printable } from '../../main/cli/hand-off-words';
import { oneName } from '../../main/cli/hand-off';
import { follow, readStatus, readStatuses } from '../../main/hand-off';
import type { Io } from '../../main/cli/io';
import { definition } from '../../rehearsal/hand-off/stage';
import { languages } from '../../words/say';

const vm = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
const status = (more: Partial<HandStatus> = {}): HandStatus => ({ schema: 1, vm, devices: ['0000:01:00.0' as PciAddress], boot: '1', way: 'give', end: null, why: null, since: 100, phases: [{ phase: 'start', took: 41.4 }, { phase: 'unbind', took: 12 }], holders: [], ...more });

describe('a start that ends the desktop', () => {
  const one = (bus: string, way: ManagedCard['way']): ManagedCard => ({ way, functions: [{ address: `0000:${bus}:00.0` as PciAddress, vendor: '10de', device: '2206', subsystemVendor: null, subsystemDevice: null }], policy: { service: 'refuse', container: 'refuse', program: 'refuse' }, services: [], restartWhenStuck: false });
  const xml = definition(vm, ['0000:01:00.0' as PciAddress]);
  const starting = (more: Partial<Starting> = {}): Starting => ({ name: 'win11', cards: [one('01', 'single-card'), one('02', 'on-demand')], xml, reach: 'ssh sam@studio switchyard take-back win11', ...more });
  async function asked(answer: string | null, more: Partial<Starting> = {}, yes = false) {
    let said = '';
    let questions = 0;
    const io: Io = { out: () => undefined, err: (text) => void (said += text), language: 'en', colour: false, width: 80 };
    const person = answer === null ? null : { ask: () => Promise.resolve(answer).finally(() => void (questions += 1)) };
    return { goes: await mayEnd(starting(more), { io, person, yes }), said: said.replaceAll(/\s+/g, ' '), questions };
  }

  test('is one of a VM with a single card, and of one nobody can read; no other is asked about', async () => {
    expect(endsDesktop(starting())).toBe(true);
    expect(endsDesktop(starting({ xml: null }))).toBe(true);
    expect(endsDesktop(starting({ xml: '<domain>' }))).toBe(true);
    expect(endsDesktop(starting({ xml: definition(vm, ['0000:02:00.0' as PciAddress]) }))).toBe(false);
    expect(endsDesktop(starting({ cards: [one('01', 'on-demand')], xml: null }))).toBe(false);
    expect(await asked('n', { cards: [] })).toEqual({ goes: true, said: '', questions: 0 });
  });

  test('says what is lost and what leads back, and wants a plain yes', async () => {
    const no = await asked('');
    expect(no).toMatchObject({ goes: false, questions: 1 });
    expect(no.said).toContain('not saved in them is lost');
    expect(no.said).toContain('ssh sam@studio switchyard take-back win11');
    expect(await asked('y')).toMatchObject({ goes: true, questions: 1 });
    expect((await asked('y', { reach: null })).said).toContain('No ssh server answers');
  });

  test('is refused where nobody can be asked, unless it was said beforehand', async () => {
    const alone = await asked(null);
    expect(alone).toMatchObject({ goes: false });
    expect(alone.said).toContain('--yes');
    const said = await asked(null, {}, true);
    expect(said).toMatchObject({ goes: true, questions: 0 });
    expect(said.said).toContain('ends the desktop');
  });
});

describe('what the command line says of a round', () => {
  test('has a sentence for every end with every reason, in both languages, and never a bare code', () => {
    for (const language of languages)
      for (const end of handEnds)
        for (const why of [...(end === 'refused' ? handRefusals : handTroubles), null])
          for (const line of linesOf(status({ end, why }), 2, language)) {
            expect(line.length).toBeGreaterThan(4);
            expect(line).not.toMatch(/hand-off\.|[{}]/);
          }
  });

  test('tells each phase once, with its time', () => {
    expect(linesOf(status(), 0, 'en')).toEqual(['  Starting: 41 ms', '  Taking it from its driver: 12 ms']);
    expect(linesOf(status(), 2, 'en')).toEqual([]);
  });

  test('names who holds the card with what helps, and leaves the console out, which lets go by itself', () => {
    const lines = linesOf(status({ end: 'refused', why: 'held', holders: [{ kind: 'console', name: 'vtcon1' }, { kind: 'service', name: 'ollama' }] }), 2, 'en');
    expect(lines).toEqual(['The card was left where it is; nothing was changed.', 'The card is in use.', '  ollama, a service of the system: Stop the service, or let Switchyard stop it while the VM runs.', 'Do what stands beside each of them, then start the virtual machine again.']);
  });

  test('says of a hang what is safe', () => {
    expect(linesOf(status({ end: 'stuck', why: 'stuck' }), 2, 'en').at(-1)).toMatch(/^Save your work and restart/);
  });
});

describe('a test by rounds', () => {
  const move = (end: 'given' | 'home' | 'adrift', took: number): HandMove => ({ end, why: end === 'adrift' ? 'lied' : null, took, phases: [{ phase: 'unbind', took }] });
  const report = (more: Partial<HandReport>): HandReport => ({ schema: 1, vm, name: 'win11', began: 0, wanted: 3, rounds: [10, 30, 20].map((took) => ({ give: move('given', took), take: move('home', 2 * took) })), end: 'done', ...more });
  test('is told by phase with the fastest, the usual and the slowest, and how it ended', () => {
    expect(linesOfReport(report({}), 'en')).toEqual(['To the guest', '  All of it: 10 / 20 / 30 ms (fastest / usual / slowest)', '  Taking it from its driver: 10 / 20 / 30 ms (fastest / usual / slowest)', 'Back home', '  All of it: 20 / 40 / 60 ms (fastest / usual / slowest)', '  Taking it from its driver: 20 / 40 / 60 ms (fastest / usual / slowest)', 'Last test: 3 of 3 rounds there and back', 'Every round went through.']);
  });
  test('names the round that failed and why', () => {
    const lines = linesOfReport(report({ end: 'take-failed', rounds: [{ give: move('given', 1), take: move('home', 1) }, { give: move('given', 1), take: move('adrift', 9) }] }), 'en');
    expect(lines.slice(-3)).toEqual(['Last test: 1 of 3 rounds there and back', 'Round 2 failed on the way back.', 'The kernel said the card had moved, and it had not.']);
  });
});

describe('the words of the command', () => {
  const io = (): Io & { said: string[] } => {
    const said: string[] = [];
    return { said, out: (text) => said.push(text), err: (text) => said.push(text), language: 'en', colour: false, width: 80 };
  };
  test('are one VM, and nothing that looks like an option', () => {
    expect(oneName(['win11'], io())).toBe('win11');
    for (const words of [[], ['a', 'b'], ['--all'], ['']]) {
      const heard = io();
      expect(oneName(words, heard)).toBeNull();
      expect(heard.said.join('')).toContain('switchyard hand-off VM');
    }
  });
  test('show nothing that moves a cursor', () => {
    expect(printable('error: \u001b[2Jx\n')).toBe('error:  [2Jx');
  });
});

describe('the status that root leaves', () => {
  const root = mkdtempSync(join(tmpdir(), 'switchyard-status-'));
  const folder = join(root, 'var/lib/switchyard/hand-off');
  beforeAll(() => { mkdirSync(folder, { recursive: true }); });
  afterAll(() => { rmSync(root, { recursive: true }); });
  const put = (name: string, text: string): void => { writeFileSync(join(folder, name), text); };

  test('is read newest first, and what is no status is passed over', () => {
    put(`${vm}.json`, JSON.stringify(status()));
    put('3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0002.json', JSON.stringify(status({ vm: '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0002', since: 200 })));
    put('3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0003.json', '{"schema":1');
    put('3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0004.json', JSON.stringify({ ...status(), more: 1 }));
    expect(readStatuses(liveMachine(root)).map((one) => one.since)).toEqual([200, 100]);
    expect(readStatus(liveMachine(root), 'absent')).toBeNull();
  });

  test('is followed until what is waited for has come, each change once, and an older round not at all', async () => {
    const heard: string[] = [];
    put(`${vm}.json`, JSON.stringify(status({ since: 5 })));
    const until = (async () => {
      await new Promise((soon) => { setTimeout(soon, 250); });
      put(`${vm}.json`, JSON.stringify(status({ since: 500 })));
      await new Promise((soon) => { setTimeout(soon, 250); });
      put(`${vm}.json`, JSON.stringify(status({ since: 500, end: 'given' })));
      return 'done';
    })();
    expect(await follow(liveMachine(root), vm, { since: 400, until, tell: (one) => heard.push(String(one.end)) })).toBe('done');
    expect(heard).toEqual(['null', 'given']);
  });
});
