// SPDX-License-Identifier: GPL-3.0-or-later

/** A file that is computed when it is looked at: sysfs, procfs, devtmpfs. Nothing of it is ever on a disk. */
export type View =
  | { readonly kind: 'folder'; readonly names: () => readonly string[]; readonly get: (name: string) => View | null }
  | { readonly kind: 'file'; readonly mode: number; readonly read: () => string | Uint8Array }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'device'; readonly mode: number; readonly gid: number; readonly rdev: number };

export const text = (value: string, mode = 0o444): View => ({ kind: 'file', mode, read: () => value });
export const bytes = (value: Uint8Array, mode = 0o444): View => ({ kind: 'file', mode, read: () => value });
export const linkTo = (target: string): View => ({ kind: 'link', target });
export const device = (major: number, minor: number, mode = 0o600): View => ({ kind: 'device', mode, gid: 0, rdev: major * 1_048_576 + minor });

type Entry<S> = (subject: S) => View | null;

/** A folder over a table: an entry that gives null is not there. Entries are computed at each look. */
export function folderOf<S>(subject: S, table: Readonly<Record<string, Entry<S>>>): View {
  return {
    kind: 'folder',
    names: () => Object.keys(table).filter((name) => table[name]?.(subject) != null),
    get: (name) => (Object.hasOwn(table, name) ? (table[name]?.(subject) ?? null) : null),
  };
}

/** A folder whose names are data. */
export function listing(names: () => Iterable<string>, get: (name: string) => View | null): View {
  return { kind: 'folder', names: () => [...names()], get };
}

/** A folder of links, name -> target. */
export const links = (to: ReadonlyMap<string, string>): View => listing(() => to.keys(), (name) => (to.has(name) ? linkTo(to.get(name) ?? '') : null));

/** A folder from a fixed list of entries. */
export function folder(entries: Readonly<Record<string, View | null>>): View {
  return folderOf(entries, Object.fromEntries(Object.keys(entries).map((name) => [name, (all: typeof entries) => all[name] ?? null])));
}
