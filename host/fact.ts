// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fact } from '../contract/facts';
import { readName } from '../core/read/sysfs/clean';
import { readInteger } from '../core/read/sysfs/numbers';
import type { Machine } from './machine';

/** What zod infers for a fact, so that it can stand in HostFacts. */
export interface Read<T> {
  value: T | null;
  from: string | null;
}

/** A value that was read at a place. */
export const known = <T>(value: T, from: string): Read<T> => ({ value, from: from.slice(0, 256) });

/** Nothing could be read; `from` names the place that was asked in vain. */
export const unknown = (from: string | null): Read<never> => ({
  value: null,
  from: from === null ? null : from.slice(0, 256),
});

/** A file's text made into a value; unknown when the file cannot be read or `read` finds nothing in it. */
export function fromText<T>(machine: Machine, path: string, read: (text: string) => T | null): Read<T> {
  const look = machine.text(path, 8 << 20);
  const value = look.at === 'is' ? read(look.value) : null;
  return value === null ? unknown(path) : known(value, path);
}

/** A one-line file as a harmless name; an empty one says nothing. */
export const nameFrom = (machine: Machine, path: string): Read<string> =>
  fromText(machine, path, (text) => readName(text) || null);

/** A one-line file's text, trimmed; null when it is not there or cannot be read. */
export function line(machine: Machine, path: string): string | null {
  const look = machine.text(path, 65536);
  return look.at === 'is' ? look.value.trim() : null;
}

/** A one-line file's number; null when it is not there, cannot be read or is none. */
export function integer(machine: Machine, path: string): number | null {
  const text = line(machine, path);
  return text === null ? null : readInteger(text);
}

/** The first of several facts that is known; else the last one, which says where was looked. */
export function firstKnown<T>(...asks: readonly (() => Read<T>)[]): Read<T> {
  let last: Read<T> = unknown(null);
  for (const ask of asks) {
    last = ask();
    if (last.value !== null) return last;
  }
  return last;
}

/** A value made from another fact's value, read at the same place. */
export function madeFrom<A, B>(fact: Fact<A>, make: (value: A) => B | null): Read<B> {
  return { value: fact.value === null ? null : make(fact.value), from: fact.from };
}

/** Names in a folder in a stable order; empty when it is absent, null when nobody can tell. */
export function listed(machine: Machine, path: string): readonly string[] | null {
  const look = machine.names(path);
  if (look.at === 'is') return [...look.value].sort(byNumber);
  return look.at === 'absent' ? [] : null;
}

/** `cpu2` before `cpu10`. */
function byNumber(a: string, b: string): number {
  if (a.length !== b.length && a.replace(/\d+$/, '') === b.replace(/\d+$/, '')) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
