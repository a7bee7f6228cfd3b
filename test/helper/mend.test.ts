// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { lineLimit } from '../../contract/helper';
import { summary } from '../../contract/history';
import { pointFile } from '../../contract/point';
import { putBlock } from '../../core/step/edit/marker-block';
import { apply } from '../../helper/apply';
import { draw, hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { look } from '../../helper/look';
import { mend } from '../../helper/mend';
import { recover } from '../../helper/recover';
import { restore } from '../../helper/restore';
import { undo } from '../../helper/undo';
import { readStates } from '../../helper/store';
import { lookStore } from '../../host/look-store';
import type { FaultKind } from '../../rehearsal/faults';
import { listing, writeAt } from '../../rehearsal/files';
import { rehearsalOf } from '../../rehearsal/machine';
import { powerOn } from '../../rehearsal/start';
import { forkWorld } from '../../rehearsal/world';
import { Scene } from './restore-scene';

const store = '/var/lib/switchyard';

async function kept() {
  const scene = new Scene();
  const [wish] = scene.wishes();
  await scene.make(wish!);
  return { scene, transaction: scene.kept[0]! };
}

describe('what everybody may read', () => {
  test.each([
    ['torn', (text: string) => text.slice(0, 100)],
    ['of an older state', (text: string) => text.replace('"state":"kept"', '"state":"trial-running"')],
    ['of a schema nobody knows', (text: string) => text.replace('"schema":1', '"schema":7')],
    ['empty', () => ''],
  ])('is made again from the journal when it is %s', async (_, damage) => {
    const { scene, transaction } = await kept();
    const before = [`${store}/${transaction}/summary.json`, `${store}/${transaction}/point.json`].map((path) => [path, scene.text(path) ?? ''] as const);
    for (const [path, text] of before) writeAt(scene.rehearsal.world.disk, path, damage(text), { mode: 0o644 });
    expect(await mend(scene.rehearsal.desk())).toMatchObject({ ok: true });
    for (const [path, text] of before) expect(JSON.parse(scene.text(path) ?? '')).toEqual(JSON.parse(text));
  });

  test('tells at the next start what the journal tells, whatever failed at the end of keep', { timeout: 120_000 }, async () => {
    const base = new Scene();
    const [wish] = base.wishes();
    const plan = draw(base.rehearsal.eyes(), wish!);
    if (!plan.ok) throw new Error('no plan');
    const approved = hashOf(plan.value);
    const applied = await apply(base.rehearsal.desk(), { intent: wish!, approved });
    if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
    const { transaction } = applied.value;
    const walk = async (faults: ReadonlyMap<number, FaultKind>) => {
      const world = forkWorld(base.rehearsal.world, 7);
      const rehearsal = rehearsalOf(world);
      powerOn(world);
      await recover({ ...rehearsal.desk(), origin: { via: 'systemd', uid: null } });
      const summed: number[] = [];
      world.faults = { ...world.faults, at: faults, operations: 0, onOperation: ({ number, path }) => { if (/summary|point\.json/.test(path)) summed.push(number); } };
      await keep(rehearsal.desk(), { transaction, approved }).catch(() => null);
      world.faults = { ...world.faults, at: new Map(), due: [] };
      await rehearsal.restart();
      await rehearsal.restart();
      return { rehearsal, summed };
    };
    const { summed } = await walk(new Map());
    const wrong: string[] = [];
    expect(summed.length).toBeGreaterThan(10);
    for (const at of summed) {
      for (const kind of ['fails', 'killed'] as const) {
        const { rehearsal } = await walk(new Map([[at, kind]]));
        const states = readStates(rehearsal.desk());
        const truth = states.ok ? states.value.find((each) => each.transaction === transaction)?.state : null;
        const told = lookStore(rehearsal.eyes()).find((each) => each.summary.transaction === transaction)?.summary.state;
        if (told !== truth) wrong.push(`${kind} at ${String(at)} : ${String(told)}, but ${String(truth)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('holds no content of a file that not everybody may read', async () => {
    const scene = new Scene();
    writeAt(scene.rehearsal.world.disk, '/boot/grub/custom.cfg', '# MARK-OF-A-SECRET\n', { mode: 0o600 });
    await scene.point();
    const { disk } = scene.rehearsal.world;
    const eyes = scene.rehearsal.eyes();
    const readable = [...listing(disk, store).keys()].filter((path) => eyes.may(path, 'read') === true && eyes.text(path).at === 'is');
    expect(readable.some((path) => path.endsWith('point.json'))).toBe(true);
    for (const path of readable) expect(scene.text(path)).not.toContain('MARK-OF-A-SECRET');
    const looked = await look(scene.rehearsal.desk(), { of: { kind: 'points', from: { transaction: scene.kept[0]!, side: 'before' }, to: null } });
    expect(JSON.stringify(looked)).not.toContain('MARK-OF-A-SECRET');
  });
});

test('what root shows fits one line of the wire, however much of ours there is', async () => {
  const scene = new Scene();
  const big = (mark: string): string => {
    const text = putBlock('', Array.from({ length: 300 }, () => mark.repeat(600)).join('\n'));
    return text.ok ? text.value : '';
  };
  writeAt(scene.rehearsal.world.disk, '/boot/grub/custom.cfg', big('\u0001'));
  await scene.point();
  writeAt(scene.rehearsal.world.disk, '/boot/grub/custom.cfg', big('"'));
  const looked = await look(scene.rehearsal.desk(), { of: { kind: 'points', from: { transaction: scene.kept[0]!, side: 'before' }, to: null } });
  expect(looked).toMatchObject({ ok: true, value: { places: [{ path: '/boot/grub/custom.cfg', hunk: [], was: [] }] } });
  expect(JSON.stringify(looked).length).toBeLessThan(lineLimit.answer);
});

describe('what cannot be read', () => {
  test('a torn journal refuses every new change by a code, and touches nothing', async () => {
    const { scene, transaction } = await kept();
    const path = `${store}/${transaction}/private/journal.jsonl`;
    const text = scene.text(path) ?? '';
    writeAt(scene.rehearsal.world.disk, path, `{"kind":"nonsense"}\n${text}`, { mode: 0o600 });
    const image = [...scene.image()];
    expect(await scene.back({ transaction, side: 'before' })).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'unfinished', transaction } } });
    expect(await undo(scene.rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'unreadable' } });
    expect([...scene.image()]).toEqual(image);
  });

  test('a point whose texts are gone is refused by a code before anything is touched, or put back whole', async () => {
    const { scene, transaction } = await kept();
    const point = lookStore(scene.rehearsal.eyes())[0]!.moments[0]!.places.find(({ place }) => place === 'grub-config')!;
    writeAt(scene.rehearsal.world.disk, `${store}/contents/${point.is!.sha256}`, 'torn', { mode: 0o600 });
    const saved = scene.text(`${store}/${transaction}/private/journal.jsonl`)?.match(new RegExp(`"sha256":"${point.is!.sha256}"[^}]*\\},"saved":"([0-9-]+)"`))?.[1];
    writeAt(scene.rehearsal.world.disk, `${store}/${transaction}/private/before/${saved ?? ''}`, 'torn', { mode: 0o600 });
    const image = scene.image();
    expect(await scene.back({ transaction, side: 'before' })).toMatchObject({ ok: false, problem: { code: 'not-found', detail: { what: 'content' } } });
    await scene.restart();
    expect([...scene.image()]).toEqual([...image]);
  });

  test('a full disk leaves the computer as it was and the change undone', async () => {
    const { scene, transaction } = await kept();
    const image = scene.image();
    const { world } = scene.rehearsal;
    const counted = { ...world.faults };
    const plan = draw(scene.rehearsal.eyes(), { kind: 'restore', to: { transaction, side: 'before' }, choices: [] });
    if (!plan.ok) throw new Error('no plan');
    for (const at of [40, 90, 140, 190]) {
      world.faults = { ...counted, operations: 0, at: new Map(Array.from({ length: 12 }, (_, n) => [at + n, 'half'] as const)) };
      await restore(scene.rehearsal.desk(), { to: { transaction, side: 'before' }, choices: [], approved: hashOf(plan.value) });
      world.faults = { ...counted, at: new Map(), due: [] };
      await scene.restart();
      await scene.restart();
      const states = readStates(scene.rehearsal.desk());
      if (states.ok && states.value[0]?.transaction !== transaction && states.value[0]?.state === 'kept') break;
      expect([at, [...scene.image()].filter(([path, what]) => image.get(path) !== what).map(([path]) => path)]).toEqual([at, []]);
    }
  });

  test('a summary and a point of another shape are no summary and no point', () => {
    expect(summary.safeParse({ schema: 2 }).success).toBe(false);
    expect(pointFile.safeParse({ schema: 2, transaction: '0'.repeat(16), moments: [] }).success).toBe(false);
  });
});
