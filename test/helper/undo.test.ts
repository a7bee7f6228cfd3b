// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { planHash } from '../../contract/plan';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { goBack, undo, undoLast } from '../../helper/undo';
import { probe } from '../../host/probe';
import { differences, find, writeAt } from '../../rehearsal/files';
import { openRehearsal } from '../../rehearsal/machine';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

function scene() {
  const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  const intent = wishes(probe(rehearsal.eyes())).find((each) => rehearsal.plan(each).ok);
  const plan = intent === undefined ? undefined : rehearsal.plan(intent);
  if (intent === undefined || plan?.ok !== true) throw new Error('no wish');
  return { rehearsal, intent, approved: hashOf(plan.value), before: rehearsal.image() };
}

async function prepared() {
  const all = scene();
  const applied = await apply(all.rehearsal.desk(), all);
  if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
  return { ...all, transaction: applied.value.transaction };
}

async function kept() {
  const all = await prepared();
  await all.rehearsal.restart();
  expect(await keep(all.rehearsal.desk(), all)).toMatchObject({ ok: true, value: { state: 'kept' } });
  return all;
}

const dropIn = '/etc/default/grub.d/60-switchyard.cfg';

describe('applying', () => {
  test('refuses another plan than the person read, and leaves no trace', async () => {
    const { rehearsal, intent, before } = scene();
    expect(await apply(rehearsal.desk(), { intent, approved: planHash.parse('b'.repeat(64)) })).toMatchObject({ ok: false, problem: { code: 'plan-stale' } });
    expect(differences(before, rehearsal.image())).toEqual([]);
    expect(find(rehearsal.world.disk, '/var/lib/switchyard')).toBeNull();
  });

  test('does not begin a second change while one waits', async () => {
    const { rehearsal, intent, approved } = await prepared();
    expect(await apply(rehearsal.desk(), { intent, approved })).toMatchObject({ ok: false, problem: { detail: { why: 'unfinished' } } });
  });
});

describe('keeping', () => {
  test('needs the trial to be running', async () => {
    const { rehearsal, transaction, approved } = await prepared();
    expect(await keep(rehearsal.desk(), { transaction, approved })).toMatchObject({ ok: false, problem: { detail: { why: 'no-trial' } } });
  });

  test('is of the very plan that was approved', async () => {
    const { rehearsal, transaction } = await prepared();
    await rehearsal.restart();
    expect(await keep(rehearsal.desk(), { transaction, approved: planHash.parse('b'.repeat(64)) })).toMatchObject({ ok: false, problem: { code: 'plan-stale' } });
  });
});

describe('going back', () => {
  test('before the restart: everything is as it was and nothing needs a restart', async () => {
    const { rehearsal, before } = await prepared();
    expect(await goBack(rehearsal.desk())).toMatchObject({ ok: true, value: { state: 'undone', restart: false } });
    await rehearsal.restart();
    expect(differences(before, rehearsal.image())).toEqual([]);
  });

  test('in the trial: everything is as it was from the next start on', async () => {
    const { rehearsal, before } = await prepared();
    await rehearsal.restart();
    expect(await goBack(rehearsal.desk())).toMatchObject({ ok: true, value: { state: 'undone', restart: true } });
    await rehearsal.restart();
    expect(differences(before, rehearsal.image())).toEqual([]);
  });

  test('a kept change goes with undo-last from a console', async () => {
    const { rehearsal, before } = await kept();
    expect(await undoLast(rehearsal.desk())).toMatchObject({ ok: true, value: { state: 'undone', restart: true } });
    await rehearsal.restart();
    expect(differences(before, rehearsal.image())).toEqual([]);
  });

  test("leaves a file that somebody changed since as they made it, puts back all others, and names the step", async () => {
    const { rehearsal, transaction, before } = await kept();
    writeAt(rehearsal.world.disk, dropIn, '# my own words\n');
    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: 'kernel-args' } } });
    expect(find(rehearsal.world.disk, dropIn)?.content.text).toBe('# my own words\n');
    await rehearsal.restart();
    expect(differences(before, rehearsal.image()).filter((line) => !line.includes('switchyard-old'))).toEqual([expect.stringContaining(dropIn)]);
  });

  test('keeps the image of the trial while the entry that starts it was left, so that no start is led to nothing', async () => {
    const { rehearsal, transaction } = await prepared();
    const { disk } = rehearsal.world;
    const custom = find(disk, '/boot/grub/custom.cfg')?.content.text ?? '';
    writeAt(disk, '/boot/grub/custom.cfg', custom.slice(0, custom.lastIndexOf('}')));
    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: 'trial-entry trial-image' } } });
    expect([...(find(disk, '/boot')?.entries.keys() ?? [])].some((name) => name.endsWith('-switchyard'))).toBe(true);
  });

  test("does not put an old loader configuration over one that somebody generated since", async () => {
    const { rehearsal, transaction } = await kept();
    const newer = `${find(rehearsal.world.disk, '/boot/grub/grub.cfg')?.content.text ?? ''}# a new kernel\n`;
    writeAt(rehearsal.world.disk, '/boot/grub/grub.cfg', newer);
    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: 'boot-config' } } });
    expect(find(rehearsal.world.disk, '/boot/grub/grub.cfg')?.content.text).toBe(newer);
  });

  test('puts back no copy that is not what was saved: leaves the place at a start, and has it generated in the running system', async () => {
    const { rehearsal, transaction } = await kept();
    const store = `/var/lib/switchyard/${transaction}/private`;
    const journal = find(rehearsal.world.disk, `${store}/journal.jsonl`)?.content.text ?? '';
    const saved = /"path":"\/boot\/grub\/grub\.cfg","was":\{[^}]*\},"saved":"([0-9-]+)"/.exec(journal)?.[1] ?? '';
    const ours = find(rehearsal.world.disk, '/boot/grub/grub.cfg')?.content.text;
    writeAt(rehearsal.world.disk, `${store}/before/${saved}`, 'damaged\n', { mode: 0o600 });
    const starting = { ...rehearsal.desk(), origin: { via: 'systemd' as const, uid: null } };
    expect(await undo(starting, { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: 'boot-config' } } });
    expect(find(rehearsal.world.disk, '/boot/grub/grub.cfg')?.content.text).toBe(ours);
    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: true, value: { state: 'undone' } });
    const now = find(rehearsal.world.disk, '/boot/grub/grub.cfg')?.content.text ?? '';
    expect(now).not.toMatch(/damaged|switchyard/);
    expect(now).toContain('menuentry');
  });
});
