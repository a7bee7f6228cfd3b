// SPDX-License-Identifier: GPL-3.0-or-later
import type { Look, Machine, Stat } from '../host/machine';
import type { World } from './world';

/** What was seen of a kernel that has not changed since: forks of one moment look at the same things again and again. */
export interface Seen {
  readonly text: Map<string, Look<string>>;
  readonly bytes: Map<string, Look<Uint8Array>>;
  readonly names: Map<string, Look<readonly string[]>>;
  readonly target: Map<string, Look<string>>;
  readonly real: Map<string, Look<string>>;
  readonly stat: Map<string, Look<Stat>>;
}

export const nothingSeen = (): Seen => ({ text: new Map(), bytes: new Map(), names: new Map(), target: new Map(), real: new Map(), stat: new Map() });

const ofKernel = (path: string): boolean => path.startsWith('/sys/') || path.startsWith('/proc/') || path.startsWith('/dev/');

/** Eyes that give the same answer about a kernel as long as it is the same, where the world keeps what was seen; each look still counts as one. */
export function rememberingEyes(world: World, eyes: Machine): Machine {
  const seen = <T>(which: (seen: Seen) => Map<string, Look<T>>, path: string, { key, look }: { readonly key: string; readonly look: () => Look<T> }): Look<T> => {
    const { faults, kernel } = world;
    const memory = kernel?.seen;
    if (memory == null || faults.looks.size > 0 || !ofKernel(path)) return look();
    const table = which(memory);
    const known = table.get(key);
    if (known !== undefined) {
      faults.looked += 1;
      return known;
    }
    const found = look();
    table.set(key, found);
    return found;
  };
  const { uid } = eyes;
  return {
    ...eyes,
    text: (path, limit) => seen(({ text }) => text, path, { key: `${uid} ${limit ?? ''} ${path}`, look: () => eyes.text(path, limit) }),
    bytes: (path, limit) => seen(({ bytes }) => bytes, path, { key: `${uid} ${limit ?? ''} ${path}`, look: () => eyes.bytes(path, limit) }),
    names: (path) => seen(({ names }) => names, path, { key: `${uid} ${path}`, look: () => eyes.names(path) }),
    target: (path) => seen(({ target }) => target, path, { key: `${uid} ${path}`, look: () => eyes.target(path) }),
    real: (path) => seen(({ real }) => real, path, { key: `${uid} ${path}`, look: () => eyes.real(path) }),
    stat: (path, links) => seen(({ stat }) => stat, path, { key: `${uid} ${links ?? ''} ${path}`, look: () => eyes.stat(path, links) }),
  };
}
