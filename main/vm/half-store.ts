// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { failed, ok, type Result } from '../../contract/problem';
import { transactionId } from '../../contract/history';
import { vmHalf, type VmHalf } from '../../contract/vm-half';

/** Where VM halves are kept: one file each, replaced as a whole. */
export interface HalfStore {
  readonly read: (id: string) => Result<VmHalf>;
  /** Flushed to disk when it returns. */
  readonly write: (half: VmHalf) => Result<void>;
  readonly ids: () => readonly string[];
  /** Forgets one that goes on under another id. */
  readonly drop: (id: string) => void;
}

/** A folder of the person's own, not readable by others: a definition may tell of paths and serial numbers. */
export function openHalfStore(folder: string): HalfStore {
  const place = (id: string): string => join(folder, `${id}.json`);
  return {
    read(id) {
      if (!transactionId.safeParse(id).success) return failed('bad-input', { what: 'vm-half' });
      try {
        const half = vmHalf.safeParse(JSON.parse(readFileSync(place(id), 'utf8')));
        return half.success && half.data.id === id ? ok(half.data) : failed('history-damaged', { what: 'vm-half', id });
      } catch (error) {
        return wordOf(error) === 'ENOENT' ? failed('not-found', { what: 'vm-half' }) : failed('history-damaged', { what: 'vm-half', id });
      }
    },
    write(half) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        replace(folder, place(half.id), `${JSON.stringify(vmHalf.parse(half))}\n`);
        return ok(undefined);
      } catch (error) {
        return failed('unreadable', { why: wordOf(error) });
      }
    },
    drop(id) {
      if (!transactionId.safeParse(id).success) return;
      try {
        unlinkSync(place(id));
      } catch {
        // Nothing was there.
      }
    },
    ids() {
      try {
        return readdirSync(folder).flatMap((name) => (name.endsWith('.json') && transactionId.safeParse(name.slice(0, -5)).success ? [name.slice(0, -5)] : [])).sort();
      } catch {
        return [];
      }
    },
  };
}

/** Whether a folder of halves holds one that is not over. */
export function hasOpenHalves(folder: string): boolean {
  const store = openHalfStore(folder);
  return store.ids().some((id) => {
    const half = store.read(id);
    return !half.ok || half.value.state === 'waiting' || half.value.state === 'begun';
  });
}

/** The same for a machine of memory. */
export function memoryHalfStore(): HalfStore {
  const halves = new Map<string, VmHalf>();
  return {
    read(id) {
      const half = halves.get(id);
      return half === undefined ? failed('not-found', { what: 'vm-half' }) : ok(half);
    },
    write(half) {
      halves.set(half.id, vmHalf.parse(half));
      return ok(undefined);
    },
    ids: () => [...halves.keys()].sort(),
    drop: (id) => void halves.delete(id),
  };
}

/** A new file beside it, flushed, then renamed over it, then the folder flushed: whole or not at all after a power cut. */
function replace(folder: string, path: string, text: string): void {
  const beside = `${path}.new`;
  const file = openSync(beside, 'w', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  const parent = openSync(folder, 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}

const wordOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
