// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../contract/problem';
import type { ProgramEnd } from '../helper/hands';
import type { ProgramCall, ProgramCallOf, ProgramName } from '../helper/programs';
import { contentOf, headOf, sameContentOf, type Content } from './content';
import { childOf, filesystemOf, overwrite, removeFolder, setAttributes, unlink, type Inode } from './disk';
import { find, folderAt, linkAt, namesAt, textAt, writeAt } from './files';
import { flushAll, flushFile } from './flush';
import { grubConfig } from './grub-mkconfig';
import { printBlock, readBlock } from './grub';
import { buildImage, namesIn, printImage, readImage } from './image';
import { isDeskCall, runOnDesk, type DeskProgram } from './hand-off/programs';
import { readModprobe } from './modprobe';
import { domainState, domainXml } from './libvirt-state';
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
  'read-attributes': '/usr/bin/getfattr',
  'remove-unpacked': '/usr/bin/rm',
  'sync-filesystem': '/usr/bin/sync',
  modprobe: '/usr/sbin/modprobe',
  'virsh-autostart': '/usr/bin/virsh',
  'virsh-domain-state': '/usr/bin/virsh',
  'virsh-domain-xml': '/usr/bin/virsh',
  gpasswd: '/usr/bin/gpasswd',
  'modprobe-remove': '/usr/sbin/modprobe',
  'systemctl-start': '/usr/bin/systemctl',
  'systemctl-stop': '/usr/bin/systemctl',
  'systemctl-allowed-threads': '/usr/bin/systemctl',
  'take-back-timer-start': '/usr/bin/systemd-run',
  'take-back-timer-stop': '/usr/bin/systemctl',
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
  return isDeskCall(call) ? end(runOnDesk(world.kernel, call) ? 0 : 1) : play(call.program, { world, call, far });
}

type FileProgram = Exclude<ProgramName, DeskProgram>;
type FileCalls = { readonly [P in FileProgram]: ProgramCallOf<P> };

/** What each program does to the disk of this machine. */
const plays: { readonly [P in FileProgram]: (world: World, call: FileCalls[P], far: Far) => Result<ProgramEnd> } = {
  mkinitramfs: makeImage,
  lsinitramfs(world, { image: path }) {
    const image = readImage(textAt(world.disk, path));
    return image === null ? end(1) : end(0, `${namesIn(image).join('\n')}\n`);
  },
  unmkinitramfs: unpack,
  'grub-mkconfig': makeConfig,
  'grub-script-check': (world, { file }) => end(checks(textAt(world.disk, file)) ? 0 : 1),
  'grub-editenv-create': editEnvironment,
  'grub-editenv-list': editEnvironment,
  'grub-editenv-set': editEnvironment,
  'grub-editenv-unset': editEnvironment,
  'grub-probe': probeVolume,
  'copy-attributes': copyAttributes,
  // No file of memory has any.
  'read-attributes': (world, { path }) => end(find(world.disk, path) === null ? 1 : 0),
  'remove-unpacked'(world, { folder }, far) {
    if (find(world.disk, folder)?.kind === 'folder') removeTree(world, folder, far);
    return end(0);
  },
  'sync-filesystem'(world, _call, far) {
    if (far === 'whole') flushAll(world.disk);
    return end(0);
  },
  modprobe: (world, { module }) => end(world.kernel !== null && loadWith(world.kernel, readModprobe([], world.kernel.args), module) ? 0 : 1),
  'virsh-autostart': autostart,
  'virsh-domain-state': domainState,
  'virsh-domain-xml': domainXml,
  gpasswd: changeGroup,
  'systemctl-reboot'(world) {
    world.restartAsked = true;
    return end(0);
  },
  'systemctl-daemon-reload': () => end(0),
  'udevadm-reload': () => end(0),
};
const play = <P extends FileProgram>(program: P, { world, call, far }: { readonly world: World; readonly call: FileCalls[P]; readonly far: Far }): Result<ProgramEnd> => plays[program](world, call, far);

/** libvirt marks what starts by itself with a link to its definition (claim autostart-link). */
function autostart(world: World, { of, name, on }: ProgramCallOf<'virsh-autostart'>): Result<ProgramEnd> {
  const folder = of === 'network' ? '/etc/libvirt/qemu/networks' : '/etc/libvirt/storage';
  if (find(world.disk, `${folder}/${name}.xml`) === null) return end(1);
  const links = folderAt(world.disk, `${folder}/autostart`);
  const is = childOf(world.disk, links, `${name}.xml`) !== null;
  if (on && !is) linkAt(world.disk, `${folder}/autostart/${name}.xml`, `${folder}/${name}.xml`);
  if (!on && is) unlink(world.disk, links, `${name}.xml`);
  return end(0);
}

/** gpasswd replaces the file whole (claim gpasswd-replaces); an unknown user or group, or a member twice, is an error or nothing. */
function changeGroup(world: World, { user, group, add }: ProgramCallOf<'gpasswd'>): Result<ProgramEnd> {
  const lines = (textAt(world.disk, '/etc/group') ?? '').split('\n').map((line) => line.split(':'));
  const known = (textAt(world.disk, '/etc/passwd') ?? '').split('\n').some((line) => line.startsWith(`${user}:`));
  const found = lines.find((line) => line[0] === group);
  if (!known || found === undefined) return end(3);
  const members = (found[3] ?? '').split(',').filter((each) => each !== '');
  if (!add && !members.includes(user)) return end(3);
  found[3] = (add ? [...new Set([...members, user])] : members.filter((each) => each !== user)).join(',');
  // Beside it, flushed, renamed: no power cut leaves half of it.
  flushFile(world.disk, writeAt(world.disk, '/etc/group', lines.map((line) => line.join(':')).join('\n')));
  return end(0);
}

function makeImage(world: World, call: ProgramCallOf<'mkinitramfs'>, far: Far): Result<ProgramEnd> {
  const image = buildImage(world.disk, { kernel: call.kernel, config: call.config ?? '/etc/initramfs-tools', base: world.build.installation.image });
  if (image === null) return end(1);
  writePart(world, call.output, sameContentOf(printImage(image)), far);
  return end(0);
}

function makeConfig(world: World, call: ProgramCallOf<'grub-mkconfig'>, far: Far): Result<ProgramEnd> {
  const config = grubConfig(world.disk, world.build.installation.volume, world.build.installation.distributor);
  if (config === null) return end(1);
  writePart(world, call.output, sameContentOf(config), far);
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

