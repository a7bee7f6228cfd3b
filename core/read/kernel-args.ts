// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * The kernel command line as the list it is: split at white space outside double quotes, order kept, every argument
 * exactly as it was written. A quote that is never closed runs to the end, as in the kernel's own next_arg().
 */
export function readKernelArgs(line: string): readonly string[] {
  const args: string[] = [];
  let arg = '';
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    if (!quoted && /\s/.test(char)) {
      if (arg !== '') args.push(arg);
      arg = '';
    } else arg += char;
  }
  if (arg !== '') args.push(arg);
  return args;
}

/** The name with the spelling taken away: the kernel and kmod read `-` and `_` alike. Case matters. */
export function argName(arg: string): string {
  const bare = arg.startsWith('"') ? arg.slice(1) : arg;
  const end = bare.indexOf('=');
  const name = end < 0 ? (arg.startsWith('"') && bare.endsWith('"') ? bare.slice(0, -1) : bare) : bare.slice(0, end);
  return name.replaceAll('-', '_');
}

/** What follows `=`, without its quotes; null for an argument that has none (`quiet`). */
export function argText(arg: string): string | null {
  const end = arg.indexOf('=');
  if (end < 0) return null;
  const value = arg.slice(end + 1);
  if (arg.startsWith('"')) return value.endsWith('"') ? value.slice(0, -1) : value;
  if (!value.startsWith('"')) return value;
  return value.length > 1 && value.endsWith('"') ? value.slice(1, -1) : value.slice(1);
}

/** The arguments meant for the kernel: what stands before `--`; the rest goes to init. */
function kernelPart(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

/**
 * The value that counts: of the last argument with this whole name before `--`.
 * `undefined` when it is not there, null when it is there without a value.
 */
export function argValue(args: readonly string[], name: string): string | null | undefined {
  const wanted = argName(name);
  const last = kernelPart(args)
    .filter((arg) => argName(arg) === wanted)
    .at(-1);
  return last === undefined ? undefined : argText(last);
}

export const hasArg = (args: readonly string[], name: string): boolean => argValue(args, name) !== undefined;

export interface ArgEdit {
  /** Whole arguments. One that is there and counts stays where it is; otherwise it is put last before `--`. */
  readonly add?: readonly string[];
  /** Names (every argument of that name goes) or, with `=`, exact arguments. */
  readonly remove?: readonly string[];
}

const sameArg = (a: string, b: string): boolean => argName(a) === argName(b) && argText(a) === argText(b);

/** Edits a list so that nothing nobody named changes, order is kept, and doing it twice is the same as once. */
export function editKernelArgs(args: readonly string[], edit: ArgEdit): readonly string[] {
  const { add = [], remove = [] } = edit;
  const isAdded = (arg: string): boolean => add.some((wanted) => sameArg(arg, wanted));
  const isRemoved = (arg: string): boolean =>
    remove.some((named) => (named.includes('=') ? sameArg(arg, named) : argName(arg) === argName(named)));
  const before = kernelPart(args);
  const kept = before.filter((arg) => isAdded(arg) || !isRemoved(arg));
  for (const wanted of add) if (!counts(kept, wanted, isAdded)) kept.push(wanted);
  return [...kept, ...args.slice(before.length)];
}

/** Whether an argument is there and no later one of its name, save others that are wanted too, takes its place. */
function counts(list: readonly string[], wanted: string, isAdded: (arg: string) => boolean): boolean {
  const at = list.map((arg) => sameArg(arg, wanted)).lastIndexOf(true);
  return at >= 0 && list.slice(at + 1).every((arg) => argName(arg) !== argName(wanted) || isAdded(arg));
}
