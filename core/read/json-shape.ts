// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { isPciAddress } from './address';

/** A refusal while reading: the place in the document and what was wanted there. Thrown and caught inside one reader only. */
export class ShapeError extends Error {
  readonly place: string;
  readonly wanted: string;

  constructor(place: string, wanted: string) {
    super(`${place}: ${wanted}`);
    this.place = place;
    this.wanted = wanted;
  }
}

/** One value of a parsed JSON document and the path to it, so that a refusal can say where. */
export interface Spot {
  readonly value: unknown;
  readonly place: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const refuse = (spot: Spot, wanted: string): never => {
  throw new ShapeError(spot.place, wanted);
};

/** The member `key` of an object; a missing member reads as null, an inherited one does not exist. */
export function at(spot: Spot, key: string): Spot {
  const place = spot.place === '' ? key : `${spot.place}.${key}`;
  if (!isObject(spot.value)) return refuse(spot, 'an object');
  return { value: Object.hasOwn(spot.value, key) ? (spot.value[key] ?? null) : null, place };
}

/** The elements of an array of at most `most` elements; null reads as empty. */
export function each(spot: Spot, most: number): readonly Spot[] {
  if (spot.value === null) return [];
  if (!Array.isArray(spot.value)) return refuse(spot, 'a list');
  if (spot.value.length > most) return refuse(spot, `at most ${String(most)} entries`);
  const list: readonly unknown[] = spot.value;
  return list.map((value, index) => ({ value, place: `${spot.place}[${String(index)}]` }));
}

/** The members of an object as pairs, at most `most`. */
export function entries(spot: Spot, most: number): readonly (readonly [string, Spot])[] {
  if (spot.value === null) return [];
  if (!isObject(spot.value)) return refuse(spot, 'an object');
  const pairs = Object.entries(spot.value);
  if (pairs.length > most) return refuse(spot, `at most ${String(most)} entries`);
  return pairs.map(([key, value]) => [key, { value, place: `${spot.place}.${key.slice(0, 40)}` }]);
}

// eslint-disable-next-line no-control-regex -- exactly the characters that must not reach a terminal or a page
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text cut to `most` characters, with control and direction characters replaced by U+FFFD; null stays null. */
export function text(spot: Spot, most: number): string | null {
  if (spot.value === null) return null;
  return typeof spot.value === 'string' ? spot.value.slice(0, most).replace(control, '\ufffd') : refuse(spot, 'a text');
}

export function flag(spot: Spot): boolean | null {
  if (spot.value === null) return null;
  return typeof spot.value === 'boolean' ? spot.value : refuse(spot, 'true, false or null');
}

/** A whole number from `least` to `most`, or null. */
export function count(spot: Spot, least: number, most: number): number | null {
  if (spot.value === null) return null;
  const { value } = spot;
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : refuse(spot, `a whole number from ${String(least)} to ${String(most)}`);
}

/** Hex digits matching `pattern`, in lower case; `wanted` says it in words. */
export function hex(spot: Spot, pattern: RegExp, wanted: string): string | null {
  if (spot.value === null) return null;
  const value = typeof spot.value === 'string' ? spot.value.toLowerCase() : '';
  return pattern.test(value) ? value : refuse(spot, wanted);
}

export function address(spot: Spot): PciAddress {
  const value = typeof spot.value === 'string' ? spot.value.toLowerCase() : '';
  return isPciAddress(value) ? value : refuse(spot, 'a PCI address such as 0000:01:00.0');
}

/** A value that must be there. */
export function present<T>(value: T | null, spot: Spot, wanted: string): T {
  return value ?? refuse(spot, wanted);
}
