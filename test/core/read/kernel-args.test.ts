// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argName, argText, argValue, editKernelArgs, hasArg, readKernelArgs } from '../../../core/read/kernel-args';

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,12}$/);
const value = fc.stringMatching(/^[a-zA-Z0-9,:/_.-]{0,12}$/);
const arg = fc.oneof(
  name,
  fc.tuple(name, value).map(([left, right]) => `${left}=${right}`),
  fc.tuple(name, value, value).map(([left, a, b]) => `${left}="${a} ${b}"`),
);
const args = fc.array(arg, { maxLength: 12 });

describe('reading the kernel command line', () => {
  test.each<[string, readonly string[]]>([
    ['', []],
    ['quiet  splash\n', ['quiet', 'splash']],
    ['dyndbg="file drivers/pci/* +p" quiet', ['dyndbg="file drivers/pci/* +p"', 'quiet']],
    ['"dyndbg=file drivers/pci/* +p" ro', ['"dyndbg=file drivers/pci/* +p"', 'ro']],
    ['a="open b c', ['a="open b c']],
    ['ro -- single', ['ro', '--', 'single']],
  ])('parts %j', (line, wanted) => {
    expect(readKernelArgs(line)).toEqual(wanted);
  });

  test('a list written out and read again is the same list', () => {
    fc.assert(
      fc.property(args, (list) => {
        expect(readKernelArgs(list.join(' '))).toEqual(list);
      }),
    );
  });

  test('dash and underscore name the same argument, case and longer names do not', () => {
    const list = readKernelArgs('vfio-pci.ids=10de:2684 iommu=pt IOMMU=x iommu.strict=0');
    expect(argValue(list, 'vfio_pci.ids')).toBe('10de:2684');
    expect(argValue(list, 'iommu')).toBe('pt');
    expect(argValue(list, 'vfio-pci')).toBeUndefined();
  });

  test('the last one counts, and what follows -- is not for the kernel', () => {
    expect(argValue(readKernelArgs('iommu=off iommu=pt -- iommu=soft'), 'iommu')).toBe('pt');
    expect(hasArg(readKernelArgs('ro -- quiet'), 'quiet')).toBe(false);
    expect(argValue(readKernelArgs('quiet'), 'quiet')).toBeNull();
  });

  test('quotes are no part of a value or a name', () => {
    expect(argText('dyndbg="a b"')).toBe('a b');
    expect(argText('"dyndbg=a b"')).toBe('a b');
    expect(argName('"dyndbg=a b"')).toBe('dyndbg');
  });
});

describe('editing the kernel command line', () => {
  const edit = fc.record({
    add: fc.array(arg, { maxLength: 4 }),
    remove: fc.array(fc.oneof(name, arg), { maxLength: 4 }),
  });
  const list = fc
    .tuple(args, fc.option(args))
    .map(([kernel, init]) => (init === null ? kernel : [...kernel, '--', ...init]));

  test('twice is the same as once', () => {
    fc.assert(
      fc.property(list, edit, (before, change) => {
        const once = editKernelArgs(before, change);
        expect(editKernelArgs(once, change)).toEqual(once);
      }),
    );
  });

  test('what nobody named stays, in its order, as it was written', () => {
    fc.assert(
      fc.property(list, edit, (before, change) => {
        const named = new Set([...change.add, ...change.remove].map(argName));
        const others = (all: readonly string[]): readonly string[] => all.filter((item) => !named.has(argName(item)));
        expect(others(editKernelArgs(before, change))).toEqual(others(before));
      }),
    );
  });

  test('what follows -- is never touched and nothing is added there', () => {
    fc.assert(
      fc.property(args, args, edit, (kernel, init, change) => {
        const after = editKernelArgs([...kernel, '--', ...init], change);
        expect(after.slice(after.indexOf('--') + 1)).toEqual(init);
      }),
    );
  });

  test('everything added is there and counts; everything removed is gone unless it is added', () => {
    fc.assert(
      fc.property(list, edit, (before, change) => {
        const after = editKernelArgs(before, change);
        const kernel = after.includes('--') ? after.slice(0, after.indexOf('--')) : after;
        for (const wanted of change.add)
          expect(kernel.some((item) => argName(item) === argName(wanted) && argText(item) === argText(wanted))).toBe(
            true,
          );
        for (const gone of change.remove.filter((item) => !item.includes('='))) {
          if (!change.add.some((wanted) => argName(wanted) === argName(gone))) expect(hasArg(after, gone)).toBe(false);
        }
      }),
    );
  });

  test('an argument that a later one of its name overrides is put last, so that it counts', () => {
    expect(editKernelArgs(['iommu=pt', 'iommu=off', 'ro'], { add: ['iommu=pt'] })).toEqual([
      'iommu=pt',
      'iommu=off',
      'ro',
      'iommu=pt',
    ]);
    expect(editKernelArgs(['console=tty0', 'console=ttyS0'], { add: ['console=tty0', 'console=ttyS0'] })).toEqual([
      'console=tty0',
      'console=ttyS0',
    ]);
  });

  test('an exact argument is removed only with that value', () => {
    expect(editKernelArgs(['iommu=pt', 'iommu=off'], { remove: ['iommu=off'] })).toEqual(['iommu=pt']);
    expect(editKernelArgs(['amd_iommu=on', 'quiet'], { add: ['iommu=pt', 'quiet'] })).toEqual([
      'amd_iommu=on',
      'quiet',
      'iommu=pt',
    ]);
  });
});
