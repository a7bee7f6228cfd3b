// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StepOf } from '../../../contract/plan';
import { allGrubEntries, findGrubEntry, readGrubConfig } from '../../../core/read/grub-cfg';
import { printGrubEnv, readGrubEnv, withGrubEnv, type GrubEnv } from '../../../core/read/grub-env';
import { printDropIn, readDropIn } from '../../../core/step/drop-in';
import { putBlock } from '../../../core/step/edit/marker-block';
import { proveConfig, proveEntry } from '../../../core/step/proof';
import { defaultEntry, trialEntryBody } from '../../../core/step/trial-entry';
import { fixture, grubEnv, kernel, transaction } from '../plan/machine';

const step: StepOf<'trial-entry'> = {
  kind: 'trial-entry',
  phase: 'prepare',
  id: 'trial-entry',
  loader: 'grub',
  kernel,
  image: 'own',
  bind: 'this',
  args: ['intel_iommu=on'],
};
const start = { bind: transaction, trial: transaction, args: step.args };
const disk = '1f0e2a4c-7a51-4a5e-9f6e-1b6d3c0a8f22';
const value = <T>(result: { ok: true; value: T } | { ok: false; problem: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
};
const custom = (config: string, env = grubEnv()): string =>
  value(putBlock('', value(trialEntryBody(step, { config, env }, transaction))));

describe('grub.cfg', () => {
  const config = value(readGrubConfig(fixture('debian.cfg')));

  test('gives every entry with its id, kernel, words and image', () => {
    expect(
      allGrubEntries(config.items).map((entry) => [
        entry.id,
        entry.linux?.path,
        entry.linux?.args
          .map((word) => word.text)
          .slice(1)
          .join(' '),
        entry.initrd.join(),
      ]),
    ).toEqual([
      [`gnulinux-simple-${disk}`, `/boot/vmlinuz-${kernel}`, 'ro quiet', `/boot/initrd.img-${kernel}`],
      [`gnulinux-${kernel}-advanced-${disk}`, `/boot/vmlinuz-${kernel}`, 'ro quiet', `/boot/initrd.img-${kernel}`],
      [`gnulinux-${kernel}-recovery-${disk}`, `/boot/vmlinuz-${kernel}`, 'ro single', `/boot/initrd.img-${kernel}`],
      [
        `gnulinux-6.1.0-17-amd64-advanced-${disk}`,
        '/boot/vmlinuz-6.1.0-17-amd64',
        'ro quiet',
        '/boot/initrd.img-6.1.0-17-amd64',
      ],
      [
        `gnulinux-6.1.0-17-amd64-recovery-${disk}`,
        '/boot/vmlinuz-6.1.0-17-amd64',
        'ro single',
        '/boot/initrd.img-6.1.0-17-amd64',
      ],
    ]);
    expect([config.default, config.sourcesCustom, config.takesOneShot]).toEqual(['0', true, true]);
  });

  test.each([
    ['0', `gnulinux-simple-${disk}`],
    ['1>2', `gnulinux-6.1.0-17-amd64-advanced-${disk}`],
    [`gnulinux-advanced-${disk}>gnulinux-${kernel}-advanced-${disk}`, `gnulinux-${kernel}-advanced-${disk}`],
    [
      `Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux ${kernel}`,
      `gnulinux-${kernel}-advanced-${disk}`,
    ],
    ['1', undefined],
    ['9', undefined],
    ['0>0', undefined],
    ['nothing', undefined],
  ])('finds the entry of the default "%s"', (wanted, id) => {
    expect(findGrubEntry(config.items, wanted)?.id).toBe(id);
  });

  test('counts entries people write on one line, so that a default by number is the right one', () => {
    const own = `menuentry "Windows" --id win { chainloader +1 }\nmenuentry 'Tools' { insmod chain\n  chainloader /tools.efi; }\n`;
    const config = value(
      readGrubConfig(fixture('debian.cfg').replace('### BEGIN /etc/grub.d/10_linux ###', `$&\n${own}`)),
    );
    expect([0, 1, 2].map((index) => findGrubEntry(config.items, String(index))?.title)).toEqual([
      'Windows',
      'Tools',
      'Debian GNU/Linux',
    ]);
    expect(config.items[1]).toMatchObject({ body: ['insmod chain', 'chainloader /tools.efi;'], linux: null });
    expect(allGrubEntries(config.items).length).toBe(7);
  });

  test('is refused with unbalanced braces', () => {
    expect(readGrubConfig(fixture('debian.cfg').replace(/^}$/m, '')).ok).toBe(false);
    expect(readGrubConfig('}\n').ok).toBe(false);
  });

  test('with a saved default starts what the environment block names', () => {
    const config = fixture('saved.cfg');
    const saved = `gnulinux-advanced-${disk}>gnulinux-6.1.0-17-amd64-advanced-${disk}`;
    expect(value(defaultEntry({ config, env: grubEnv(`saved_entry=${saved}`) })).entry.id).toBe(
      `gnulinux-6.1.0-17-amd64-advanced-${disk}`,
    );
    expect(value(defaultEntry({ config, env: grubEnv() })).entry.id).toBe(`gnulinux-simple-${disk}`);
    expect(defaultEntry({ config, env: grubEnv('saved_entry=gone') }).ok).toBe(false);
  });
});

describe('the trial entry', () => {
  test.each(['debian.cfg', 'ubuntu.cfg', 'saved.cfg'])(
    'of %s is its default entry with our words and our image, and is proven so',
    (name) => {
      const config = fixture(name);
      const text = custom(config);
      expect(value(proveEntry(text, { config, env: grubEnv() }, { kernel, image: 'own', start }))).toBeUndefined();
      expect(text).toContain(`\tinitrd /boot/initrd.img-${kernel}-switchyard\n`);
      expect(text).not.toContain('savedefault');
      expect(text.match(/switchyard\.bind=/g)?.length).toBe(1);
    },
  );

  test('keeps what the default entry does besides, to the letter', () => {
    expect(custom(fixture('ubuntu.cfg')).split('\n')).toEqual([
      '# --- BEGIN switchyard (generated) ---',
      `menuentry 'Switchyard trial' --class ubuntu --class gnu-linux --class gnu --class os --id switchyard-trial {`,
      '\trecordfail',
      '\tload_video',
      '\tgfxmode $linux_gfx_mode',
      '\tinsmod gzio',
      '\tif [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi',
      '\tinsmod part_gpt',
      '\tinsmod ext2',
      `\tset root='hd0,gpt2'`,
      '\tif [ x$feature_platform_search_hint = xy ]; then',
      `\t  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt2 --hint-efi=hd0,gpt2 --hint-baremetal=ahci0,gpt2 ${disk}`,
      '\telse',
      `\t  search --no-floppy --fs-uuid --set=root ${disk}`,
      '\tfi',
      `\tlinux /boot/vmlinuz-${kernel} root=UUID=${disk} ro quiet splash $vt_handoff switchyard.bind=${transaction} switchyard.trial=${transaction} intel_iommu=on panic=30`,
      `\tinitrd /boot/initrd.img-${kernel}-switchyard`,
      '}',
      '# --- END switchyard ---',
      '',
    ]);
  });

  test('takes the place of an earlier table, keeps it where it is named, and gives nobody anything where none is', () => {
    const earlier = 'fedcba9876543210';
    const config = fixture('debian-kept.cfg').replaceAll(transaction, earlier);
    expect(custom(config)).not.toContain(earlier);
    for (const [bind, own] of [[earlier, earlier], ['none', null]] as const) {
      const other = value(trialEntryBody({ ...step, bind }, { config, env: grubEnv() }, transaction));
      expect(other.includes(`switchyard.bind=${earlier}`)).toBe(own !== null);
      const files = { config, env: grubEnv() };
      const prove = (named: string | null) => proveEntry(value(putBlock('', other)), files, { kernel, image: 'own', start: { ...start, bind: named } });
      expect(value(prove(own))).toBeUndefined();
      expect(prove(own === null ? earlier : null)).toMatchObject({ ok: false, problem: { detail: { why: 'entry-args' } } });
    }
  });

  test.each([
    ['custom-not-sourced', (text: string) => text.replaceAll('/custom.cfg', '/other.cfg')],
    ['one-shot-not-taken', (text: string) => text.replace('save_env next_entry', '')],
    ['default-kernel', (text: string) => text.replaceAll(`vmlinuz-${kernel}`, 'vmlinuz-6.9.0')],
    ['default-unclear', (text: string) => text.replace('set default="0"', 'set default="7"')],
    ['default-unclear', (text: string) => `${text}\nset default="1"\n`],
    ['default-entry-shape', (text: string) => text.replace(/^\tinitrd.*$/m, '')],
    ['default-entry-shape', (text: string) => text.replace('\tinsmod gzio', '\tinsmod gzio \\')],
  ])('is refused with %s', (why, change) => {
    expect(trialEntryBody(step, { config: change(fixture('debian.cfg')), env: grubEnv() }, transaction)).toMatchObject({
      ok: false,
      problem: { detail: { why } },
    });
  });

  test.each([
    ['entry-missing', (text: string) => text.replace('--id switchyard-trial', '--id other')],
    ['entry-kernel', (text: string) => text.replace(`vmlinuz-${kernel}`, 'vmlinuz-6.1.0-17-amd64')],
    ['entry-args', (text: string) => text.replace(' quiet', '')],
    ['entry-args', (text: string) => text.replace(`switchyard.bind=${transaction}`, '')],
    ['entry-args', (text: string) => text.replace(' quiet', ' quiet nomodeset')],
    ['entry-image', (text: string) => text.replace('-switchyard\n', '\n')],
  ])('is not proven when it was damaged: %s', (why, damage) => {
    const config = fixture('debian.cfg');
    const damaged = damage(custom(config));
    expect(damaged).not.toBe(custom(config));
    expect(proveEntry(damaged, { config, env: grubEnv() }, { kernel, image: 'own', start })).toMatchObject({
      ok: false,
      problem: { detail: { why } },
    });
  });
});

describe('the generated configuration', () => {
  const kept = { bind: transaction, trial: null, args: [] };
  test.each(['debian', 'ubuntu'])('of %s is proven to differ by our word on normal entries only', (name) => {
    expect(value(proveConfig(fixture(`${name}.cfg`), fixture(`${name}-kept.cfg`), kept))).toBeUndefined();
  });

  test('is proven when an earlier table makes way for ours', () => {
    const old = fixture('debian-kept.cfg').replaceAll(transaction, 'fedcba9876543210');
    expect(value(proveConfig(old, fixture('debian-kept.cfg'), kept))).toBeUndefined();
  });

  test.each([
    ['config-args', (text: string) => text.replace(` switchyard.bind=${transaction}`, '')],
    ['config-args', () => fixture('debian.cfg')],
    ['config-drift', (text: string) => text.replace('ro single', 'ro single nomodeset')],
    ['config-drift', (text: string) => text.replaceAll('ro  quiet', 'ro  quiet splash')],
    ['config-drift', (text: string) => text.replace('set timeout=5', 'set timeout=1')],
    ['config-drift', (text: string) => text.replace(/\tmenuentry '[^\n]*17-amd64-recovery[\s\S]*?\n\t}\n/, '')],
    ['config-no-entries', () => 'set default="0"\n'],
  ])('is refused when something else changed too: %s', (why, change) => {
    const now = change(fixture('debian-kept.cfg'));
    expect(now).not.toBe(fixture('debian-kept.cfg'));
    expect(proveConfig(fixture('debian.cfg'), now, kept)).toMatchObject({ ok: false, problem: { detail: { why } } });
  });
});

describe('the environment block', () => {
  const key = fc.stringMatching(/^[a-z_]{1,12}$/);
  const env: fc.Arbitrary<GrubEnv> = fc.uniqueArray(fc.tuple(key, fc.stringMatching(/^[A-Za-z0-9>_. -]{0,30}$/)), {
    maxLength: 12,
    selector: ([name]) => name,
  });

  test('prints and reads back', () => {
    fc.assert(
      fc.property(env, (lines) => {
        const block = value(printGrubEnv(lines));
        expect(block.length).toBe(1024);
        expect(value(readGrubEnv(block))).toEqual(lines);
      }),
    );
  });

  test('loses nothing when a key comes and goes', () => {
    fc.assert(
      fc.property(env, (lines) => {
        const without = withGrubEnv(lines, 'next_entry', null);
        expect(withGrubEnv(withGrubEnv(without, 'next_entry', 'switchyard-trial'), 'next_entry', null)).toEqual(
          without,
        );
      }),
    );
  });

  test('keeps the remark that newer tools write under the header', () => {
    const block =
      `# GRUB Environment Block\n# WARNING: Do not edit this file by tools other than grub-editenv!!!\nsaved_entry=0\n`.padEnd(
        1024,
        '#',
      );
    expect(value(printGrubEnv(value(readGrubEnv(block))))).toBe(block);
  });

  test.each([
    ['short', grubEnv().slice(1)],
    ['of another kind', 'x'.repeat(1024)],
    ['torn', `# GRUB Environment Block\nnext_entry`.padEnd(1024, 'x')],
    ['with bytes of another alphabet', `# GRUB Environment Block\na=\u00e9\n`.padEnd(1024, '#')],
  ])('is refused when it is %s', (_, block) => {
    expect(readGrubEnv(block).ok).toBe(false);
  });

  test('is refused when it is full', () => {
    expect(printGrubEnv([['a', 'x'.repeat(1010)]]).ok).toBe(false);
  });
});

describe('our drop-in', () => {
  test('reads back, and anything else is not ours', () => {
    for (const dropIn of [
      { transaction, args: [] },
      { transaction: null, args: ['intel_iommu=on'] },
      { transaction, args: ['intel_iommu=on', 'iommu=pt'] },
    ])
      expect(readDropIn(printDropIn(dropIn))).toEqual(dropIn);
    const text = printDropIn({ transaction, args: [] });
    for (const other of [
      '',
      `${text}#\n`,
      text.replace('switchyard.bind', '$(x)'),
      text.replace('LINUX_DEFAULT', 'LINUX'),
    ])
      expect(readDropIn(other)).toBeNull();
  });
});
