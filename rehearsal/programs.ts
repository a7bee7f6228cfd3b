// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../contract/problem';
import type { ProgramEnd } from '../helper/hands';
import type { ProgramCall, ProgramCallOf, ProgramName } from '../helper/programs';
import { contentOf, headOf, type Content } from './content';
import { childOf, filesystemOf, overwrite, removeFolder, setAttributes, unlink, type Inode } from './disk';
import { find, folderAt, namesAt, textAt, writeAt } from './files';
import { flushAll } from './flush';
import { grubConfig } from './grub-mkconfig';
import { printBlock, readBlock } from './grub';
import { buildImage, namesIn, printImage, readImage } from './image';
import { readModprobe } from './modprobe';
import { ScriptError } from './script/tokens';
import { readScript } from './script/syntax';
import { loadWith } from './start';
import type { World } from './world';

const files: Readonly<Record<ProgramName, string>> = {
  mkinitramfs: '/usr/sbin/mkinitramfs',
  lsinitramfs: '/usr/bin/lsinitramfs',
  unmkinitramfs: '/usr/bin/unmkinitramfs',
  'grub-mkconfig': '/usr/sbin/grub-mkconfig',
  'grub-script-check': '/usr/bin/grub-script-check',
  'grub-editenv-create': '/usr/bin/grub-editenv',
  'grub-editenv-list': '/usr/bin/grub-editenv',
  'grub-editenv-set': '/usr/bin/grub-editenv',
  'grub-editenv-unset': '/usr/bin/grub-editenv',
  'grub-probe': '/usr/sbin/grub-probe',
  'copy-attributes': '/usr/bin/cp',
  'remove-unpacked': '/usr/bin/rm',
  'sync-filesystem': '/usr/bin/sync',
  modprobe: '/usr/sbin/modprobe',
  'systemctl-daemon-reload': '/usr/bin/systemctl',
  'systemctl-reboot': '/usr/bin/systemctl',
  'udevadm-reload': '/usr/bin/udevadm',
};

export const hasProgram = (world: World, program: ProgramName): boolean => {
  const inode = find(world.disk, files[program]);
  return inode?.kind === 'file' && (inode.attributes.mode & 0o111) !== 0;
};

/** How far a program gets: to its end, or half way when it is killed or the disk is full. */
type Far = 'whole' | 'half';
const end = (exit: number, output = ''): Result<ProgramEnd> => ok({ exit, output });

/** Plays a program of the helper's table. None of them flushes what it writes, as the real ones do not. */
export function runProgram(world: World, call: ProgramCall, far: Far): Result<ProgramEnd> {
  if (!hasProgram(world, call.program)) return failed('precondition-failed', { why: 'missing', program: call.program });
  switch (call.program) {
    case 'mkinitramfs':
      return makeImage(world, call, far);
    case 'lsinitramfs': {
      const image = readImage(textAt(world.disk, call.image));
      return image === null ? end(1) : end(0, `${namesIn(image).join('\n')}\n`);
    }
    case 'unmkinitramfs':
      return unpack(world, call, far);
    case 'grub-mkconfig':
      return makeConfig(world, call, far);
    case 'grub-script-check':
      return end(checks(textAt(world.disk, call.file)) ? 0 : 1);
    case 'grub-probe':
      return probeVolume(world, call);
    case 'copy-attributes':
      return copyAttributes(world, call, far);
    case 'remove-unpacked':
      if (find(world.disk, call.folder)?.kind === 'folder') removeTree(world, call.folder, far);
      return end(0);
    default:
      return runSmall(world, call, far);
  }
}

type Small = Exclude<ProgramCall, { readonly program: 'mkinitramfs' | 'lsinitramfs' | 'unmkinitramfs' | 'grub-mkconfig' | 'grub-script-check' | 'grub-probe' | 'copy-attributes' | 'remove-unpacked' }>;

function runSmall(world: World, call: Small, far: Far): Result<ProgramEnd> {
  switch (call.program) {
    case 'grub-editenv-create':
    case 'grub-editenv-list':
    case 'grub-editenv-set':
    case 'grub-editenv-unset':
      return editEnvironment(world, call, far);
    case 'sync-filesystem':
      if (far === 'whole') flushAll(world.disk);
      return end(0);
    case 'modprobe':
      return end(world.kernel !== null && loadWith(world.kernel, readModprobe([], world.kernel.args), call.module) ? 0 : 1);
    case 'systemctl-reboot':
      world.restartAsked = true;
      return end(0);
    case 'systemctl-daemon-reload':
    case 'udevadm-reload':
      return end(0);
    default:
      return call satisfies never;
  }
}

function makeImage(world: World, call: ProgramCallOf<'mkinitramfs'>, far: Far): Result<ProgramEnd> {
  const image = buildImage(world.disk, { kernel: call.kernel, config: call.config ?? '/etc/initramfs-tools', base: world.build.installation.image });
  if (image === null) return end(1);
  writePart(world, call.output, contentOf(printImage(image)), far);
  return end(0);
}

function makeConfig(world: World, call: ProgramCallOf<'grub-mkconfig'>, far: Far): Result<ProgramEnd> {
  const config = grubConfig(world.disk, world.build.installation.volume, world.build.installation.distributor);
  if (config === null) return end(1);
  writePart(world, call.output, contentOf(config), far);
  return end(0);
}

function probeVolume(world: World, call: ProgramCallOf<'grub-probe'>): Result<ProgramEnd> {
  const inode = find(world.disk, call.path);
  if (inode === null) return end(1);
  const type = filesystemOf(world.disk, inode)?.type;
  if (call.target === 'fs') return end(0, `${type === 'ext4' ? 'ext2' : (type ?? '')}\n`);
  return end(0, world.build.chosen['boot-volume'] === 'root-lvm' ? 'lvm\n' : '\n');
}

function copyAttributes(world: World, call: ProgramCallOf<'copy-attributes'>, far: Far): Result<ProgramEnd> {
  const from = find(world.disk, call.from);
  const to = find(world.disk, call.to);
  if (from === null || to === null) return end(1);
  setAttributes(world.disk, to, far === 'whole' ? from.attributes : { mode: from.attributes.mode });
  return end(0);
}

/** Output in place, truncated first, as generators do; half of it is a file cut short. */
function writePart(world: World, path: string, content: Content, far: Far): void {
  const fresh = find(world.disk, path) === null;
  const written = writeAt(world.disk, path, far === 'whole' ? content : headOf(content, Math.floor(content.bytes.length / 2)));
  if (fresh) setAttributes(world.disk, written, { mode: path.includes('grub') ? world.build.installation.configMode : 0o644 });
}

function checks(text: string | null): boolean {
  if (text === null) return false;
  try {
    readScript(text);
    return true;
  } catch (error) {
    if (error instanceof ScriptError) return false;
    throw error;
  }
}

function unpack(world: World, call: ProgramCallOf<'unmkinitramfs'>, far: Far): Result<ProgramEnd> {
  const image = readImage(textAt(world.disk, call.image));
  if (image === null) return end(1);
  const into = image.microcode ? `${call.into}/main` : call.into;
  if (image.microcode) writeAt(world.disk, `${call.into}/early/kernel/x86/microcode/GenuineIntel.bin`, 'microcode\n');
  for (const file of far === 'whole' ? image.files : image.files.slice(0, 2)) writeAt(world.disk, `${into}/${file.path}`, file.text, { mode: file.mode });
  for (const name of far === 'whole' ? namesIn(image).filter((one) => one.endsWith('.ko')) : []) writeAt(world.disk, `${into}/${name}`, 'module\n');
  folderAt(world.disk, `${into}/conf`);
  return end(0);
}

/** grub-editenv opens with truncation and writes the block again: between the two the file is empty. */
function editEnvironment(world: World, call: Extract<ProgramCall, { readonly file: string }>, far: Far): Result<ProgramEnd> {
  const text = textAt(world.disk, call.file);
  if (call.program === 'grub-editenv-create') {
    writeAt(world.disk, call.file, far === 'whole' ? (printBlock(new Map()) ?? '') : '');
    return end(0);
  }
  const values = readBlock(text);
  if (values === null) return end(1);
  if (call.program === 'grub-editenv-list') return end(0, [...values].map(([key, value]) => `${key}=${value}\n`).join(''));
  if (call.program === 'grub-editenv-set') values.set(call.key, call.value);
  else if (call.program === 'grub-editenv-unset') values.delete(call.key);
  const block = printBlock(values);
  const file = find(world.disk, call.file);
  if (block === null || file === null) return end(1);
  overwrite(world.disk, file, contentOf(far === 'whole' ? block : ''));
  return end(0);
}

function removeTree(world: World, path: string, far: Far): void {
  const names = namesAt(world.disk, path);
  for (const name of far === 'whole' ? names : names.slice(0, Math.ceil(names.length / 2))) {
    const folder = find(world.disk, path);
    const child = folder === null ? null : childOf(world.disk, folder, name);
    if (folder === null || child === null) continue;
    if (child.kind === 'folder') removeTree(world, `${path}/${name}`, 'whole');
    else unlink(world.disk, folder, name);
  }
  if (far === 'whole') dropFolder(world, path);
}

function dropFolder(world: World, path: string): void {
  const slash = path.lastIndexOf('/');
  const parent: Inode | null = find(world.disk, path.slice(0, slash) || '/');
  if (parent !== null) removeFolder(world.disk, parent, path.slice(slash + 1));
}

