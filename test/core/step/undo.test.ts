// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../../contract/plan';
import { planFor } from '../../../core/plan/plan-for';
import type { PlaceChange } from '../../../core/step/changes';
import { beforeFolder, pathOf } from '../../../core/step/places';
import { undoList } from '../../../core/step/undo';
import { undoScript } from '../../../core/step/undo-script';
import { dedicate, facts, fixture, grubEnv, kernel, seen, texts, transaction } from '../plan/machine';
import { fell, perform, pictureOf, plant, put, textAt, undoByList, undoByScript, type Tree } from './tree';

const env = pathOf('grub-env', '');
const customPath = pathOf('grub-custom', '');
const files = (custom: string | null, block = grubEnv()): Record<string, string> => ({
  '/etc/default/grub': texts()['grub-default'] ?? '',
  '/boot/grub/grub.cfg': fixture('debian.cfg'),
  [env]: block,
  [`/boot/initrd.img-${kernel}`]: 'image 18',
  [`/boot/vmlinuz-${kernel}`]: 'kernel 18',
  '/boot/vmlinuz-6.1.0-17-amd64': 'kernel 17',
  '/boot/initrd.img-6.1.0-17-amd64': 'image 17',
  '/etc/initramfs-tools/hooks/theirs': '#!/bin/sh\n',
  ...(custom === null ? {} : { [customPath]: custom }),
});
const built = (change: PlaceChange): string =>
  change.change === 'build-config' ? fixture('debian-kept.cfg') : `built ${change.place}`;

function drawn(custom: string | null): Plan {
  const plan = planFor(facts(), seen({ ...texts(), 'grub-custom': custom }), dedicate());
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  return plan.value;
}

const planted: Tree[] = [];
afterEach(() => planted.splice(0).forEach(fell));

/** A machine with the change done up to `phases`; `asGrub`: a start has taken the one-shot, as GRUB itself writes it down. */
function changed(
  custom: string | null,
  phases: Parameters<typeof perform>[2],
  asGrub = false,
  block = grubEnv(),
): { tree: Tree; before: Record<string, string> } {
  const tree = plant(files(custom, block));
  planted.push(tree);
  const before = pictureOf(tree);
  const plan = drawn(custom);
  perform(
    tree,
    plan,
    phases.filter((phase) => phase !== 'keep'),
    built,
  );
  if (asGrub)
    put(
      tree,
      env,
      (textAt(tree, env) ?? '').replace('next_entry=switchyard-trial\n', 'next_entry=\n').concat('#'.repeat(16)),
    );
  if (phases.includes('keep')) perform(tree, plan, ['keep'], built);
  return { tree, before };
}

const customs: readonly (readonly [string, string | null])[] = [
  ['no custom.cfg', null],
  ['an empty one', ''],
  ["somebody's", 'set timeout=9\n'],
  ['one without a last line break', 'set timeout=9'],
];
const walks = [['prepare'], ['prepare', 'trial'], ['prepare', 'trial', 'keep']] as const;
const all = customs
  .flatMap(([name, custom]) =>
    walks.flatMap((phases) => [false, true].map((asGrub) => ({ name, custom, phases, asGrub }))),
  )
  .filter((one) => !one.asGrub || one.phases.length > 1);

describe('undo.sh', () => {
  test.each(all)(
    'gives the tree of before, byte for byte: $name, $phases, taken by GRUB: $asGrub',
    ({ custom, phases, asGrub }) => {
      const { tree, before } = changed(custom, phases, asGrub);
      expect(pictureOf(tree)).not.toEqual(before);
      const first = undoByScript(tree);
      expect(first).toMatchObject({ exit: 0 });
      expect(pictureOf(tree)).toEqual(before);
      expect(first.said).toContain(`everything of change ${transaction} is as it was before`);
      expect(undoByScript(tree)).toMatchObject({ exit: 0 });
      expect(pictureOf(tree)).toEqual(before);
    },
  );

  test('keeps what the distribution wrote into the environment block meanwhile', () => {
    const { tree } = changed(null, ['prepare', 'trial'], false, grubEnv('saved_entry=0', 'next_entry='));
    put(tree, env, grubEnv('saved_entry=0', 'next_entry=', 'recordfail=1'));
    expect(undoByScript(tree).exit).toBe(0);
    expect(textAt(tree, env)).toBe(grubEnv('saved_entry=0', 'next_entry=', 'recordfail=1'));
  });

  test('does not take away a one-time start that somebody else chose since', () => {
    const { tree } = changed(null, ['prepare', 'trial']);
    put(tree, env, grubEnv('next_entry=memtest'));
    undoByScript(tree);
    expect(textAt(tree, env)).toBe(grubEnv('next_entry=memtest'));
  });

  test.each(customs)(
    'keeps lines that somebody put into the start menu while we worked, with %s before',
    (_, custom) => {
      for (const undo of [undoByScript, undoByList]) {
        const { tree } = changed(custom, ['prepare', 'trial']);
        put(
          tree,
          pathOf('grub-custom', transaction),
          `${textAt(tree, pathOf('grub-custom', transaction)) ?? ''}# mine\n`,
        );
        perform(tree, drawn(custom), ['keep'], built);
        undo(tree);
        expect(textAt(tree, pathOf('grub-custom', transaction))).toMatch(/# mine\n$/);
      }
    },
  );

  test('never overwrites a file that is not what we wrote, and says so', () => {
    const { tree } = changed(null, ['prepare', 'trial', 'keep']);
    put(tree, '/etc/default/grub.d/60-switchyard.cfg', 'mine now\n');
    const end = undoByScript(tree);
    expect(end.exit).toBe(2);
    expect(end.said).toContain('LEFT AS IT IS');
    expect(textAt(tree, '/etc/default/grub.d/60-switchyard.cfg')).toBe('mine now\n');
    expect(textAt(tree, '/boot/grub/grub.cfg')).toBe(fixture('debian.cfg'));
  });

  test('puts nothing back from a saved copy that is damaged', () => {
    const { tree } = changed(null, ['prepare', 'trial', 'keep']);
    const image = `/boot/initrd.img-${kernel}`;
    const saved = tree.records.find((record) => record.path === image)?.was?.saved ?? '';
    put(tree, `${beforeFolder(transaction)}/${saved}`, 'rotten');
    expect(undoByScript(tree).exit).toBe(2);
    expect(textAt(tree, image)).toContain('built');
  });

  test('puts no image back for a kernel that was removed meanwhile, but one that is only missing', () => {
    const { tree } = changed(null, ['prepare', 'trial', 'keep']);
    for (const path of [
      '/boot/initrd.img-6.1.0-17-amd64',
      '/boot/vmlinuz-6.1.0-17-amd64',
      `/boot/initrd.img-${kernel}`,
    ])
      put(tree, path, null);
    const end = undoByScript(tree);
    expect(end.exit).toBe(0);
    expect(end.said).toContain('its kernel is gone');
    expect([textAt(tree, '/boot/initrd.img-6.1.0-17-amd64'), textAt(tree, `/boot/initrd.img-${kernel}`)]).toEqual([
      null,
      'image 18',
    ]);
  });

  test('sweeps up what an unfinished replacement left beside a file', () => {
    const { tree, before } = changed(null, ['prepare', 'trial', 'keep']);
    for (const name of [
      'grub.cfg.switchyard',
      'grub.cfg.switchyard.new',
      'grub.cfg.switchyard-old',
      '.grub.cfg.switchyard-new',
    ])
      put(tree, `/boot/grub/${name}`, 'half');
    undoByScript(tree);
    expect(pictureOf(tree)).toEqual(before);
  });

  test.each([
    [['--help'], 64, 'usage'],
    [['--root'], 64, 'usage'],
    [['--root', '/nowhere-at-all'], 1, 'is the right disk mounted?'],
    [['--root', 'x', 'y'], 64, 'usage'],
  ])('called with %s ends with %i and changes nothing', (args, exit, said) => {
    const { tree } = changed(null, ['prepare', 'trial']);
    const before = pictureOf(tree);
    const end = undoByScript(tree, args);
    expect(end.exit).toBe(exit);
    expect(end.said).toContain(said);
    expect(pictureOf(tree)).toEqual(before);
  });

  test('refuses to be written with a control character in a path: that would be a bug', () => {
    const item = { how: 'file', stepId: 'x', path: '/boot/a\nb', was: null, ours: [], made: [] } as const;
    expect(() => undoScript({ transaction, items: [item], notes: [] })).toThrow();
  });
});

describe('the one list', () => {
  test("names each place once, the loader's configuration before images and images before scripts", () => {
    const { tree } = changed(null, ['prepare', 'trial', 'keep']);
    expect(undoList(tree.records).map((item) => item.path.replace(/^.*\//, ''))).toEqual([
      `initrd.img-${kernel}-switchyard`,
      'custom.cfg',
      'grub.cfg',
      '60-switchyard.cfg',
      `initrd.img-${kernel}`,
      'initrd.img-6.1.0-17-amd64',
      'switchyard',
      '00-switchyard',
      'grubenv',
    ]);
  });

  const meddling = fc.dictionary(
    fc.constantFrom(
      customPath,
      env,
      '/boot/grub/grub.cfg',
      `/boot/initrd.img-${kernel}`,
      '/etc/default/grub.d/60-switchyard.cfg',
      '/etc/initramfs-tools/hooks/switchyard',
      `/boot/initrd.img-${kernel}-switchyard`,
    ),
    fc.constantFrom('append', 'prepend', 'remove', 'replace', 'before', 'tear'),
    { maxKeys: 4 },
  );
  const meddle = (tree: Tree, path: string, how: string, old: string | null): void => {
    const now = textAt(tree, path) ?? '';
    const next =
      {
        append: `${now}# theirs\n`,
        prepend: `# theirs\n${now}`,
        remove: null,
        replace: 'theirs',
        before: old,
        tear: now.slice(0, Math.floor(now.length / 2)),
      }[how] ?? null;
    put(tree, path, next);
  };

  test("gives the same bytes through the helper's rules and through the script, whatever somebody did meanwhile", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), meddling, ({ custom, phases, asGrub }, edits) => {
        const [byList, byScript] = [changed(custom, phases, asGrub), changed(custom, phases, asGrub)];
        for (const { tree } of [byList, byScript])
          for (const [path, how] of Object.entries(edits)) meddle(tree, path, how, files(custom)[path] ?? null);
        const left = undoByList(byList.tree);
        const end = undoByScript(byScript.tree);
        expect(pictureOf(byScript.tree)).toEqual(pictureOf(byList.tree));
        expect(end.exit).toBe(left.length === 0 ? 0 : 2);
        expect(end.said.split('\n').filter((line) => line.startsWith('LEFT')).length).toBe(left.length);
        planted.splice(0).forEach(fell);
      }),
      { numRuns: 25 },
    );
  });
});
