// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAssignment } from '../../../core/read/grub-default';
import { readKernelArgs } from '../../../core/read/kernel-args';
import { editAssignment } from '../../../core/step/edit/grub-assignment';
import { blockBegin, blockBody, blockEnd, cutBlock, putBlock } from '../../../core/step/edit/marker-block';
import { grubDefaults } from './grub-defaults';

const name = 'GRUB_CMDLINE_LINUX_DEFAULT';
const plain = grubDefaults.filter((one) => one.plain);
const edited = (text: string, edit: Parameters<typeof editAssignment>[2]): string => {
  const result = editAssignment(text, name, edit);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
};
const wordsOf = (text: string): readonly string[] => {
  const found = readAssignment(text, name);
  return found.ok && found.value !== null ? readKernelArgs(found.value.value) : [];
};
const file = fc.constantFrom(...plain);
const arg = fc.constantFrom(
  'switchyard.bind=0123456789abcdef',
  'intel_iommu=on',
  'iommu=pt',
  'pcie_aspm=off',
  'vfio_pci.disable_vga=1',
);
const args = fc.uniqueArray(arg, { minLength: 1, maxLength: 4 });

describe('editing one variable of /etc/default/grub', () => {
  test.each(grubDefaults.filter((one) => !one.plain))('is refused for $name', ({ text }) => {
    expect(editAssignment(text, name, { add: ['iommu=pt'] })).toMatchObject({
      ok: false,
      problem: { detail: { why: 'not-plain' } },
    });
  });

  test('is refused where the variable is never assigned', () => {
    expect(editAssignment('GRUB_TIMEOUT=5\n#GRUB_CMDLINE_LINUX_DEFAULT="x"\n', name, { add: ['a'] })).toMatchObject({
      ok: false,
      problem: { detail: { why: 'not-assigned' } },
    });
  });

  test.each(plain)('changes one line of $name and no other', ({ text }) => {
    const before = text.split('\n');
    const after = edited(text, { add: ['switchyard.bind=0123456789abcdef'] }).split('\n');
    expect(after.length).toBe(before.length);
    expect(after.filter((line, index) => line !== before[index]).length).toBe(1);
  });

  test('keeps every word nobody named, in its order', () => {
    fc.assert(
      fc.property(file, args, ({ text }, add) => {
        const before = wordsOf(text);
        const after = wordsOf(edited(text, { add }));
        expect(after.filter((word) => before.includes(word))).toEqual(before);
        expect(add.every((word) => after.includes(word))).toBe(true);
      }),
    );
  });

  test('twice is the same as once', () => {
    fc.assert(
      fc.property(file, args, args, ({ text }, add, remove) => {
        const once = edited(text, { add, remove });
        expect(edited(once, { add, remove })).toBe(once);
      }),
    );
  });

  test('taken back gives the same bytes', () => {
    fc.assert(
      fc.property(file, args, ({ text }, all) => {
        const add = all.filter((word) => !wordsOf(text).some((old) => old.split('=')[0] === word.split('=')[0]));
        const back = edited(edited(text, { add }), { remove: add });
        // A bare word has to be quoted once it is two, and stays quoted.
        expect(text.includes('=quiet\n') ? back.replaceAll('"', '') : back).toBe(text);
      }),
    );
  });

  test('puts kernel arguments before those of init', () => {
    expect(edited(`${name}="quiet -- single"\n`, { add: ['iommu=pt'] })).toBe(`${name}="quiet iommu=pt -- single"\n`);
  });

  test('takes a word out of the middle, the front and the end', () => {
    for (const [from, to] of [
      ['a b c', 'a c'],
      ['b c', 'c'],
      ['a b', 'a'],
      ['b', ''],
      ['  b  c', '  c'],
      ['b a b', 'a'],
    ] as const) {
      expect(edited(`${name}="${from}"\n`, { remove: ['b'] })).toBe(`${name}="${to}"\n`);
    }
  });

  test('refuses an argument that would need quoting', () => {
    for (const bad of ['a b', 'a"b', "a'b", 'a$b', 'a`b', 'a\\b'])
      expect(editAssignment(`${name}="x"\n`, name, { add: [bad] }).ok).toBe(false);
  });
});

const line = fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).filter((text) => !text.includes('switchyard'));
const somebody = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''));
const ok = <T>(result: { ok: true; value: T } | { ok: false }): T => {
  if (!result.ok) throw new Error('refused');
  return result.value;
};

describe('our block in a file of somebody else', () => {
  test('goes in and out again without a trace', () => {
    fc.assert(
      fc.property(somebody, line, (text, body) => {
        const put = ok(putBlock(text, body));
        expect(ok(cutBlock(put))).toBe(text);
        expect(ok(blockBody(put))?.trimEnd()).toBe(body.trimEnd());
      }),
    );
  });

  test('replaces itself, so that twice is once', () => {
    fc.assert(
      fc.property(somebody, line, line, (text, first, second) => {
        expect(ok(putBlock(ok(putBlock(text, first)), second))).toBe(ok(putBlock(text, second)));
      }),
    );
  });

  test('leaves what somebody wrote before and after it', () => {
    fc.assert(
      fc.property(somebody, somebody, line, (before, after, body) => {
        const put = ok(putBlock(before, body)) + after;
        const rest = ok(cutBlock(put));
        expect(rest.startsWith(before)).toBe(true);
        expect(rest.endsWith(after)).toBe(true);
      }),
    );
  });

  test.each([
    ['without its end', `${blockBegin}\nx\n`],
    ['without its begin', `x\n${blockEnd}\n`],
    ['there twice', `${blockBegin}\n${blockEnd}\n${blockBegin}\n${blockEnd}\n`],
    ['the wrong way round', `${blockEnd}\n${blockBegin}\n`],
  ])('is not touched when it is %s', (_, text) => {
    expect(cutBlock(text).ok).toBe(false);
    expect(putBlock(text, 'x').ok).toBe(false);
  });
});
