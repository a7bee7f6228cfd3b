// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { hostFacts } from '../../../contract/facts';
import { machineFileLimit, readMachineFile } from '../../../core/read/machine-file';
import { assess } from '../../../core/judge/assess';
import { corpus, factsOf } from './corpus';

const device = { address: '0000:01:00.0', class: '0300', vendor: '10de', device: '2684' };
const file = (changes: object = {}) => JSON.stringify({ schema: 1, machine: {}, cpu: {}, os: {}, iommu: {}, source: {}, devices: [device], ...changes });
const refusal = (json: string) => {
  const read = readMachineFile(json);
  return read.ok ? null : { code: read.problem.code, place: read.problem.detail['place'] };
};

describe('a machine file', () => {
  test.each(corpus.map((machine) => [machine.file, machine.text] as const))('%s becomes facts of the contract', (_file, text) => {
    expect(hostFacts.safeParse(factsOf(text)).error).toBeUndefined();
  });

  test('needs no more than its devices, and ignores keys it does not know', () => {
    expect(refusal(JSON.stringify({ schema: 1, machine: {}, cpu: {}, os: {}, iommu: {}, source: {}, devices: [{ ...device, colour: 'red' }], expected: { gpus: 7 }, goal: 3 }))).toBeNull();
  });

  test.each([
    ['', 'machine file'],
    ['{', 'machine file'],
    ['null', 'machine file'],
    ['[1]', 'machine file'],
    ['"text"', 'machine file'],
    ['{}', 'schema'],
    [file({ schema: 2 }), 'schema'],
    [file({ schema: '1' }), 'schema'],
    [file({ machine: 'desk' }), 'machine'],
    [file({ machine: { board: 7 } }), 'machine.board'],
    [file({ cmdline: ['quiet'] }), 'cmdline'],
    [file({ devices: {} }), 'devices'],
    [file({ devices: [null] }), 'devices[0]'],
    [file({ devices: [{ ...device, address: '01:00.0' }] }), 'devices[0].address'],
    [file({ devices: [{ ...device, address: '0000:01:00.0/../..' }] }), 'devices[0].address'],
    [file({ devices: [{ ...device, address: '123456789:01:00.0' }] }), 'devices[0].address'],
    [file({ devices: [{ ...device, class: '3' }] }), 'devices[0].class'],
    [file({ devices: [{ ...device, vendor: null }] }), 'devices[0].vendor'],
    [file({ devices: [{ ...device, device: 'zzzz' }] }), 'devices[0].device'],
    [file({ devices: [{ ...device, iommu_group: -1 }] }), 'devices[0].iommu_group'],
    [file({ devices: [{ ...device, iommu_group: 1.5 }] }), 'devices[0].iommu_group'],
    [file({ devices: [{ ...device, boot_vga: 'yes' }] }), 'devices[0].boot_vga'],
    [file({ devices: [{ ...device, modules: 'nouveau' }] }), 'devices[0].modules'],
    [file({ devices: [{ ...device, secondary_bus: 'g1' }] }), 'devices[0].secondary_bus'],
    [file({ iommu: { groups: { one: [] } } }), 'iommu.groups.one'],
    [file({ iommu: { groups: { 1: ['nonsense'] } } }), 'iommu.groups.1[0]'],
    [file({ iommu: { groups: [[]] } }), 'iommu.groups'],
    [file({ iommu: { enabled: 'maybe' } }), 'iommu.enabled'],
  ])('%s is refused with the place %s', (json, place) => {
    expect(refusal(json)).toEqual({ code: 'bad-input', place });
  });

  test('two rows for one address are refused', () => {
    expect(refusal(file({ devices: [device, device] }))?.code).toBe('bad-input');
  });

  test('a file or a list beyond the limits is refused before it costs anything', () => {
    expect(refusal(' '.repeat(machineFileLimit + 1))?.code).toBe('too-large');
    expect(refusal(file({ devices: Array(16_385).fill(null) }))).toEqual({ code: 'bad-input', place: 'devices' });
  });

  test('names lose control and direction characters, and inherited members do not exist', () => {
    const read = readMachineFile(file({ devices: [{ ...device, name: 'GPU\u001b[31m\u202ered\n' }], machine: { board: '\u0007bell' } }));
    if (!read.ok) throw new Error('not read');
    expect(read.value.pci.functions[0]?.name).toBe('GPU\ufffd[31m\ufffdred\ufffd');
    expect(read.value.machine.board.value).toBe('\ufffdbell');
    const inherited = '{"schema":1,"machine":{},"cpu":{},"os":{},"iommu":{},"source":{},"__proto__":{"devices":[{"address":"x"}]}}';
    const bare = readMachineFile(inherited);
    expect(bare.ok && bare.value.pci.functions).toEqual([]);
  });

  test('bridges that lead to each other in a circle do not hang the reader', () => {
    const loop = [
      { ...device, address: '0000:01:00.0', class: '0604', secondary_bus: '02', subordinate_bus: '03' },
      { ...device, address: '0000:02:00.0', class: '0604', secondary_bus: '01', subordinate_bus: '03' },
      { ...device, address: '0000:02:01.0' },
    ];
    const read = readMachineFile(file({ devices: loop }));
    expect(read.ok).toBe(true);
    if (read.ok) expect(assess(read.value).verdict.gpus).toHaveLength(1);
  });

  test('four thousand display functions in one group are judged in bounded time, the first 256 of them', () => {
    const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');
    const devices = Array.from({ length: 4096 }, (_, n) => ({ ...device, address: `${hex(n >> 13, 4)}:${hex((n >> 5) & 0xff, 2)}:${hex(n & 0x1f, 2)}.0`, iommu_group: 1, class: '0302' }));
    const read = readMachineFile(file({ devices, iommu: { groups_complete: true } }));
    if (!read.ok) throw new Error('not read');
    const started = performance.now();
    expect(assess(read.value).verdict.gpus).toHaveLength(256);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('every torn end of a real file is refused, and nothing is thrown', () => {
    const text = corpus[0]?.text ?? '';
    for (let length = 0; length < text.length - 2; length += 97) expect(refusal(text.slice(0, length))?.code, String(length)).toBe('bad-input');
  });

  test('a file with any one value replaced is read or refused, and judged without a throw', () => {
    const source: unknown = JSON.parse(corpus[5]?.text ?? '');
    const odd: unknown[] = [null, true, -1, 1e308, '', '\u0000', 'x'.repeat(9000), [], {}, [[[]]]];
    let seen = 0;
    for (const [index, path] of pathsOf(source).entries()) {
      const changed = readMachineFile(JSON.stringify(replaced(source, path, odd[index % odd.length])));
      if (changed.ok) assess(changed.value);
      else expect(changed.problem.code).toBe('bad-input');
      seen += 1;
    }
    expect(seen).toBeGreaterThan(500);
  });
});

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]: [string, unknown]) => (key === 'expected' ? [] : pathsOf(item, [...path, key])))].filter((one) => one.length > 0);
}

function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return by;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === head ? replaced(item, rest, by) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, key === head ? replaced(item, rest, by) : item]));
}
