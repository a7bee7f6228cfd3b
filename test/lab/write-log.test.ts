// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dice, openReplay, readLog, survives } from './write-log';

const sector = 512;
const folder = mkdtempSync(path.join(tmpdir(), 'write-log-'));
const log = path.join(folder, 'log');
const disk = path.join(folder, 'disk');
const filled = (letter: string, sectors: number): Buffer => Buffer.alloc(sectors * sector, letter);

/** One entry as QEMU writes it: a sector with where, how much and which flags, then the data. */
function entry(at: number, data: Buffer, flag = 0n): Buffer {
  const head = Buffer.alloc(sector);
  head.writeBigUInt64LE(BigInt(at), 0);
  head.writeBigUInt64LE(BigInt(data.length / sector), 8);
  head.writeBigUInt64LE(flag, 16);
  return Buffer.concat([head, data]);
}

const flush = entry(0, Buffer.alloc(0), 1n);
const super_ = Buffer.alloc(sector);
super_.writeBigUInt64LE(0x6a736677736872n, 0);
super_.writeUInt32LE(sector, 24);

beforeAll(() => {
  writeFileSync(log, Buffer.concat([super_, entry(0, filled('a', 2)), flush, entry(0, filled('b', 2)), entry(2, filled('c', 4)), flush, entry(1, filled('d', 1))]));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const now = (): string => [0, 1, 2, 3, 4, 5].map((at) => readFileSync(disk).toString('latin1', at * sector, at * sector + 1)).join('');

describe('a log of writes', () => {
  test('is read entry by entry, and a torn end is left out', () => {
    expect(readLog(log).entries.map((one) => [one.kind, one.at / sector, one.length / sector])).toEqual([['write', 0, 2], ['flush', 0, 0], ['write', 0, 2], ['write', 2, 4], ['flush', 0, 0], ['write', 1, 1]]);
    const torn = path.join(folder, 'torn');
    writeFileSync(torn, readFileSync(log).subarray(0, -1));
    expect(readLog(torn).entries).toHaveLength(5);
    writeFileSync(torn, filled('x', 4));
    expect(() => readLog(torn)).toThrow('not a log');
    const half = readFileSync(log);
    half.writeBigUInt64LE(263n, 16);
    writeFileSync(torn, half);
    expect(() => readLog(torn)).toThrow('says it has 263 entries, and 6 can be read');
  });

  test('a crash keeps everything that was flushed and any part of the rest, and the next one starts clean', () => {
    const read = readLog(log);
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      writeFileSync(disk, filled('.', 6));
      const replay = openReplay(disk, read);
      const random = dice(seed);
      replay.crashAt(4, random);
      seen.add(now());
      expect(now()).toMatch(/^(?:aa|ba|bb)(?:\.{4}|c\.{3}|cc\.\.|ccc\.|cccc)$/);
      replay.crashAt(5, random);
      expect(now()).toBe('bbcccc');
      replay.crashAt(6, random);
      expect(['bbcccc', 'bdcccc']).toContain(now());
      replay.close();
    }
    // Old, new, and torn in between are all tried.
    for (const wanted of ['aa....', 'bbcccc', 'aacccc', 'bb....']) expect(seen).toContain(wanted);
    expect(seen.size).toBeGreaterThan(8);
  });

  test('a write survives whole, not at all, or by whole sectors from its start', () => {
    const random = dice(7);
    const entry_ = { kind: 'write', at: 0, length: 8 * sector, from: 0 } as const;
    const lengths = new Set(Array.from({ length: 500 }, () => survives(entry_, random) / sector));
    expect([...lengths].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
