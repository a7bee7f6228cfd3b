// SPDX-License-Identifier: GPL-3.0-or-later

export interface Mount {
  readonly path: string;
  readonly kind: string;
  readonly source: string;
  readonly readOnly: boolean;
}

/** /proc/self/mountinfo: `id parent dev root PATH options [fields] - KIND SOURCE super`; the last mount on a path is the one seen. */
export function readMounts(text: string): ReadonlyMap<string, Mount> {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ', 2);
    const [, , , , path, options] = before?.split(' ') ?? [];
    const [kind, source, superOptions] = after?.split(' ') ?? [];
    if (path === undefined || options === undefined || kind === undefined || source === undefined) continue;
    const readOnly = hasWord(options, 'ro') || hasWord(superOptions ?? '', 'ro');
    mounts.set(unescape(path), { path: unescape(path), kind, source: unescape(source), readOnly });
  }
  return mounts;
}

const hasWord = (list: string, word: string): boolean => list.split(',').includes(word);

/** The kernel writes space, tab, newline and backslash as three octal digits. */
const unescape = (text: string): string =>
  text.replace(/\\(0[14][012]|134)/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
