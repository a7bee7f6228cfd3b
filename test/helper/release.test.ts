// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { Intent } from '../../contract/plan';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { undo } from '../../helper/undo';
import { probe } from '../../host/probe';
import { differences, find, textAt } from '../../rehearsal/files';
import { namesIn, readImage } from '../../rehearsal/image';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { boundToVfio } from '../../rehearsal/run-through';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

type Dedicate = Extract<Intent, { kind: 'dedicate' }>;

async function begun(rehearsal: Rehearsal, intent: Intent) {
  const plan = rehearsal.plan(intent);
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  const approved = hashOf(plan.value);
  const applied = await apply(rehearsal.desk(), { intent, approved });
  if (!applied.ok || applied.value.transaction === null) throw new Error(JSON.stringify(applied));
  await rehearsal.restart();
  return { approved, transaction: applied.value.transaction };
}

async function kept(rehearsal: Rehearsal, intent: Intent) {
  const answer = await begun(rehearsal, intent);
  expect(await keep(rehearsal.desk(), answer)).toMatchObject({ ok: true, value: { state: 'kept' } });
  await rehearsal.restart();
  return answer.transaction;
}

async function dedicated(name = '010-z370-i5-9400-gt1030') {
  const rehearsal = openRehearsal(corpusFacts(name), {}, null);
  const before = rehearsal.image();
  const wish = wishes(probe(rehearsal.eyes())).find((each): each is Dedicate => each.kind === 'dedicate' && rehearsal.plan(each).ok);
  if (wish === undefined) throw new Error('no wish');
  const transaction = await kept(rehearsal, wish);
  expect(boundToVfio(rehearsal).length).toBe(wish.devices.length);
  return { rehearsal, before, wish, transaction, release: { kind: 'release', devices: wish.devices } as const };
}

const bound = (text: string | null): boolean => (text ?? '').includes('switchyard.bind=');

describe('releasing a card that every start gave away', () => {
  test('is tried in one start, in which the card is the host’s, and only then kept', async () => {
    const { rehearsal, release, before } = await dedicated();
    const given = rehearsal.image();
    const answer = await begun(rehearsal, release);
    expect(boundToVfio(rehearsal)).toEqual([]);
    expect(rehearsal.world.kernel?.args.some((arg) => arg.startsWith('switchyard.bind='))).toBe(false);
    // Nothing that acts on every start has changed yet.
    expect(differences(given, rehearsal.image()).filter((line) => !/custom\.cfg|grubenv/.test(line))).toEqual([]);
    expect(await keep(rehearsal.desk(), answer)).toMatchObject({ ok: true, value: { state: 'kept' } });
    await rehearsal.restart();
    expect(boundToVfio(rehearsal)).toEqual([]);
    const { disk } = rehearsal.world;
    expect(find(disk, '/etc/default/grub.d/60-switchyard.cfg')).toBeNull();
    expect(find(disk, '/etc/initramfs-tools/scripts/init-top/00-switchyard')).toBeNull();
    expect(bound(textAt(disk, '/boot/grub/grub.cfg'))).toBe(false);
    for (const name of Object.keys(Object.fromEntries(rehearsal.image())).filter((path) => path.startsWith('/boot/initrd.img-'))) {
      const image = readImage(textAt(disk, name));
      expect(image === null ? [] : namesIn(image)).not.toContain('scripts/init-top/00-switchyard');
    }
    await rehearsal.restart();
    // GRUB itself leaves an empty word where the one-shot stood.
    expect(differences(before, rehearsal.image())).toEqual(['~/boot/grub/grubenv']);
  });

  test('that nobody answers is over with the next start: the card is given away again', async () => {
    const { rehearsal, release, wish } = await dedicated();
    const given = rehearsal.image();
    await begun(rehearsal, release);
    await rehearsal.restart();
    await rehearsal.restart();
    expect(boundToVfio(rehearsal).length).toBe(wish.devices.length);
    expect(differences(given, rehearsal.image())).toEqual([]);
  });

  test('undone gives the card away as before, and only then can the giving itself be undone', async () => {
    const { rehearsal, release, wish, transaction, before } = await dedicated();
    const given = rehearsal.image();
    const newer = await kept(rehearsal, release);
    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'newer', transaction: newer } } });
    expect(await undo(rehearsal.desk(), { transaction: newer })).toMatchObject({ ok: true, value: { state: 'undone', restart: true } });
    await rehearsal.restart();
    expect(boundToVfio(rehearsal).length).toBe(wish.devices.length);
    expect(differences(given, rehearsal.image())).toEqual([]);
    expect((await undo(rehearsal.desk(), { transaction })).ok).toBe(true);
    await rehearsal.restart();
    await rehearsal.restart();
    expect(differences(before, rehearsal.image())).toEqual([]);
  });
});

describe('huge pages that the kernel sets aside while it starts', () => {
  test('are tried once and kept, with the card that is given away still given', async () => {
    const { rehearsal, wish } = await dedicated();
    const given = rehearsal.image();
    const pages: Intent = { kind: 'huge-pages', sizeKiB: 2048, count: 64, numa: 0, when: 'always' };
    const transaction = await kept(rehearsal, pages);
    expect(rehearsal.world.kernel?.args).toEqual(expect.arrayContaining(['hugepagesz=2M', 'hugepages=0:64']));
    expect(boundToVfio(rehearsal).length).toBe(wish.devices.length);
    expect((await undo(rehearsal.desk(), { transaction })).ok).toBe(true);
    await rehearsal.restart();
    await rehearsal.restart();
    expect(differences(given, rehearsal.image())).toEqual([]);
  });
});
