// SPDX-License-Identifier: GPL-3.0-or-later
import type { Machine } from './machine';

/** Version of the first of these packages that is installed, where a plain file says it (dpkg, pacman); rpm's database does not. */
export type VersionOf = (names: readonly string[]) => string | null;

/** Reads the package database once, when first asked. */
export function packages(machine: Machine): VersionOf {
  let find: ((name: string) => string | null) | null = null;
  return (names) => {
    find ??= fromDpkg(machine) ?? fromPacman(machine) ?? (() => null);
    for (const name of names) {
      const version = find(name);
      if (version !== null) return version.slice(0, 64);
    }
    return null;
  };
}

/** Paragraphs of `Package:`, `Status:`, `Version:`; the version without its epoch. */
function fromDpkg(machine: Machine): ((name: string) => string | null) | null {
  const look = machine.text('/var/lib/dpkg/status', 32 << 20);
  if (look.at !== 'is') return null;
  const text = `\n${look.value}`;
  return (name) => {
    const start = text.indexOf(`\nPackage: ${name}\n`);
    if (start < 0) return null;
    const end = text.indexOf('\n\n', start);
    const paragraph = text.slice(start, end < 0 ? undefined : end);
    if (!/^Status: \w+ ok installed$/m.test(paragraph)) return null;
    return /^Version: (?:\d+:)?([\w.+~-]+)$/m.exec(paragraph)?.[1] ?? null;
  };
}

/** Folders `name-version-release`. */
function fromPacman(machine: Machine): ((name: string) => string | null) | null {
  const look = machine.names('/var/lib/pacman/local');
  if (look.at !== 'is') return null;
  return (name) => {
    for (const folder of look.value) {
      const [, found, version] = /^(.+)-(?:\d+:)?([^-]+)-[^-]+$/.exec(folder) ?? [];
      if (found === name && version !== undefined) return version;
    }
    return null;
  };
}
