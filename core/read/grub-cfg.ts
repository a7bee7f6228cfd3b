// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { readGrubWords, type GrubWord } from './grub-words';

/** A menuentry as it stands in grub.cfg. */
export interface GrubEntry {
  readonly kind: 'entry';
  readonly title: string;
  readonly id: string | null;
  /** Words between the title and `{`, without the id. */
  readonly options: readonly GrubWord[];
  /** Lines between the braces, as they are. */
  readonly body: readonly string[];
  readonly linux: GrubLinux | null;
  /** Images of the first initrd line, in their order; empty when there is none. */
  readonly initrd: readonly string[];
}
export interface GrubSubmenu {
  readonly kind: 'submenu';
  readonly title: string;
  readonly id: string | null;
  readonly items: readonly GrubItem[];
}
export type GrubItem = GrubEntry | GrubSubmenu;

export interface GrubLinux {
  readonly path: string;
  readonly args: readonly GrubWord[];
}

/** What of a grub.cfg matters for adding an entry beside its default one. */
export interface GrubConfig {
  readonly items: readonly GrubItem[];
  /** Value of the one `set default=` that is not the one-shot's; null when there is none or more than one. */
  readonly default: string | null;
  /** Whether it sources custom.cfg, as the stock 41_custom does. */
  readonly sourcesCustom: boolean;
  /** Whether it takes `next_entry` and clears it before starting, as the stock 00_header does. */
  readonly takesOneShot: boolean;
}

interface Open {
  readonly head: readonly GrubWord[];
  readonly body: string[];
  readonly items: GrubItem[];
}

/** Reads menu entries, the default and the two hooks we rely on; everything else is left unread. */
export function readGrubConfig(text: string): Result<GrubConfig> {
  const lines = text.split('\n');
  const stack: Open[] = [{ head: [], body: [], items: [] }];
  for (const line of lines)
    if (!readLine(stack, line)) return failed('precondition-failed', { why: 'grub-config-shape' });
  const root = stack[0];
  if (root === undefined || stack.length !== 1) return failed('precondition-failed', { why: 'grub-config-shape' });
  return ok({
    items: root.items,
    default: defaultOf(lines),
    sourcesCustom: /^\s*source\s.*\/custom\.cfg/m.test(text),
    takesOneShot: takesOneShot(lines),
  });
}

/** One line: it may open a block, close one, or both; false when it closes one that nobody opened. */
function readLine(stack: Open[], line: string): boolean {
  const words = readGrubWords(line);
  const opens = words.findIndex((word) => word.raw === '{');
  const closes = words.length > 0 && words.at(-1)?.raw === '}';
  if (opens !== -1) stack.push({ head: words.slice(0, opens), body: [], items: [] });
  const inner = words.slice(opens + 1, closes ? -1 : undefined);
  // A line of its own stays as it is written; one that shares its line with a brace is put together again.
  if (opens === -1 && !closes) stack.at(-1)?.body.push(line);
  else if (inner.length > 0) stack.at(-1)?.body.push(inner.map((word) => word.raw).join(' '));
  if (closes) close(stack);
  return stack.length > 0;
}

/** Ends the innermost block: a menu entry or submenu becomes an item of what is around it; a function is dropped. */
function close(stack: Open[]): void {
  const block = stack.pop();
  const around = stack.at(-1);
  if (block === undefined || around === undefined) return;
  const kind = block.head[0]?.text;
  const title = block.head[1]?.text ?? '';
  const { id, options } = readOptions(block.head.slice(2));
  if (kind === 'menuentry') {
    around.items.push({
      kind: 'entry',
      title,
      id,
      options,
      body: block.body,
      linux: linuxOf(block.body),
      initrd: initrdOf(block.body),
    });
  } else if (kind === 'submenu') around.items.push({ kind: 'submenu', title, id, items: block.items });
}

/** grub-mkconfig writes `$menuentry_id_option 'id'`, people write `--id id`. */
function readOptions(words: readonly GrubWord[]): {
  readonly id: string | null;
  readonly options: readonly GrubWord[];
} {
  const at = words.findIndex(
    (word) => word.text === '--id' || word.raw === '$menuentry_id_option' || word.raw === '${menuentry_id_option}',
  );
  if (at === -1) {
    const glued = words.find((word) => word.text.startsWith('--id='));
    return { id: glued?.text.slice('--id='.length) ?? null, options: words.filter((word) => word !== glued) };
  }
  return { id: words[at + 1]?.text ?? null, options: words.filter((_, index) => index !== at && index !== at + 1) };
}

const linuxCommands = new Set(['linux', 'linux16', 'linuxefi']);
const initrdCommands = new Set(['initrd', 'initrd16', 'initrdefi']);
export const isLinuxLine = (line: string): boolean => linuxCommands.has(readGrubWords(line)[0]?.raw ?? '');
export const isInitrdLine = (line: string): boolean => initrdCommands.has(readGrubWords(line)[0]?.raw ?? '');

function linuxOf(body: readonly string[]): GrubLinux | null {
  const words = readGrubWords(body.find(isLinuxLine) ?? '');
  const path = words[1];
  return path === undefined ? null : { path: path.text, args: words.slice(2) };
}

const initrdOf = (body: readonly string[]): readonly string[] =>
  readGrubWords(body.find(isInitrdLine) ?? '')
    .slice(1)
    .map((word) => word.text);

function defaultOf(lines: readonly string[]): string | null {
  const values = lines.flatMap((line) => {
    const words = readGrubWords(line);
    const value =
      words[0]?.raw === 'set' && words[1]?.text.startsWith('default=') ? words[1].text.slice('default='.length) : null;
    return value === null || value === '${next_entry}' ? [] : [value];
  });
  return new Set(values).size === 1 ? (values[0] ?? null) : null;
}

/** The three lines of 00_header in their order: take it, empty it, write that down. */
function takesOneShot(lines: readonly string[]): boolean {
  const bare = lines.map((line) => line.trim());
  const taken = bare.indexOf('set default="${next_entry}"');
  const emptied = bare.indexOf('set next_entry=', taken);
  return taken !== -1 && emptied !== -1 && bare.indexOf('save_env next_entry', emptied) !== -1;
}

/** The entry GRUB starts for a default value: number, id or title, `>` between levels (`>>` is a `>` in a title). */
export function findGrubEntry(items: readonly GrubItem[], wanted: string): GrubEntry | null {
  const [first = '', ...rest] = wanted
    .replaceAll('>>', '\u0000')
    .split('>')
    .map((part) => part.replaceAll('\u0000', '>'));
  const found = /^\d+$/.test(first)
    ? items[Number(first)]
    : items.find((item) => item.id === first || item.title === first);
  if (found === undefined) return null;
  if (found.kind === 'entry') return rest.length === 0 ? found : null;
  return rest.length === 0
    ? null
    : findGrubEntry(found.items, rest.map((part) => part.replaceAll('>', '>>')).join('>'));
}

/** Every entry, those of submenus too, in the order they stand. */
export function allGrubEntries(items: readonly GrubItem[]): readonly GrubEntry[] {
  return items.flatMap((item) => (item.kind === 'entry' ? [item] : allGrubEntries(item.items)));
}
