// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostFacts } from '../../../contract/facts';
import { readDump } from '../../../core/read/dump';
import { corpusMachines } from '../../corpus-text/machine-json';
import { renderMachine, styles } from '../../corpus-text/render';

const machines = corpusMachines();
const big = machines.find((machine) => machine.name.startsWith('026'))!.machine;

/** Either facts that pass the contract or one of the closed problems. */
function judge(text: string): string {
  const result = readDump(text);
  if (!result.ok) {
    expect(['bad-input', 'too-large']).toContain(result.problem.code);
    return result.problem.code;
  }
  const parsed = hostFacts.safeParse(result.value.facts);
  expect(parsed.error).toBeUndefined();
  expect(result.value.facts.pci.functions.every((fn) => fn.from !== '')).toBe(true);
  return 'facts';
}

const piece = fc.oneof(
  fc.constantFrom(
    'IOMMU Group ',
    'Group:',
    '1:',
    '00:1f.0',
    '0000:01:00.0',
    '[0300]:',
    '[10de:2684]',
    '(rev a1)',
    '(prog-if 00 [VGA])',
    '\t',
    ' ',
    '\n',
    '\r\n',
    'Kernel driver in use: ',
    'Subsystem: ',
    'vfio-pci',
    'pci 0000:01:00.0: ',
    'Adding to iommu group ',
    '[    0.1] ',
    'vgaarb: ',
    'setting as boot VGA device',
    '/sys/kernel/iommu_groups/1/devices/',
    '```',
    '> ',
    '$ ',
    'lspci -nnk',
    '[...]',
    'BOOT_IMAGE=',
    'Slot: ',
    'Class: VGA [0300]',
    'Vendor: NVIDIA [10de]',
    'Device: x [2684]',
    'IOMMUGroup: ',
    '│ 0x030000 │ 0x2684 │ ',
    'constructor: ',
    '__proto__: ',
    'Chassis: ',
    'Type: ',
    'type 00 class 0x030000',
    'Region 0: Memory at ',
    '(64-bit, prefetchable) [size=99999999T]',
    'BAR 0 [mem 0x0-0xffffffffffffffff 64bit]',
    '\u001b[31m',
    '\u202e',
    '\u0000',
    'reg 0x10: [mem 0x0fffffff-0x00000000]',
    'PCI bridge to [bus ff-00]',
    'Initial VFs: 1, Total VFs: 99999, Number of VFs: 2',
    'flags : fpu',
    'VGA compatible controller ',
    'Linux version ',
    'DMI: /',
    ', BIOS ',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

describe('text that is damaged or meant to harm', () => {
  test('any mixture of fragments gives facts of the contract or a problem', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 120 }), (pieces) => {
        judge(pieces.join(''));
      }),
      { numRuns: 2000 },
    );
  });

  test('any characters at all give a problem or facts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        judge(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('bytes of a picture are nothing to read, and say so', () => {
    let state = 7;
    const bytes = Array.from({ length: 20_000 }, () =>
      String.fromCharCode((state = (state * 1103515245 + 12345) % 2147483648) % 256),
    ).join('');
    expect(readDump(bytes)).toEqual({
      ok: false,
      problem: { code: 'bad-input', detail: { why: 'nothing-recognised', command: expect.any(String) as string } },
    });
  });

  test.each(styles)('a paste as %s that ends at any line never claims more than the whole one says', (style) => {
    const text = renderMachine(big, style, 3);
    const lines = text.split('\n');
    const whole = readDump(text);
    if (!whole.ok) throw new Error(whole.problem.code);
    const known = new Map(whole.value.facts.pci.functions.map((fn) => [fn.address, fn]));
    for (let end = 0; end < lines.length; end += 7) {
      const result = readDump(lines.slice(0, end).join('\n'));
      if (!result.ok) continue;
      expect(hostFacts.safeParse(result.value.facts).success).toBe(true);
      for (const fn of result.value.facts.pci.functions) {
        const full = known.get(fn.address);
        expect([fn.vendor, fn.device, fn.class]).toEqual([full?.vendor, full?.device, full?.class]);
        if (fn.iommuGroup !== null) expect(fn.iommuGroup).toBe(full?.iommuGroup);
        if (fn.driver !== null) expect(fn.driver).toBe(full?.driver);
      }
    }
  });

  test('a paste torn inside any line gives facts or a problem, and no other ids', () => {
    const text = renderMachine(big, 'nnk-and-groups', 4);
    const known = new Map(big.devices.map((device) => [device.address, `${device.vendor}:${device.device}`]));
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (a, b) => {
        const torn = text.slice(0, Math.min(a, b)) + text.slice(Math.max(a, b));
        const result = readDump(torn);
        if (result.ok) expect(hostFacts.safeParse(result.value.facts).success).toBe(true);
        else expect(['bad-input', 'too-large']).toContain(result.problem.code);
        const wrong = result.ok
          ? result.value.facts.pci.functions.filter((fn) => known.get(fn.address) !== `${fn.vendor}:${fn.device}`)
          : [];
        // One line may be joined out of two halves; everything else must be as it was.
        expect(wrong.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  test('shuffled lines never give a function a group or ids that no line gave it', () => {
    const lines = renderMachine(big, 'line-groups', 5).split('\n');
    const ids = new Map(big.devices.map((device) => [device.address, `${device.vendor}:${device.device}`]));
    const groups = new Map(big.devices.map((device) => [device.address, device.iommu_group]));
    fc.assert(
      fc.property(fc.shuffledSubarray(lines), (some) => {
        const result = readDump(some.join('\n'));
        if (!result.ok) return;
        for (const fn of result.value.facts.pci.functions) {
          expect(`${fn.vendor}:${fn.device}`).toBe(ids.get(fn.address));
          if (fn.iommuGroup !== null) expect(fn.iommuGroup).toBe(groups.get(fn.address));
        }
      }),
      { numRuns: 100 },
    );
  });

  test('the same listing twice is the same as once', () => {
    const text = renderMachine(big, 'nnk-and-groups', 6);
    const [once, twice] = [readDump(text), readDump(`${text}\n\n${text}`)];
    if (!once.ok || !twice.ok) throw new Error('not read');
    expect(twice.value.facts.pci).toEqual(once.value.facts.pci);
    expect(twice.value.facts.iommu).toEqual(once.value.facts.iommu);
  });

  test('two different machines in one paste are refused, with the place', () => {
    const [a, b] = [machines[1]!.machine, big];
    expect(readDump(`${renderMachine(a, 'nn-and-find', 1)}\n${renderMachine(b, 'nn-and-find', 1)}`)).toMatchObject({
      ok: false,
      problem: {
        code: 'bad-input',
        detail: {
          why: 'two-machines',
          address: expect.stringMatching(/^0000:/) as string,
          line: expect.stringMatching(/^\d+$/) as string,
        },
      },
    });
  });

  test('control characters, colours and direction marks never reach a fact', () => {
    const result = readDump(
      '01:00.0 VGA compatible controller [0300]: NVI\u0007DIA\u202e Cor\u001b[5mp\u0000 [10de:2684] (rev a1)',
    );
    if (!result.ok) throw new Error(result.problem.code);
    expect(result.value.facts.pci.functions[0]?.name).toBe('NVIDIA Corp');
  });

  test('names of JavaScript in the place of a word are only words', () => {
    expect(
      judge(
        'constructor: x\n__proto__: y\ntoString: z\n01:00.0 constructor: NVIDIA [10de:2684]\nChassis: constructor\nVendor ID: __proto__',
      ),
    ).toBe('facts');
  });
});

describe('excerpts of real logs', () => {
  const folder = join(import.meta.dirname, '../../corpus/logs');
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  test.each(logs)('%s gives facts or says that nothing was recognised, alone and between a listing', (name) => {
    const log = readFileSync(join(folder, name), 'utf8');
    judge(log);
    const listing = renderMachine(big, 'nnk-and-groups', 9);
    const [before, after] = [readDump(listing), readDump(`${log}\n${listing}`)];
    if (!before.ok || !after.ok) {
      // A log of another machine may name the same address with other ids; that is said, never mixed.
      expect(after).toMatchObject({ ok: false, problem: { code: 'bad-input', detail: { why: 'two-machines' } } });
      return;
    }
    const shape = (functions: typeof before.value.facts.pci.functions): readonly string[] =>
      functions.map((fn) => `${fn.address} ${fn.vendor}:${fn.device} ${fn.driver} ${fn.class}`);
    expect(shape(after.value.facts.pci.functions)).toEqual(
      expect.arrayContaining([...shape(before.value.facts.pci.functions)]),
    );
  });
});

describe('text without a measure', () => {
  test.each([
    ['9 MiB', 'x'.repeat(9 * 1024 * 1024)],
    ['more lines than any dump has', '\n'.repeat(5 * 1024 * 1024)],
    [
      'more functions than any machine has',
      Array.from(
        { length: 20_000 },
        (_, index) =>
          `${(index >> 8).toString(16).padStart(4, '0')}:${(index & 255).toString(16).padStart(2, '0')}:00.0 0300: 10de:2684`,
      ).join('\n'),
    ],
  ])('%s is too large', (_, text) => {
    expect(readDump(text)).toMatchObject({ ok: false, problem: { code: 'too-large' } });
  });

  const five = 5 * 1024 * 1024;
  const fill = (unit: string): string => unit.repeat(Math.ceil(five / unit.length)).slice(0, five);
  test.each([
    ['one line of spaces', fill(' ')],
    ['one line of quote marks', fill('> ')],
    ['one line of brackets', `01:00.0 VGA [0300]: ${fill('[10de:2684] ')}`],
    ['lines of open brackets', fill(`01:00.0 VGA ${'['.repeat(3000)}\n`)],
    ['lines of prompts', fill(`${'$ '.repeat(1500)}lspci\n`)],
    ['lines of almost groups', fill(`IOMMU Group 1${' :'.repeat(1800)}\n`)],
    ['lines of almost escapes', fill(`\u001b[${';0'.repeat(1800)}\n`)],
    ['lines of escapes', fill('\u001b[0m\u001b]0;title\u0007\u001b[38;5;12m\n')],
    ['lines of subsystems', fill(`01:00.0 VGA [0300]: X [10de:2684]\n\tSubsystem: ${'[1234:'.repeat(500)}\n`)],
    ['lines of log stamps', fill(`[    1.0] ${'[ 1.0] '.repeat(400)}pci\n`)],
    ['lines of paths', fill(`${'iommu_groups/1/devices/'.repeat(150)}\n`)],
    ['lines of arguments', fill(`BOOT_IMAGE=${'"a '.repeat(1000)}\n`)],
    ['lines of marks', fill(`01:00.0 VGA [0300]: ${'(rev '.repeat(700)}\n`)],
    ['lines of flags', fill(`Flags: ${', IOMMU group '.repeat(280)}\n`)],
    ['lines of colons', fill(`a${' :'.repeat(1900)}\n`)],
    ['very short lines', fill('01:00.0 a                                \n')],
  ])('5 MB of %s are read in less than five seconds', (_, text) => {
    const begun = process.hrtime.bigint();
    judge(text);
    expect(Number(process.hrtime.bigint() - begun) / 1e9).toBeLessThan(5);
  });
});
