// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { Intent } from '../../contract/plan';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { undo } from '../../helper/undo';
import { probe } from '../../host/probe';
import { find, textAt, writeAt } from '../../rehearsal/files';
import { namesIn, readImage } from '../../rehearsal/image';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { boundToVfio } from '../../rehearsal/run-through';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

const config = '/boot/grub/grub.cfg';
const script = 'scripts/init-top/00-switchyard';

/** A machine whose card is given away at every start, kept and started once more. */
async function kept() {
  const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  const intent = wishes(probe(rehearsal.eyes())).find((each): each is Extract<Intent, { kind: 'dedicate' }> => each.kind === 'dedicate' && rehearsal.plan(each).ok);
  const plan = intent === undefined ? undefined : rehearsal.plan(intent);
  if (intent === undefined || plan?.ok !== true) throw new Error('no wish');
  const approved = hashOf(plan.value);
  const applied = await apply(rehearsal.desk(), { intent, approved });
  if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
  const { transaction } = applied.value;
  await rehearsal.restart();
  expect(await keep(rehearsal.desk(), { transaction, approved })).toMatchObject({ ok: true });
  await rehearsal.restart();
  const images = [...rehearsal.image().keys()].filter((path) => /^\/boot\/initrd\.img-[^/]*$/.test(path) && !path.includes('switchyard'));
  return { rehearsal, transaction, images };
}

/** A package update: another argument of the administrator's, and menu and images built anew, with our part in them. */
async function updated(rehearsal: Rehearsal, images: readonly string[]): Promise<void> {
  const { disk } = rehearsal.world;
  writeAt(disk, '/etc/default/grub.d/70-mine.cfg', 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT mitigations=auto"\n');
  writeAt(disk, '/etc/initramfs-tools/conf.d/mine', 'RESUME=auto\n');
  const hands = rehearsal.hands();
  await hands.start({ program: 'grub-mkconfig', output: config });
  for (const output of images) await hands.start({ program: 'mkinitramfs', kernel: output.slice('/boot/initrd.img-'.length), output, config: null });
}

const namesOf = (rehearsal: Rehearsal, path: string): readonly string[] => {
  const image = readImage(textAt(rehearsal.world.disk, path));
  if (image === null) throw new Error(path);
  return namesIn(image);
};

describe('undoing a change after an update built menu and images anew', () => {
  test('makes both once more without our part, and keeps everything the update brought', async () => {
    const { rehearsal, transaction, images } = await kept();
    await updated(rehearsal, images);
    expect(textAt(rehearsal.world.disk, config)).toContain(`mitigations=auto`);
    expect(images.some((path) => namesOf(rehearsal, path).includes(script))).toBe(true);

    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: true, value: { state: 'undone', restart: true, regenerate: [] } });
    expect(textAt(rehearsal.world.disk, config)).toContain('mitigations=auto');
    expect(textAt(rehearsal.world.disk, config)).not.toContain('switchyard');
    for (const path of images) expect(namesOf(rehearsal, path)).not.toContain(script);
    await rehearsal.restart();
    expect(boundToVfio(rehearsal)).toEqual([]);
    expect([...rehearsal.image().keys()].filter((path) => /switchyard/.test(path) && !/-old\d$/.test(path))).toEqual([]);
  });

  test('leaves a menu somebody wrote a line into by hand, and says so: the line could be lost', async () => {
    const { rehearsal, transaction, images } = await kept();
    await updated(rehearsal, images);
    const mine = `${textAt(rehearsal.world.disk, config) ?? ''}# my own line\n`;
    writeAt(rehearsal.world.disk, config, mine);
    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: 'boot-config' } } });
    expect(textAt(rehearsal.world.disk, config)).toBe(mine);
    expect(find(rehearsal.world.disk, `${config}.switchyard`)).toBeNull();
  });

  test('builds nothing while a source of it could not be put back', async () => {
    const { rehearsal, transaction, images } = await kept();
    await updated(rehearsal, images);
    writeAt(rehearsal.world.disk, '/etc/initramfs-tools/scripts/init-top/00-switchyard', '#!/bin/sh\n# mine now\n');
    const before = images.map((path) => textAt(rehearsal.world.disk, path));
    const undone = await undo(rehearsal.desk(), { transaction });
    expect(undone.ok ? [] : (undone.problem.detail['left'] ?? '').split(' ')).toEqual(expect.arrayContaining(['early-bind', 'boot-config']));
    expect(images.map((path) => textAt(rehearsal.world.disk, path))).toEqual(before);
  });

  test('starts no generator while the machine is starting', async () => {
    const { rehearsal, transaction, images } = await kept();
    await updated(rehearsal, images);
    const present = textAt(rehearsal.world.disk, config);
    const desk = rehearsal.desk();
    expect(await undo({ ...desk, origin: { via: 'systemd', uid: null } }, { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete' } });
    expect(textAt(rehearsal.world.disk, config)).toBe(present);
    // The person's own undo finishes it.
    expect(await undo(rehearsal.desk(), { transaction })).toMatchObject({ ok: true, value: { state: 'undone' } });
    expect(textAt(rehearsal.world.disk, config)).not.toContain('switchyard');
  });

  test('undo.sh says what is left to build by hand', async () => {
    const { rehearsal, transaction } = await kept();
    expect(textAt(rehearsal.world.disk, `/var/lib/switchyard/${transaction}/private/undo.sh`)).toContain('update-initramfs -u -k all, then update-grub');
  });

  test('units are read anew at once; at a start they are named, because systemd has read them already', async () => {
    const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
    const intent: Intent = { kind: 'vm-host', needs: ['session'] };
    const done = async () => {
      const plan = rehearsal.plan(intent);
      if (!plan.ok) throw new Error('plan');
      const applied = await apply(rehearsal.desk(), { intent, approved: hashOf(plan.value) });
      if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
      return applied.value.transaction;
    };
    expect(await undo(rehearsal.desk(), { transaction: await done() })).toMatchObject({ ok: true, value: { regenerate: [] } });
    // In no group yet, or the undo at a start would be left over that.
    writeAt(rehearsal.world.disk, '/etc/group', (textAt(rehearsal.world.disk, '/etc/group') ?? '').replace('kvm:x:105:', 'kvm:x:105:user'));
    const transaction = await done();
    expect(await undo({ ...rehearsal.desk(), origin: { via: 'systemd', uid: null } }, { transaction })).toMatchObject({ ok: true, value: { regenerate: ['unit-drop-in'] } });
  });
});
