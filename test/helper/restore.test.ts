// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { apply } from '../../helper/apply';
import { draw, hashOf } from '../../helper/draw';
import { restore } from '../../helper/restore';
import { makeRandom } from '../../rehearsal/random';
import { Scene } from './restore-scene';

const dropIn = '/etc/default/grub.d/60-switchyard.cfg';

/** One card given away for good. */
async function given(machine?: string) {
  const scene = new Scene(machine);
  const [wish] = scene.wishes();
  if (wish === undefined) throw new Error('no wish');
  expect(await scene.make(wish)).toMatchObject({ ok: true });
  const [transaction] = scene.kept;
  if (transaction === undefined) throw new Error('not kept');
  return { scene, transaction, wish };
}

describe('a restore', () => {
  test('to before a change gives every file back, byte for byte, and the computer starts', async () => {
    const { scene, transaction } = await given();
    expect(await scene.back({ transaction, side: 'before' })).toMatchObject({ ok: true, value: { state: 'kept', restart: true } });
    expect(scene.differs({ transaction, side: 'before' })).toEqual([]);
  });

  test('to a change that was led back tries it once first, and gives the same bytes again', async () => {
    const { scene, transaction } = await given();
    await scene.back({ transaction, side: 'before' });
    expect(await scene.back({ transaction, side: 'after' })).toMatchObject({ ok: true, value: { state: 'waiting-for-restart' } });
    expect(scene.differs({ transaction, side: 'after' })).toEqual([]);
  });

  test('is a restore point itself and can be undone', async () => {
    const { scene, transaction } = await given();
    await scene.back({ transaction, side: 'before' });
    const restored = scene.kept.at(-1)!;
    expect(await scene.undo(restored)).toMatchObject({ ok: true, value: { state: 'undone' } });
    expect(scene.differs({ transaction, side: 'after' })).toEqual([]);
    expect(scene.differs({ transaction: restored, side: 'before' })).toEqual([]);
  });

  test('to where the computer is already does nothing and leaves no transaction', async () => {
    const { scene, transaction } = await given();
    expect(await scene.back({ transaction, side: 'after' })).toMatchObject({ ok: true, value: { transaction: null } });
    expect(scene.kept).toHaveLength(1);
  });

  test('is refused while a change has not ended, and says which', async () => {
    const { scene, transaction } = await given();
    await scene.back({ transaction, side: 'before' });
    const again = scene.wishes()[0]!;
    const plan = draw(scene.rehearsal.eyes(), again);
    if (!plan.ok) throw new Error('no plan');
    const waiting = await apply(scene.rehearsal.desk(), { intent: again, approved: hashOf(plan.value) });
    if (!waiting.ok) throw new Error('not applied');
    expect(await scene.back({ transaction, side: 'after' })).toMatchObject({ ok: false, problem: { detail: { why: 'trial-left' } } });
    expect(await restore(scene.rehearsal.desk(), { to: { transaction, side: 'after' }, choices: [], approved: hashOf(plan.value) })).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'unfinished', transaction: waiting.value.transaction } } });
  });
});

describe("what somebody else changed since", () => {
  test('stays as they made it unless the person chose otherwise for that very file', async () => {
    const { scene, transaction } = await given();
    scene.edit(dropIn, '# my own words');
    expect(await scene.back({ transaction, side: 'before' })).toMatchObject({ ok: true });
    expect(scene.text(dropIn)).toContain('# my own words');
    expect(scene.differs({ transaction, side: 'before' }).filter((path) => !path.includes('grub.d') && !path.includes('grub.cfg'))).toEqual([]);
  });

  test('goes where the person chose then, and comes back with undo', async () => {
    const { scene, transaction } = await given();
    scene.edit(dropIn, '# my own words');
    expect(await scene.back({ transaction, side: 'before' }, [{ place: 'grub-drop-in', take: 'then' }])).toMatchObject({ ok: true });
    expect(scene.differs({ transaction, side: 'before' })).toEqual([]);
    await scene.undo(scene.kept.at(-1)!);
    expect(scene.text(dropIn)).toContain('# my own words');
  });

  test('may become what we last left there', async () => {
    const { scene, transaction } = await given();
    scene.edit(dropIn, '# my own words');
    const ours = scene.was.get(`${transaction}:after`)?.get(dropIn);
    expect(await scene.back({ transaction, side: 'before' }, [{ place: 'grub-drop-in', take: 'ours' }])).toMatchObject({ ok: true });
    expect(scene.image().get(dropIn)).toBe(ours);
  });

  test('of a generated file is made anew from the settings of then: the menu loses our words, the images our script', async () => {
    const { scene, transaction } = await given();
    scene.update();
    await scene.restart();
    expect(scene.text('/boot/grub/grub.cfg')).toContain('switchyard.bind=');
    expect(await scene.back({ transaction, side: 'before' })).toMatchObject({ ok: true });
    expect(scene.text('/boot/grub/grub.cfg')).not.toContain('switchyard.bind=');
    expect(scene.differs({ transaction, side: 'before' })).toEqual([]);
  });

  test('a choice for a file nobody touched is refused as stale', async () => {
    const { scene, transaction } = await given();
    expect(await scene.back({ transaction, side: 'before' }, [{ place: 'grub-drop-in', take: 'ours' }])).toMatchObject({ ok: false, problem: { code: 'plan-stale', detail: { why: 'choice' } } });
  });
});

describe('a point taken on request', () => {
  test('changes nothing and can be gone back to', async () => {
    const { scene, transaction } = await given();
    const before = scene.image();
    expect(await scene.point()).toMatchObject({ ok: true, value: { state: 'kept', restart: false } });
    expect([...scene.image()]).toEqual([...before]);
    const point = scene.kept.at(-1)!;
    await scene.back({ transaction, side: 'before' });
    expect(await scene.back({ transaction: point, side: 'after' })).toMatchObject({ ok: true });
    expect(scene.differs({ transaction: point, side: 'after' })).toEqual([]);
  });

  test('does not stand on a change: that one can still be undone', async () => {
    const { scene, transaction } = await given();
    await scene.point();
    expect(await scene.undo(transaction)).toMatchObject({ ok: true, value: { state: 'undone' } });
  });
});

const machines = ['010-z370-i5-9400-gt1030', '026-z690-uhd770-rx6700xt-rx560', '008-am4-two-identical-rx580', '027-x670e-i-rtx3080-raphael'];

describe('random lives of a machine', () => {
  test.each(Array.from({ length: 6 }, (_, seed) => seed + 1))('lead back to any earlier point, byte for byte: seed %i', { timeout: 60_000 }, async (seed) => {
    const random = makeRandom(seed);
    const scene = new Scene(random.pick(machines as [string, ...string[]]));
    for (let n = 0; n < 5; n += 1) {
      const roll = random.below(6);
      const wish = scene.wishes()[random.below(4)];
      const newest = scene.kept.at(-1);
      const point = scene.points[random.below(Math.max(1, scene.points.length))];
      if (roll <= 1 && wish !== undefined) await scene.make(wish);
      else if (roll === 2) await scene.point();
      else if (roll === 3 && newest !== undefined) await scene.undo(newest);
      else if (point !== undefined) expect(await scene.back(point)).toMatchObject({ ok: true });
    }
    // Each way back adds points of its own.
    for (const point of [...scene.points]) {
      expect({ point, done: (await scene.back(point)).ok }).toEqual({ point, done: true });
      expect({ point, differs: scene.differs(point) }).toEqual({ point, differs: [] });
    }
  });

  test.each(Array.from({ length: 6 }, (_, seed) => seed + 101))("never lose somebody else's edit: seed %i", { timeout: 60_000 }, async (seed) => {
    const random = makeRandom(seed);
    const scene = new Scene(random.pick(machines as [string, ...string[]]));
    const mine = new Map<string, string>();
    const places = ['/boot/grub/custom.cfg', '/etc/default/grub.d/70-mine.cfg', '/etc/initramfs-tools/modules', dropIn, '/etc/initramfs-tools/scripts/init-top/00-switchyard', '/etc/modprobe.d/switchyard.conf'];
    for (let n = 0; n < 7; n += 1) {
      const roll = random.below(7);
      const wish = scene.wishes()[random.below(4)];
      const newest = scene.kept.at(-1);
      const point = scene.points[random.below(Math.max(1, scene.points.length))];
      if (roll <= 1 && wish !== undefined) await scene.make(wish);
      else if (roll === 2 && newest !== undefined) await scene.undo(newest);
      else if (roll === 3) {
        const path = places[random.below(places.length)]!;
        if (scene.text(path) !== null || !path.includes('switchyard')) {
          scene.edit(path, `# mine ${String(n)}`);
          mine.set(path, `# mine ${String(n)}`);
        }
      } else if (roll === 4) scene.update();
      else if (point !== undefined) await scene.back(point);
      for (const [path, mark] of mine) expect({ n, path, text: scene.text(path)?.includes(mark) }).toEqual({ n, path, text: true });
    }
  });
});
