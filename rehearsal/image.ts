// SPDX-License-Identifier: GPL-3.0-or-later
import type { Content } from './content';
import { childOf, type Disk, type Inode } from './disk';
import { find, namesAt, textAt } from './files';
import { makeShell, runScript } from './script/shell';
import type { ShellWorld } from './script/state';

/** What mkinitramfs packs: a listing that can be read, with the text of everything that decides what a start does. */
export interface Image {
  readonly kernel: string;
  /** A cpio of processor microcode stands in front; unmkinitramfs then makes `early` and `main` folders. */
  readonly microcode: boolean;
  /** Modules in the image, with underscores. */
  readonly modules: readonly string[];
  /** Modules loaded by name after init-top. */
  readonly forced: readonly string[];
  readonly files: readonly { readonly path: string; readonly mode: number; readonly text: string }[];
}

const mark = 'initramfs of a machine of memory\n';

export function printImage(image: Image): string {
  const text = printed.get(image) ?? `${mark}${JSON.stringify(image)}\n`;
  printed.set(image, text);
  return text;
}
const printed = new WeakMap<Image, string>();

/** The image in a file's text; null when it is cut short or no image at all, as a kernel would find. */
export function readImage(text: string | null): Image | null {
  const known = text === null ? undefined : images.get(text);
  if (text === null || known !== undefined) return known ?? null;
  const image = parseImage(text);
  if (image === null) return null;
  if (images.size >= 500) images.clear();
  images.set(text, image);
  return image;
}
const images = new Map<string, Image>();

function parseImage(text: string): Image | null {
  if (!text.startsWith(mark) || !text.endsWith('\n')) return null;
  try {
    const value: unknown = JSON.parse(text.slice(mark.length));
    return isImage(value) ? value : null;
  } catch {
    return null;
  }
}

const isImage = (value: unknown): value is Image =>
  typeof value === 'object' && value !== null && 'files' in value && Array.isArray(value.files) && 'modules' in value && Array.isArray(value.modules) && 'forced' in value && 'kernel' in value;

/** What a machine's own installation puts into every image. */
export interface ImageBase {
  readonly microcode: boolean;
  readonly modules: readonly string[];
}

const shared = '/usr/share/initramfs-tools';

/** mkinitramfs: the configuration folder, the distribution's own scripts and modprobe.d, and what hooks add (host.md 5.7). */
export function buildImage(disk: Disk, from: { kernel: string; config: string; base: ImageBase }): Image | null {
  if (find(disk, `/usr/lib/modules/${from.kernel}`) === null || find(disk, `${from.config}/initramfs.conf`) === null) return null;
  const sources = ['/usr/lib/modprobe.d', '/etc/modprobe.d', shared, from.config].map((folder) => fingerprint(disk, find(disk, folder))).join('\n');
  const key = `${from.kernel} ${JSON.stringify(from.base)} ${sources}`;
  const known = built.get(key);
  if (known !== undefined) return known;
  const image = packImage(disk, from);
  if (built.size >= 2000) built.clear();
  built.set(key, image);
  return image;
}

/** Running every script for its prerequisites is dear, and the same sources give the same image. */
const built = new Map<string, Image>();
const numbers = new WeakMap<Content, number>();
let lastNumber = 0;

/** Names, modes and contents below a folder, a content told by a number of its own. */
function fingerprint(disk: Disk, inode: Inode | null): string {
  if (inode === null) return '-';
  if (inode.kind === 'link') return inode.target;
  if (inode.kind === 'folder') return `(${[...inode.entries.keys()].map((name) => `${name}=${fingerprint(disk, childOf(disk, inode, name))}`).join(',')})`;
  let number = numbers.get(inode.content);
  if (number === undefined) {
    number = ++lastNumber;
    numbers.set(inode.content, number);
  }
  return `${number}:${inode.attributes.mode}`;
}

function packImage(disk: Disk, from: { kernel: string; config: string; base: ImageBase }): Image {
  const files = new Map<string, { path: string; mode: number; text: string }>();
  const add = (path: string, source: string) => {
    const inode = find(disk, source);
    if (inode?.kind === 'file') files.set(path, { path, mode: inode.attributes.mode, text: inode.content.text });
  };
  for (const folder of ['/usr/lib/modprobe.d', '/etc/modprobe.d']) {
    for (const name of [...namesAt(disk, folder)].filter((one) => one.endsWith('.conf')).sort()) add(`${folder.slice(1)}/${name}`, `${folder}/${name}`);
  }
  add('conf/initramfs.conf', `${from.config}/initramfs.conf`);
  for (const name of namesAt(disk, `${from.config}/conf.d`)) add(`conf/conf.d/${name}`, `${from.config}/conf.d/${name}`);
  for (const stage of ['init-top', 'init-premount', 'init-bottom']) packScripts(disk, { stage, config: from.config }, files);
  const forced = (textAt(disk, `${from.config}/modules`) ?? '').split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/)[0] ?? '').filter((name) => name !== '');
  const hooked = hookModules(disk, from.config);
  const wanted = [...from.base.modules, ...forced, ...hooked].map((name) => name.replaceAll('-', '_'));
  return { kernel: from.kernel, microcode: from.base.microcode, modules: [...new Set(wanted)].sort(), forced, files: [...files.values()] };
}

function packScripts(disk: Disk, { stage, config }: { stage: string; config: string }, files: Map<string, { path: string; mode: number; text: string }>): void {
  const scripts = new Map<string, { mode: number; text: string }>();
  for (const folder of [`${shared}/scripts/${stage}`, `${config}/scripts/${stage}`]) {
    for (const name of namesAt(disk, folder)) {
      const inode = find(disk, `${folder}/${name}`);
      // "A non-executable or syntactically wrong script is silently skipped" (host.md 5.7).
      if (inode?.kind === 'file' && (inode.attributes.mode & 0o111) !== 0) scripts.set(name, { mode: inode.attributes.mode, text: inode.content.text });
    }
  }
  const order = orderOf(disk, scripts);
  for (const name of order) {
    const script = scripts.get(name);
    if (script !== undefined) files.set(`scripts/${stage}/${name}`, { path: `scripts/${stage}/${name}`, ...script });
  }
  if (order.length > 0) {
    const lines = order.map((name) => `/scripts/${stage}/${name} "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n`);
    files.set(`scripts/${stage}/ORDER`, { path: `scripts/${stage}/ORDER`, mode: 0o644, text: lines.join('') });
  }
}

/** Alphabetical, but never before what a script names as its prerequisite (claim early-before-udev). */
function orderOf(disk: Disk, scripts: ReadonlyMap<string, { text: string }>): readonly string[] {
  const needs = new Map([...scripts].map(([name, script]): [string, readonly string[]] => [name, prerequisites(disk, script.text)]));
  const done: string[] = [];
  const visit = (name: string, way: readonly string[]) => {
    if (done.includes(name) || way.includes(name)) return;
    for (const need of needs.get(name) ?? []) if (needs.has(need)) visit(need, [...way, name]);
    done.push(name);
  };
  for (const name of [...scripts.keys()].sort()) visit(name, []);
  return done;
}

function prerequisites(disk: Disk, text: string): readonly string[] {
  const shell = makeShell(filesOnly(disk), ['prereqs']);
  return runScript(shell, text) === 0 ? shell.output.split(/\s+/).filter((one) => one !== '') : [];
}

/** Hooks run at build time; the one command of theirs that matters here is `manual_add_modules`. */
function hookModules(disk: Disk, config: string): readonly string[] {
  return namesAt(disk, `${config}/hooks`).flatMap((name) => {
    const inode = find(disk, `${config}/hooks/${name}`);
    if (inode?.kind !== 'file' || (inode.attributes.mode & 0o111) === 0) return [];
    const added: string[] = [];
    const shell = makeShell({
      ...filesOnly(disk),
      run(command, args) {
        if (command === 'manual_add_modules' || command === 'force_load') added.push(...args);
        return { status: 0, output: '' };
      },
    });
    return runScript(shell, inode.content.text) === 0 ? added : [];
  });
}

const filesOnly = (disk: Disk): ShellWorld => ({
  read: (path) => textAt(disk, path),
  write: () => false,
  kind: (path) => find(disk, path)?.kind === 'folder' ? 'folder' : find(disk, path)?.kind === 'file' ? 'file' : null,
  isLink: () => false,
  executable: (path) => ((find(disk, path)?.attributes.mode ?? 0) & 0o111) !== 0,
  names: (folder) => namesAt(disk, folder),
  run: () => ({ status: 0, output: '' }),
});

/** Paths as lsinitramfs prints them. */
export function namesIn(image: Image): readonly string[] {
  const modules = image.modules.map((name) => `usr/lib/modules/${image.kernel}/kernel/drivers/${fileOfModule(name)}.ko`);
  return ['.', 'bin', 'conf', 'etc', 'init', 'scripts', 'usr', ...image.files.map((file) => file.path), ...modules].sort();
}

/** Most module files are named with underscores, these with dashes (kernel tree). */
const dashed = new Set(['vfio_pci', 'vfio_pci_core', 'xhci_pci', 'snd_hda_intel', 'i2c_i801', 'i2c_piix4', 'intel_lpss_pci', 'ehci_pci', 'ohci_pci']);
const fileOfModule = (module: string): string => (dashed.has(module) ? module.replaceAll('_', '-') : module);
