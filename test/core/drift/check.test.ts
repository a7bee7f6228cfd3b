// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import type { DriftReport } from '../../../contract/point';
import { checkDrift } from '../../../core/drift/check';
import { lookPlaces } from '../../../host/look-places';
import { lookStore } from '../../../host/look-store';
import { probe } from '../../../host/probe';
import { contentOf } from '../../../rehearsal/content';
import { change } from '../../../rehearsal/disk';
import { find } from '../../../rehearsal/files';
import { Scene } from '../../helper/restore-scene';

const dropIn = '/etc/default/grub.d/60-switchyard.cfg';
const menu = '/boot/grub/grub.cfg';

async function kept() {
  const scene = new Scene();
  const wish = scene.wishes()[0]!;
  await scene.make(wish);
  return { scene, transaction: scene.kept[0]!, wish };
}

type Facts = ReturnType<typeof probe>;
function check(scene: Scene, facts: (facts: Facts) => Facts = (same) => same): Omit<DriftReport, 'checked'> {
  const eyes = scene.rehearsal.eyes();
  const seen = facts(probe(eyes));
  return checkDrift({ all: lookStore(eyes), seen: lookPlaces(eyes, seen.kernel.release.value), facts: seen });
}
const said = (report: Pick<DriftReport, 'steps'>): readonly (string | null)[] => report.steps.filter(({ at }) => at !== 'holds').map(({ why }) => why?.code ?? null);
function write(scene: Scene, path: string, text: (old: string) => string): void {
  const { disk } = scene.rehearsal.world;
  const file = find(disk, path);
  if (file === null) throw new Error(path);
  change(disk, file, { content: contentOf(text(file.content.text)) });
}

test('what was just kept holds, step by step, with nothing to repair', async () => {
  const { scene, transaction } = await kept();
  const report = check(scene);
  expect(report).toMatchObject({ transaction, state: 'holds', repair: null, repairWhy: null });
  expect(report.steps.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['boot-config', 'kernel-args', 'default-image', 'early-bind', 'start', 'device']));
});

test('a point taken since is no promise of its own, and what was undone is none at all', async () => {
  const { scene, transaction } = await kept();
  await scene.point();
  expect(check(scene)).toMatchObject({ transaction, state: 'holds' });
  await scene.undo(transaction);
  expect(check(scene)).toMatchObject({ state: 'nothing-kept', steps: [] });
});

test('in the trial start in which a repair was kept nothing is wrong, and an earlier point is led back to without asking about it', async () => {
  const scene = new Scene();
  await scene.point();
  await scene.make(scene.wishes()[0]!);
  write(scene, dropIn, (old) => `${old}# by hand\n`);
  const { repair } = check(scene);
  if (repair?.kind !== 'restore') throw new Error('no repair');
  expect(await scene.keepInTrial(repair)).toMatchObject({ ok: true });
  expect(check(scene)).toMatchObject({ state: 'holds', repair: null });
  const [point] = scene.points;
  expect(await scene.make({ kind: 'restore', to: point!, choices: [] })).toMatchObject({ ok: true });
  expect(scene.text(dropIn)).toBeNull();
});

test('a start menu made anew by a package holds while it says our words', async () => {
  const { scene } = await kept();
  write(scene, menu, (old) => `${old}# made anew\n`);
  expect(said(check(scene))).toEqual([]);
});

test('a start menu made anew without our words is told, and the repair writes them again', async () => {
  const { scene, transaction } = await kept();
  write(scene, menu, (old) => old.replaceAll(/ switchyard\.bind=[0-9a-f]+/g, ''));
  const report = check(scene);
  expect(said(report)).toEqual(['drift.menu-without-words']);
  expect(report.repair).toEqual({ kind: 'restore', to: { transaction, side: 'after' }, choices: [{ place: 'grub-config', take: 'then' }] });
  expect(await scene.make(report.repair!)).toMatchObject({ ok: true });
  expect(check(scene).state).toBe('holds');
  expect(scene.text(menu)).toContain(`switchyard.bind=${transaction}`);
});

test('an edited drop-in is told by name, and the repair puts it back', async () => {
  const { scene } = await kept();
  scene.edit(dropIn, '# my words');
  const report = check(scene);
  expect(report.steps.filter(({ at }) => at === 'changed')).toMatchObject([{ kind: 'kernel-args', path: dropIn, why: { code: 'drift.edited' } }]);
  expect(await scene.make(report.repair!)).toMatchObject({ ok: true });
  expect(check(scene).state).toBe('holds');
});

test('an image that a package built anew cannot be told from here, and the repair builds it with our script', async () => {
  const { scene } = await kept();
  scene.update();
  const report = check(scene);
  expect(report.state).toBe('unknown');
  expect(said(report)).toEqual(['drift.image-rebuilt']);
  expect(await scene.make(report.repair!)).toMatchObject({ ok: true });
  expect(check(scene).state).toBe('holds');
});

test('a start without our words is told once it should have had them', async () => {
  const { scene } = await kept();
  const report = check(scene, (facts) => ({ ...facts, kernel: { ...facts.kernel, args: { value: (facts.kernel.args.value ?? []).filter((arg) => !arg.startsWith('switchyard.')), from: 'test' } } }));
  expect(said(report)).toEqual(['drift.start-without']);
  expect(report.repairWhy?.code).toBe('drift.repair.restart');
});

test('a card that moved, went, was exchanged or is driven by the host is told with its address', async () => {
  const { scene, wish } = await kept();
  const address = wish.kind === 'dedicate' ? wish.devices[0]!.address : '';
  const one = (patch: (fn: Facts['pci']['functions'][number]) => Facts['pci']['functions']) => (facts: Facts): Facts => ({ ...facts, pci: { ...facts.pci, functions: facts.pci.functions.flatMap((fn) => (fn.address === address ? patch(fn) : [fn])) } });
  expect(said(check(scene, one((fn) => [{ ...fn, address: '0000:7f:00.0' as typeof fn.address }])))).toEqual(['drift.device-moved']);
  expect(said(check(scene, one(() => [])))).toEqual(['drift.device-gone']);
  expect(said(check(scene, one((fn) => [{ ...fn, device: 'ffff' }])))).toEqual(['drift.device-other']);
  const driven = check(scene, one((fn) => [{ ...fn, driver: 'nouveau' }]));
  expect(said(driven)).toEqual(['drift.not-bound']);
  expect(driven).toMatchObject({ repair: null, repairWhy: { code: 'drift.repair.device' } });
});
