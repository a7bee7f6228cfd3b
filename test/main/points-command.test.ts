// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { check } from '../../main/cli/check';
import { compareCommand } from '../../main/cli/compare';
import { point, restore } from '../../main/cli/restore';
import { handsOfRehearsal } from '../../main/hands-rehearsal';
import type { Language } from '../../words/say';
import { Scene } from '../helper/restore-scene';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/switchyard-points-command-`);
  process.env['XDG_DATA_HOME'] = folder;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function kept() {
  const scene = new Scene();
  await scene.make(scene.wishes()[0]!);
  return { scene, transaction: scene.kept[0]!, eyes: scene.rehearsal.eyes(), hands: handsOfRehearsal(scene.rehearsal) };
}
function listener(language: Language = 'en') {
  const said = { out: '', err: '' };
  return { said, io: { out: (text: string) => (said.out += text), err: (text: string) => (said.err += text), language, colour: false, width: 120 } };
}

test('compare says what differs and who made it so, in both languages and as JSON', async () => {
  const { transaction, eyes } = await kept();
  const { said, io } = listener();
  expect(await compareCommand([`${transaction}:before`], io, eyes)).toBe(0);
  expect(said.out).toContain('/etc/default/grub.d/60-switchyard.cfg  new, by Switchyard');
  expect(said.out).toMatch(/\+ GRUB_CMDLINE_LINUX_DEFAULT=/);
  const zh = listener('zh');
  expect(await compareCommand([`${transaction}:before`, 'now'], zh.io, eyes)).toBe(0);
  expect(zh.said.out).toContain('由 Switchyard 更改');
  const json = listener();
  expect(await compareCommand([transaction, 'now', '--json'], json.io, eyes)).toBe(0);
  expect(JSON.parse(json.said.out)).toMatchObject({ schema: 1, kind: 'compared', from: { transaction, side: 'after' }, to: null, same: true });
});

test('compare and restore say how they are used, and that a point is not there', async () => {
  const { eyes, hands } = await kept();
  const one = listener();
  expect([await compareCommand([], one.io, eyes), await restore([], one.io, hands), await point([], one.io, hands), await check(['--nonsense'], one.io, eyes)]).toEqual([64, 64, 64, 64]);
  expect(one.said.err).toContain('switchyard compare POINT');
  expect(one.said.err).toContain('--reason');
  const two = listener();
  expect([await compareCommand(['0123456789abcdef'], two.io, eyes), await restore(['0123456789abcdef'], two.io, hands)]).toEqual([66, 66]);
  expect(two.said.err).toContain('no such restore point');
});

test('restore shows the way first, goes it with --yes, and check then has nothing to hold', async () => {
  const { scene, transaction, eyes, hands } = await kept();
  const seen = listener();
  expect(await restore([`${transaction}:before`], seen.io, hands)).toBe(0);
  expect(seen.said.out).toContain('Run it again with --yes');
  expect(scene.differs({ transaction, side: 'after' })).toEqual([]);
  const gone = listener();
  expect(await restore([`${transaction}:before`, '--yes'], gone.io, hands)).toBe(0);
  expect(gone.said.out).toContain('Restart the computer');
  await scene.restart();
  expect(scene.differs({ transaction, side: 'before' })).toEqual([]);
  const again = listener();
  expect(await restore([`${transaction}:before`, '--yes'], again.io, hands)).toBe(0);
  expect(again.said.out).toContain('Nothing to do');
  expect(await check([], listener().io, eyes)).toBe(0);
}, 60_000);

test("somebody else's edit is named, with how to choose otherwise, and check ends with 1 and the repair", async () => {
  const { scene, transaction, eyes, hands } = await kept();
  scene.edit('/etc/default/grub.d/60-switchyard.cfg', '# mine');
  const { said, io } = listener();
  expect(await restore([`${transaction}:before`], io, hands)).toBe(0);
  expect(said.out.replace(/\s+/g, ' ')).toContain('Somebody else changed /etc/default/grub.d/60-switchyard.cfg since. Chosen: leave it as it is now.');
  expect(said.out).toContain('--take grub-drop-in=then|ours|now');
  const drift = listener();
  expect(await check([], drift.io, eyes)).toBe(1);
  expect(drift.said.out.replace(/\s+/g, ' ')).toContain(`switchyard restore ${transaction}:after --take grub-drop-in=then`);
});

test('point takes one under the person’s words and changes nothing', async () => {
  const { scene, eyes, hands } = await kept();
  const image = [...scene.image()];
  const { said, io } = listener();
  expect(await point(['--reason', 'before the update'], io, hands)).toBe(0);
  expect(said.out).toMatch(/Restore point [0-9a-f]{16} was taken/);
  expect([...scene.image()]).toEqual(image);
  const bad = listener();
  expect(await point(['--reason', 'a\u0000b'], bad.io, hands)).toBe(64);
  expect(await compareCommand([/[0-9a-f]{16}/.exec(said.out)![0]], listener().io, eyes)).toBe(0);
});

test('a setting that is no file is said not to be led back', async () => {
  const scene = new Scene();
  await scene.point();
  const pages = { kind: 'huge-pages' as const, sizeKiB: 2048 as const, count: 8, numa: null, when: 'now' as const };
  expect(await scene.make(pages)).toMatchObject({ ok: true });
  const { said, io } = listener();
  expect(await restore([`${scene.kept[0]!}:after`], io, handsOfRehearsal(scene.rehearsal))).toBe(0);
  expect(said.out.replace(/\s+/g, ' ')).toContain(`A setting of the running computer of the change ${scene.kept[1]!} is not led back`);
});
