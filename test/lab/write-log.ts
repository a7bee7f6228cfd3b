// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { must } from './command';

/** One entry of QEMU's blklogwrites, which is the kernel's dm-log-writes format (admin-guide/device-mapper/log-writes). */
export interface Entry {
  readonly kind: 'write' | 'flush';
  /** Bytes on the disk. */
  readonly at: number;
  readonly length: number;
  /** Bytes in the log where the data lies. */
  readonly from: number;
}

export interface WriteLog {
  readonly file: string;
  readonly entries: readonly Entry[];
}

/** Entries a head may promise that were not written when QEMU was ended: requests of one virtio queue. */
const underWay = 256;
const magic = 0x6a736677736872n;
const sector = 512;
const flags = { flush: 1n, discard: 4n };

/** Every whole entry; a torn last one is not there. A log that says it has more than can be read is a failure: half a log would prove nothing. */
export function readLog(file: string): WriteLog {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(sector);
    const { size } = fstatSync(descriptor);
    readSync(descriptor, head, 0, sector, 0);
    if (head.readBigUInt64LE(0) !== magic || head.readUInt32LE(24) !== sector) throw new Error(`${file} is not a log of writes with sectors of ${sector} bytes`);
    /** How many entries the log's head promises; written at a flush, so there may be more. */
    const promised = Number(head.readBigUInt64LE(16));
    const entries: Entry[] = [];
    let place = sector;
    let count = 0;
    while (place + sector <= size) {
      readSync(descriptor, head, 0, 32, place);
      const at = Number(head.readBigUInt64LE(0)) * sector;
      const length = Number(head.readBigUInt64LE(8)) * sector;
      const flag = head.readBigUInt64LE(16);
      if (length === 0 && flag === 0n) break;
      count += 1;
      const from = place + sector;
      const data = (flag & flags.discard) === 0n ? length : 0;
      if (from + data > size) break;
      if (data > 0) entries.push({ kind: 'write', at, length, from });
      if ((flag & flags.flush) !== 0n) entries.push({ kind: 'flush', at: 0, length: 0, from });
      place = from + data;
    }
    if (count + underWay < promised) throw new Error(`${file} says it has ${promised} entries, and ${count} can be read`);
    return { file, entries };
  } finally {
    closeSync(descriptor);
  }
}

/** Numbers between 0 and 1 that a seed repeats (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a disk may hold of a write that was not flushed when the power went: all, nothing, or its first sectors. Bytes. */
export function survives(entry: Entry, random: () => number): number {
  const fate = random();
  if (fate < 0.4) return entry.length;
  if (fate < 0.8) return 0;
  return Math.floor(random() * (entry.length / sector)) * sector;
}

/** A disk at some place of its log, which can be put at a crash point, looked at, and moved on. */
export interface Replay {
  /** Entries that lie behind. */
  readonly position: () => number;
  /** Everything up to the last flush before entry `point`, and of the later ones whatever the dice say. Points must not go down. */
  crashAt(point: number, random: () => number): void;
  close(): void;
}

/** Plays a log onto a disk file, which must be the base of the log. */
export function openReplay(disk: string, log: WriteLog): Replay {
  const target = openSync(disk, 'r+');
  const source = openSync(log.file, 'r');
  let settled = 0;
  /** What the last crash point overwrote, newest last. */
  let overwritten: { at: number; bytes: Buffer }[] = [];
  const bytes = (from: number, length: number, descriptor: number): Buffer => {
    const buffer = Buffer.alloc(length);
    readSync(descriptor, buffer, 0, length, from);
    return buffer;
  };
  const put = (entry: Entry, length: number): void => {
    if (length > 0) writeSync(target, bytes(entry.from, length, source), 0, length, entry.at);
  };
  return {
    position: () => settled,
    crashAt(point, random) {
      for (const { at, bytes: old } of overwritten.toReversed()) writeSync(target, old, 0, old.length, at);
      overwritten = [];
      const last = log.entries.slice(0, point).findLastIndex((entry) => entry.kind === 'flush') + 1;
      for (; settled < last; settled += 1) {
        const entry = log.entries[settled];
        if (entry?.kind === 'write') put(entry, entry.length);
      }
      for (const entry of log.entries.slice(settled, point)) {
        if (entry.kind === 'flush') continue;
        const length = survives(entry, random);
        overwritten.push({ at: entry.at, bytes: bytes(entry.at, length, target) });
        put(entry, length);
      }
    },
    close() {
      closeSync(target);
      closeSync(source);
    },
  };
}

/** Makes `to` the disk as the power cut at the end of the log leaves it. */
export async function crashed({ base, log, to, seed }: { base: string; log: WriteLog; to: string; seed: number }): Promise<void> {
  await must('/bin/cp', ['--reflink=auto', '--sparse=always', base, to]);
  const replay = openReplay(to, log);
  replay.crashAt(log.entries.length, dice(seed));
  replay.close();
}

