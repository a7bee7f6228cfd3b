// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { TransactionId } from '../../contract/history';
import type { Summary } from '../../contract/history';
import { apply } from '../../helper/apply';
import type { Desk } from '../../helper/desk';
import { hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { goBack } from '../../helper/undo';
import { guard } from '../../helper/watch';
import { probe } from '../../host/probe';
import { find, writeAt } from '../../rehearsal/files';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { summariesOf } from '../../rehearsal/root';
import { wishes } from '../../rehearsal/wish';
import { answerTime, lookEvery, settleTime } from '../../core/trial/watch';
import { corpusFacts } from '../rehearsal/corpus';

interface Scene {
  readonly rehearsal: Rehearsal;
  readonly transaction: TransactionId;
  readonly approved: ReturnType<typeof hashOf>;
  readonly addresses: readonly string[];
}

async function prepared(): Promise<Scene> {
  const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  const intent = wishes(probe(rehearsal.eyes())).find((each) => each.kind === 'dedicate' && rehearsal.plan(each).ok);
  const plan = intent === undefined ? undefined : rehearsal.plan(intent);
  if (intent?.kind !== 'dedicate' || plan?.ok !== true) throw new Error('no wish');
  const approved = hashOf(plan.value);
  const applied = await apply(rehearsal.desk(), { intent, approved });
  if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
  return { rehearsal, transaction: applied.value.transaction, approved, addresses: intent.devices.map(({ address }) => address) };
}

/** In the trial, its self check of the rehearsal passed already; the guard is run again by hand on what a test made of the start. */
async function inTrial(): Promise<Scene> {
  const scene = await prepared();
  await scene.rehearsal.restart();
  return scene;
}

interface Heard {
  readonly aloud: readonly string[];
  readonly quiet: readonly string[];
  readonly elapsed: number;
  readonly end: Awaited<ReturnType<typeof guard>>;
}

/** Runs the guard; `meanwhile` is called at each pause with the milliseconds since it began. */
async function watched({ rehearsal }: Scene, meanwhile: (since: number) => Promise<void> | void = () => undefined, change: (desk: Desk) => Desk = (desk) => desk): Promise<Heard> {
  const aloud: string[] = [];
  const quiet: string[] = [];
  let elapsed = 0;
  const desk = rehearsal.desk();
  const hands = {
    ...desk.hands,
    async pause(milliseconds: number): Promise<void> {
      await desk.hands.pause(milliseconds);
      elapsed += milliseconds;
      if (elapsed > 4 * (settleTime + answerTime)) throw new Error('the guard never ends');
      await meanwhile(elapsed);
    },
  };
  const end = await guard(change({ ...desk, hands, origin: { via: 'systemd', uid: null } }), (line, how) => void (how === 'aloud' ? aloud : quiet).push(line));
  return { aloud, quiet, elapsed, end };
}

const summary = ({ rehearsal, transaction }: Scene): Summary => {
  const found = summariesOf(rehearsal).find((each) => each.transaction === transaction);
  if (found === undefined) throw new Error('no summary');
  return found;
};
const journal = ({ rehearsal, transaction }: Scene): string => find(rehearsal.world.disk, `/var/lib/switchyard/${transaction}/private/journal.jsonl`)?.content.text ?? '';

/** The planned card gets its own driver back behind our back. */
function unbind({ rehearsal, addresses }: Scene): void {
  for (const address of addresses) {
    const state = rehearsal.world.kernel?.functions.get(address);
    if (state === undefined) throw new Error('no function');
    state.driver = 'nouveau';
  }
}

describe('before the restart', () => {
  test('what was read back of image, entry and one-shot is in the summary that everybody may read', async () => {
    const scene = await prepared();
    const proof = Object.fromEntries(summary(scene).steps.flatMap((step) => step.proof ?? []).map(({ code, detail }) => [code, detail]));
    expect(proof['image']?.['path']).toMatch(/^\/boot\/initrd\.img-.*-switchyard$/);
    expect(proof['image']).toMatchObject({ script: 'scripts/init-top/00-switchyard', modules: 'vfio-pci, vfio_iommu_type1' });
    expect(proof['entry']?.['added']).toBe(`switchyard.bind=${scene.transaction} switchyard.trial=${scene.transaction} panic=30`);
    expect(proof['entry']?.['image']).toMatch(/-switchyard$/);
    expect(proof['one-shot']).toEqual({ entry: 'switchyard-trial' });
  });

  test('what the person has is written down before anything changes', async () => {
    const lines = journal(await prepared()).split('\n');
    const at = lines.findIndex((line) => line.includes('"kind":"start"'));
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(lines.findIndex((line) => line.includes('"kind":"begun"')));
    expect(JSON.parse(lines[at] ?? '{}')).toMatchObject({ facts: { login: { graphical: true } } });
  });
});

describe('a start that is no trial', () => {
  test('is watched by nobody: the guard leaves at once and touches nothing', async () => {
    const scene = await prepared();
    const before = [journal(scene), JSON.stringify(summary(scene))];
    expect(await watched(scene)).toEqual({ aloud: [], quiet: [], elapsed: 0, end: { ok: true, value: { transaction: null, state: null, restart: false, regenerate: [] } } });
    expect([journal(scene), JSON.stringify(summary(scene))]).toEqual(before);
  });
});

describe('a trial start that is as promised', () => {
  test('passes, says so once, and has no clock', async () => {
    const scene = await inTrial();
    expect(summary(scene).check).toEqual({ verdict: 'passed', findings: [], until: null });
    const heard = await watched(scene);
    expect(heard).toMatchObject({ elapsed: lookEvery, end: { ok: true }, aloud: [] });
    expect(heard.quiet).toEqual([expect.stringContaining('passed its checks')]);
  });

  test("has the loader's one-shot spent, and the next start is the old one", async () => {
    const scene = await inTrial();
    expect(find(scene.rehearsal.world.disk, '/boot/grub/grubenv')?.content.text).not.toContain('next_entry=switchyard');
    const next = await scene.rehearsal.restart();
    expect(next.started).toMatchObject({ at: 'up' });
    expect(next.started.at === 'up' && next.started.args.some((arg) => arg.startsWith('switchyard'))).toBe(false);
  });
});

describe("where the loader did not forget its one-shot", () => {
  const armed = `# GRUB Environment Block\nnext_entry=switchyard-trial\n`.padEnd(1024, '#');

  test('it is taken away, the trial passes with a note, and the next start is the old one', async () => {
    const scene = await inTrial();
    writeAt(scene.rehearsal.world.disk, '/boot/grub/grubenv', armed);
    const { end, quiet } = await watched(scene);
    expect(end.ok).toBe(true);
    expect(quiet).toContain('Switchyard: trial finding one-shot-cleared');
    expect(find(scene.rehearsal.world.disk, '/boot/grub/grubenv')?.content.text).toContain('next_entry=\n');
    const { started } = await scene.rehearsal.restart();
    expect(started.at === 'up' ? started.entry : 'stuck').not.toMatch(/switchyard|stuck/);
  });

  test('and it cannot be taken away, the trial has failed', async () => {
    const scene = await inTrial();
    writeAt(scene.rehearsal.world.disk, '/boot/grub/grubenv', armed);
    const stuck = (desk: Desk): Desk => ({ ...desk, hands: { ...desk.hands, rename: (_, to) => (to === '/boot/grub/grubenv' ? { ok: false, problem: { code: 'step-failed', detail: { why: 'EROFS' } } } : desk.hands.rename(_, to)) } });
    const { end } = await watched(scene, () => undefined, stuck);
    expect(end).toMatchObject({ ok: false });
    expect(summary(scene).check).toMatchObject({ verdict: 'failed', findings: [{ code: 'one-shot-stays' }] });
  });
});

describe('a trial start that is not as promised', () => {
  test('is given time to come right, then counted down aloud, and ends badly when nobody answers', async () => {
    const scene = await inTrial();
    unbind(scene);
    const began = scene.rehearsal.world.clock;
    const heard = await watched(scene);
    expect(heard.end).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'trial-unanswered' } } });
    expect(heard.elapsed).toBe(settleTime + answerTime);
    expect(heard.aloud.map((line) => /in (\d+) minutes?/.exec(line)?.[1])).toEqual([undefined, '10', '8', '6', '4', '3', '2', '1', undefined]);
    expect(heard.quiet[0]).toBe(`Switchyard: trial finding not-bound device=${scene.addresses[0] ?? ''} driver=nouveau`);
    const { check } = summary(scene);
    expect(check?.verdict).toBe('failed');
    expect(check?.findings.map(({ code, detail }) => [code, detail['device']])).toEqual(scene.addresses.map((address) => ['not-bound', address]));
    expect((check?.until ?? 0) - began).toBeGreaterThanOrEqual(settleTime + answerTime);
  });

  test('may be answered with going back while it is counted down', async () => {
    const scene = await inTrial();
    unbind(scene);
    const { end, elapsed } = await watched(scene, async (since) => {
      if (since === settleTime + 60_000) expect(await goBack(scene.rehearsal.desk())).toMatchObject({ ok: true, value: { state: 'undone', restart: true } });
    });
    expect(end.ok).toBe(true);
    expect(elapsed).toBe(settleTime + 60_000);
  });

  test('may be kept all the same, where what was planned holds', async () => {
    const scene = await inTrial();
    const dark = (desk: Desk): Desk => ({ ...desk, hands: { ...desk.hands, text: (path, limit) => (path.endsWith('/enabled') ? { at: 'is', value: 'disabled\n' } : desk.hands.text(path, limit)) } });
    const { end, aloud } = await watched(scene, async (since) => {
      if (since === settleTime + 60_000) expect(await keep(scene.rehearsal.desk(), scene)).toMatchObject({ ok: true, value: { state: 'kept' } });
    }, dark);
    expect(end.ok).toBe(true);
    expect(aloud.length).toBeGreaterThan(0);
    expect(summary(scene)).toMatchObject({ state: 'kept', check: { verdict: 'failed', findings: [{ code: 'screen-dark' }] } });
  });

  test('cannot be kept where what was planned does not hold', async () => {
    const scene = await inTrial();
    unbind(scene);
    expect(await keep(scene.rehearsal.desk(), scene)).toMatchObject({ ok: false, problem: { detail: { why: 'trial-bound' } } });
    expect(summary(scene).state).toBe('trial-running');
  });

  test('passes after all when it comes right while it is counted down', async () => {
    const scene = await inTrial();
    unbind(scene);
    const { end, aloud } = await watched(scene, (since) => {
      if (since === settleTime + 120_000) for (const address of scene.addresses) Object.assign(scene.rehearsal.world.kernel?.functions.get(address) ?? {}, { driver: 'vfio-pci' });
    });
    expect(end.ok).toBe(true);
    expect(aloud.at(-1)).toContain('passed its checks after all');
    expect(summary(scene).check).toEqual({ verdict: 'passed', findings: [], until: null });
  });

  test('does not restart while somebody is answering', async () => {
    const scene = await inTrial();
    unbind(scene);
    const path = `/var/lib/switchyard/${scene.transaction}/private/journal.jsonl`;
    const { end } = await watched(scene, async (since) => {
      const text = journal(scene);
      if (since === settleTime + answerTime - lookEvery) {
        writeAt(scene.rehearsal.world.disk, path, `${text}{"at":1,"boot":"1","kind":"work","work":"keep"}\n`);
        scene.rehearsal.world.lock = { process: 999, who: 'pkexec 1000', what: 'keep', since: 1 };
      }
      if (since === settleTime + answerTime + 600_000) {
        scene.rehearsal.world.lock = null;
        expect(await goBack(scene.rehearsal.desk())).toMatchObject({ ok: true });
      }
    });
    expect(end.ok).toBe(true);
  });

  test('does not wait for somebody who died while answering', async () => {
    const scene = await inTrial();
    unbind(scene);
    const path = `/var/lib/switchyard/${scene.transaction}/private/journal.jsonl`;
    const { end, elapsed } = await watched(scene, (since) => {
      if (since === settleTime + 60_000) writeAt(scene.rehearsal.world.disk, path, `${journal(scene)}{"at":1,"boot":"1","kind":"work","work":"keep"}\n`);
    });
    expect(end.ok).toBe(false);
    expect(elapsed).toBe(settleTime + answerTime);
  });

  test('is counted down too when its store cannot be read any more', async () => {
    const scene = await inTrial();
    const gone = (desk: Desk): Desk => ({ ...desk, hands: { ...desk.hands, take: () => ({ ok: false, problem: { code: 'step-failed', detail: { why: 'EIO' } } }) } });
    const { end, aloud } = await watched(scene, () => undefined, gone);
    expect(end.ok).toBe(false);
    expect(aloud.length).toBeGreaterThan(7);
  });
});
