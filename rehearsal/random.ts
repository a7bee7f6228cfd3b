// SPDX-License-Identifier: GPL-3.0-or-later

/** A small repeatable stream of numbers: the same seed gives the same walk on every machine. */
export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** A stream of its own, so that one part's use of numbers does not move another's. */
  fork(): Random;
}

/** mulberry32: 32 bits of state, good enough to spread faults, never for secrets. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  next();
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (p) => next() < p,
    pick: (from) => from[below(from.length)] ?? from[0],
    fork: () => makeRandom(below(0x1_0000_0000)),
  };
}
