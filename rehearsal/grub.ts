// SPDX-License-Identifier: GPL-3.0-or-later
import { runList, runScript, makeShell } from './script/shell';
import type { Shell, ShellWorld } from './script/state';
import type { Script } from './script/syntax';

/** Files as the loader finds them: its own reader of the file systems, which replays no journal. */
export interface LoaderFiles {
  read(path: string): string | null;
  /** Writes the bytes of a block that is there already; false where the loader cannot (host.md 5.3.2). */
  overwrite(path: string, text: string): boolean;
}

export interface LoaderChoice {
  readonly id: string;
  readonly title: string;
  readonly kernel: string;
  readonly args: readonly string[];
  readonly images: readonly string[];
}

interface Entry {
  readonly title: string;
  readonly id: string;
  readonly block: Script;
  readonly inside: readonly Entry[] | null;
}

/** Where grub.cfg lies for the loader, and how its paths become paths of the running system. */
export interface LoaderPlace {
  /** `/boot` when that is a file system of its own, else empty. */
  readonly mount: string;
}

/** What the loader starts by itself, or why it starts nothing. */
export type LoaderOutcome = { readonly starts: LoaderChoice } | { readonly stuck: 'no-configuration' | 'no-entry' | 'no-kernel' | 'no-image' };

/**
 * GRUB from power on to the kernel: reads grub.cfg, runs it, takes the default entry, runs that.
 * Claims one-shot, one-shot-unwritable, grubenv-size, no-journal-replay.
 */
export function runGrub(files: LoaderFiles, place: LoaderPlace): LoaderOutcome {
  const config = files.read('/boot/grub/grub.cfg');
  if (config === null || config === '') return { stuck: 'no-configuration' };
  const run = makeGrub(files, place);
  runScript(run.shell, config);
  const chosen = chooseEntry(run.entries, run.shell.variables.get('default') ?? '0') ?? run.entries[0];
  if (chosen === undefined) return { stuck: 'no-entry' };
  const entry = leafOf(chosen);
  run.shell.variables.set('chosen', entry.id);
  runList(run.shell, entry.block);
  if (run.kernel === null || files.read(run.kernel.path) === null) return { stuck: 'no-kernel' };
  if (run.images.some((image) => files.read(image) === null)) return { stuck: 'no-image' };
  return { starts: { id: entry.id, title: entry.title, kernel: run.kernel.path, args: [`BOOT_IMAGE=${run.kernel.written}`, ...run.kernel.args], images: run.images } };
}

interface Run {
  readonly shell: Shell;
  readonly entries: Entry[];
  kernel: { path: string; written: string; args: readonly string[] } | null;
  images: readonly string[];
}

function makeGrub(files: LoaderFiles, place: LoaderPlace): Run {
  let collecting: Entry[] = [];
  const real = (path: string): string => {
    const bare = path.replace(/^\([^)]*\)/, '');
    return path.startsWith('(esp)') ? `/boot/efi${bare}` : `${place.mount}${bare}`;
  };
  const world: ShellWorld = {
    read: (path) => files.read(real(path)),
    write: () => false,
    kind: (path) => (files.read(real(path)) === null ? null : 'file'),
    isLink: () => false,
    executable: () => false,
    names: () => [],
    run(name, args, { block, shell }) {
      if ((name === 'menuentry' || name === 'submenu') && block !== null) {
        const title = args[0] ?? '';
        const option = args.findIndex((arg) => arg === '--id');
        const id = option < 0 ? title : (args[option + 1] ?? title);
        const outer = collecting;
        collecting = [];
        if (name === 'submenu') runList(shell, block);
        outer.push({ title, id, block, inside: name === 'submenu' ? collecting : null });
        collecting = outer;
        return { status: 0, output: '' };
      }
      return { status: command(run, { name, args, files, real }), output: '' };
    },
  };
  const shell = makeShell(world);
  for (const [name, value] of [['prefix', `(boot)${place.mount === '' ? '/boot' : ''}/grub`], ['config_directory', `(boot)${place.mount === '' ? '/boot' : ''}/grub`], ['feature_menuentry_id', 'y'], ['feature_timeout_style', 'y'], ['feature_default_font_path', 'y'], ['feature_all_video_module', 'y'], ['feature_platform_search_hint', 'y'], ['root', 'boot'], ['menuentry_id_option', '--id']] as const) {
    shell.variables.set(name, value);
  }
  const run: Run = { shell, entries: collecting, kernel: null, images: [] };
  return run;
}

interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly files: LoaderFiles;
  readonly real: (path: string) => string;
}

/** GRUB's own commands as far as a start needs them; what only draws or loads modules succeeds and does nothing. */
const commands: Readonly<Record<string, (run: Run, call: Call) => number>> = {
  linux,
  linux16: linux,
  initrd,
  initrd16: initrd,
  search,
  load_env: loadEnv,
  save_env: saveEnv,
  loadfont: () => 1,
  background_image: () => 1,
};

function command(run: Run, call: Call): number {
  return Object.hasOwn(commands, call.name) ? (commands[call.name]?.(run, call) ?? 0) : 0;
}

function linux(run: Run, { args, files, real }: Call): number {
  run.kernel = { path: real(args[0] ?? ''), written: args[0] ?? '', args: args.slice(1) };
  return files.read(run.kernel.path) === null ? 1 : 0;
}

function initrd(run: Run, { args, real }: Call): number {
  run.images = args.map(real);
  return 0;
}

function search(run: Run, { args, files, real }: Call): number {
  const set = args.find((arg) => arg.startsWith('--set='))?.slice(6) ?? 'root';
  const file = args.includes('--file') || args.includes('-f') ? args.at(-1) : undefined;
  const found = file === undefined || files.read(real(file)) !== null ? 'boot' : files.read(`/boot/efi${file}`) === null ? null : 'esp';
  if (found === null) return 1;
  run.shell.variables.set(set, found);
  return 0;
}

const environmentOf = (call: Call): { path: string; keys: readonly string[] } => {
  const at = call.args.findIndex((arg) => arg === '--file' || arg === '-f');
  const joined = call.args.find((arg) => arg.startsWith('--file='));
  const path = at >= 0 ? call.real(call.args[at + 1] ?? '') : joined !== undefined ? call.real(joined.slice(7)) : '/boot/grub/grubenv';
  return { path, keys: call.args.filter((arg, index) => !arg.startsWith('-') && index !== at + 1 - (at < 0 ? call.args.length + 1 : 0)) };
};

function loadEnv(run: Run, call: Call): number {
  const { path, keys } = environmentOf(call);
  const values = readBlock(call.files.read(path));
  if (values === null) return 1;
  for (const [key, value] of values) if (keys.length === 0 || keys.includes(key)) run.shell.variables.set(key, value);
  return 0;
}

function saveEnv(run: Run, call: Call): number {
  const { path, keys } = environmentOf(call);
  const values = readBlock(call.files.read(path));
  if (values === null) return 1;
  for (const key of keys) values.set(key, run.shell.variables.get(key) ?? '');
  const text = printBlock(values);
  return text !== null && call.files.overwrite(path, text) ? 0 : 1;
}

const blockHead = '# GRUB Environment Block\n';

/** Key and value pairs of an environment block; null when GRUB would ignore it (claim grubenv-size). */
export function readBlock(text: string | null): Map<string, string> | null {
  if (text === null || text.length !== 1024 || !text.startsWith(blockHead)) return null;
  const values = new Map<string, string>();
  for (const line of text.slice(blockHead.length).split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0 && !line.startsWith('#')) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return values;
}

/** The block for these pairs; null when they do not fit. */
export function printBlock(values: ReadonlyMap<string, string>): string | null {
  const text = `${blockHead}${[...values].map(([key, value]) => `${key}=${value}\n`).join('')}`;
  return text.length > 1024 ? null : text.padEnd(1024, '#');
}

function chooseEntry(entries: readonly Entry[], wanted: string): Entry | undefined {
  const [first = '', ...rest] = wanted.split('>');
  const found = entries.find((one) => one.id === first || one.title === first) ?? (/^\d+$/.test(first) ? entries[Number(first)] : undefined);
  return rest.length > 0 && found?.inside ? chooseEntry(found.inside, rest.join('>')) : found;
}

const leafOf = (entry: Entry): Entry => (entry.inside?.[0] === undefined ? entry : leafOf(entry.inside[0]));
