// SPDX-License-Identifier: GPL-3.0-or-later
import { contentOf } from './content';
import { namesAt, settleContent, textAt } from './files';
import { checkpoint } from './flush';
import { foreignImage, loaderType, loaderVariables, namesImage } from './foreign';
import type { LoaderChoice } from './grub';
import { runGrubOn } from './grub-run';
import { groupsAtStart, iommuWorks } from './hardware';
import { readImage, type Image } from './image';
import { argumentsOf } from './install';
import { litScreens, loadModule, startKernel, type Kernel } from './kernel';
import { givePages, writeKernel } from './kernel-nodes';
import { readModprobe, type Modprobe } from './modprobe';
import { displayOf } from './parts';
import { cutPower } from './power-cut';
import { procOf, runOf } from './procfs';
import { makeShell, runScript } from './script/shell';
import { devicesFolder, sysfsOf } from './sysfs';
import { folder, text, type View } from './view';
import { walk } from './walk';
import type { World } from './world';

/** How a start ended: *up* with the screens that show something, or why nobody gets to use the machine. */
export type Started =
  | { readonly at: 'up'; readonly entry: string; readonly args: readonly string[]; readonly lit: readonly string[] }
  | { readonly at: 'stuck'; readonly why: 'no-configuration' | 'no-entry' | 'no-kernel' | 'no-image' | 'bad-image' | 'hangs' | 'panics' };

/** Power on: firmware, loader, kernel, early scripts, drivers, services up to the ones of ours (which the caller runs). */
export function powerOn(world: World): Started {
  const choice = load(world);
  // The kernel mounts what the loader only looked at: the journal is replayed, everything is in place.
  checkpoint(world.disk);
  world.loader = null;
  if ('why' in choice) return { at: 'stuck', why: choice.why };
  const image = readImage(textAt(world.disk, choice.images.at(-1) ?? ''));
  if (image === null) return restartAfterPanic(world, choice, 'bad-image');
  const kernel = startKernel({
    hardware: world.build.hardware,
    release: choice.kernel.slice(choice.kernel.indexOf('vmlinuz-') + 'vmlinuz-'.length),
    args: choice.args,
    bootId: bootId(world),
    firmware: world.build.chosen.firmware === 'bios' ? 'bios' : 'uefi',
    groups: groupsAtStart(world.build.groups, { on: iommuWorks(world.build.chosen, choice.args), first: world.starts % 3 }),
    bootDisplay: displayOf(world.build.chosen),
  });
  showKernel(world, kernel);
  runEarly(world, kernel, image);
  const bound = world.quirk !== 'none' && [...kernel.functions.values()].some((one) => one.driver === 'vfio-pci');
  if (bound) return world.quirk === 'panics-when-bound' ? restartAfterPanic(world, choice, 'panics') : { at: 'stuck', why: 'hangs' };
  coldplug(kernel, readModprobe(diskConfig(world), kernel.args), null);
  for (const name of loadedByName(world)) loadModule(kernel, name);
  givePages(world, kernel, { sizeKiB: 2048, asked: sysctlPages(world) });
  return { at: 'up', entry: choice.id, args: choice.args, lit: litScreens(kernel) };
}

const bootId = (world: World): string => {
  world.starts += 1;
  return `${world.starts.toString(16).padStart(8, '0')}-0000-4000-8000-${world.random.below(0xffff_ffff).toString(16).padStart(12, '0')}`;
};

/** Claim panic-restarts: with `panic=` the machine starts again by itself, else it stays where it is. */
function restartAfterPanic(world: World, choice: LoaderChoice, why: 'panics' | 'bad-image'): Started {
  if (!choice.args.some((arg) => /^panic=[1-9]/.test(arg)) || world.starts > 50) return { at: 'stuck', why };
  losePower(world);
  world.starts += 1;
  return powerOn(world);
}

/** Everything that was not flushed is at the mercy of the seed, and the loader will find the disk before its journal is replayed. */
export function losePower(world: World): void {
  const remains = cutPower(world.disk, world.random);
  world.disk = remains.disk;
  world.loader = remains.loader;
  switchOff(world);
}

/** A clean shutdown: everything is written and in place. */
export function shutDown(world: World): void {
  checkpoint(world.disk);
  world.loader = null;
  switchOff(world);
}

function switchOff(world: World): void {
  world.kernel = null;
  world.computed = new Map();
  world.lock = null;
  world.restartAsked = false;
}

/** GRUB writes into the block that is there; where it cannot, it says so and goes on (claim one-shot-unwritable). */
function load(world: World): LoaderChoice | { why: 'no-configuration' | 'no-entry' | 'no-kernel' | 'no-image' } {
  if (world.build.chosen.loader !== 'grub') return loadForeign(world);
  const { volume } = world.build.installation;
  const { outcome, written } = runGrubOn(world.loader ?? world.disk, { mount: volume.mount, writable: volume.writable });
  for (const [id, bytes] of written) settleContent(world.disk, id, contentOf(bytes));
  return 'starts' in outcome ? outcome.starts : { why: outcome.stuck };
}

/** A loader that only starts what it always starts. */
function loadForeign(world: World): LoaderChoice {
  const { chosen, facts, installation } = world.build;
  const image = chosen.generator === 'initramfs-tools' ? `/boot/initrd.img-${chosen.kernel}` : foreignImage(chosen);
  const first = namesImage(chosen.loader) ? [`BOOT_IMAGE=/boot/vmlinuz-${chosen.kernel}`] : [];
  return { id: chosen.loader, title: chosen.loader, kernel: `/boot/vmlinuz-${chosen.kernel}`, args: [...first, `root=${installation.volume.root}`, 'ro', ...argumentsOf(facts, chosen)], images: [image] };
}

/** init-top in its order: `udev` is the coldplug, every other script is run as it stands in the image (claim early-before-udev). */
function runEarly(world: World, kernel: Kernel, image: Image): void {
  const config = readModprobe(image.files.filter((file) => /^(?:etc|usr\/lib)\/modprobe\.d\/.*\.conf$/.test(file.path)).map((file) => file.text), kernel.args);
  const within = new Set(image.modules);
  const order = image.files.find((file) => file.path === 'scripts/init-top/ORDER')?.text ?? '';
  for (const [, name] of order.matchAll(/^\/scripts\/init-top\/(\S+) /gm)) {
    if (name === 'udev') coldplug(kernel, config, within);
    else runScript(earlyShell(world, kernel, { config, within }), image.files.find((file) => file.path === `scripts/init-top/${name ?? ''}`)?.text ?? '');
  }
  for (const name of image.forced) if (within.has(name.replaceAll('-', '_'))) loadModule(kernel, name, config.idsFor(name));
}

function earlyShell(world: World, kernel: Kernel, given: { config: Modprobe; within: ReadonlySet<string> }) {
  const look = (path: string, links: 'follow' | 'stop') => {
    const spot = walk({ disk: world.disk, computed: world.computed }, path, links);
    return 'lost' in spot || spot.thing?.on !== 'kernel' ? null : spot.thing.view;
  };
  return makeShell({
    read(path) {
      const view = look(path, 'follow');
      if (view?.kind !== 'file') return null;
      const value = view.read();
      return typeof value === 'string' ? value : null;
    },
    write: (path, value) => writeKernel(world, path, value) === 'done',
    kind(path) {
      const view = look(path, 'follow');
      return view === null ? null : view.kind === 'folder' ? 'folder' : view.kind === 'file' ? 'file' : 'other';
    },
    isLink: (path) => look(path, 'stop')?.kind === 'link',
    executable: () => false,
    names(path) {
      const view = look(path, 'follow');
      return view?.kind === 'folder' ? view.names() : [];
    },
    run(name, args) {
      if (name !== 'modprobe') return name === 'udevadm' ? { status: 0, output: '' } : null;
      const module = (args.find((arg) => !arg.startsWith('-')) ?? '').replaceAll('-', '_');
      const there = given.within.has(module) && loadWith(kernel, given.config, module);
      return { status: there ? 0 : 1, output: '' };
    },
  });
}

/** modprobe: what its configuration wants first, then the module with its options. */
export function loadWith(kernel: Kernel, config: Modprobe, module: string): boolean {
  if (config.refused(module)) return false;
  for (const first of config.before(module)) loadModule(kernel, first, config.idsFor(first));
  return loadModule(kernel, module, config.idsFor(module));
}

/** udev goes through the devices and loads what each asks for by alias; a blacklist holds only here. */
function coldplug(kernel: Kernel, config: Modprobe, within: ReadonlySet<string> | null): void {
  for (const state of kernel.functions.values()) {
    const module = state.hardware.drivers[0]?.module ?? null;
    if (module !== null && !config.blacklisted(module) && (within === null || within.has(module))) loadWith(kernel, config, module);
  }
}

const diskConfig = (world: World): readonly string[] =>
  ['/usr/lib/modprobe.d', '/etc/modprobe.d'].flatMap((path) => namesAt(world.disk, path).filter((name) => name.endsWith('.conf')).map((name) => textAt(world.disk, `${path}/${name}`) ?? ''));

/** systemd-sysctl at a start: the last file that says so counts. */
const sysctlPages = (world: World): number =>
  Number(namesAt(world.disk, '/etc/sysctl.d').filter((name) => name.endsWith('.conf')).sort().flatMap((name) => [...(textAt(world.disk, `/etc/sysctl.d/${name}`) ?? '').matchAll(/^vm\.nr_hugepages *= *(\d+)$/gm)]).at(-1)?.[1] ?? 0);

const loadedByName = (world: World): readonly string[] =>
  [textAt(world.disk, '/etc/modules') ?? '', ...namesAt(world.disk, '/etc/modules-load.d').map((name) => textAt(world.disk, `/etc/modules-load.d/${name}`) ?? '')]
    .flatMap((content) => content.split('\n'))
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');

/** This kernel runs on this machine from now on, and shows itself in /sys, /proc, /dev and /run. */
export function showKernel(world: World, kernel: Kernel): void {
  const { chosen, facts } = world.build;
  world.kernel = kernel;
  const sources = new Map([['/', chosen['boot-volume'] === 'root-lvm' ? '/dev/mapper/vg-root' : '/dev/nvme0n1p2'], ['/boot', '/dev/nvme0n1p3'], ['/boot/efi', '/dev/nvme0n1p1']]);
  const processor = chosen.processor === 'intel' ? 'intel' : chosen.processor === 'arm' ? 'arm' : 'amd';
  const { machine } = facts;
  const dmi = Object.fromEntries(Object.entries({ sys_vendor: machine.vendor.value, product_name: machine.product.value, board_vendor: machine.boardVendor.value, board_name: machine.board.value, bios_version: machine.firmwareVersion.value, chassis_type: chassisOf(machine.chassis.value) }).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
  world.computed = new Map<string, View>([
    ['/sys', sysfsOf(kernel, { dmi, efiVariables: loaderVariables(chosen.loader), cpu: folder({ online: text('0-7\n') }), iommuUnits: [processor === 'intel' ? 'dmar0' : 'ivhd0'], table: chosen.iommu === 'none' ? null : processor === 'intel' ? 'DMAR' : 'IVRS' })],
    ['/proc', procOf({ kernel, facts, loaderType: loaderType(chosen.loader), disk: () => world.disk, processor, sources })],
    ['/dev', devicesFolder(kernel)],
    ['/run', runOf(true)],
  ]);
}

const chassisOf = (chassis: string | null): string | null => ({ desktop: '3', laptop: '10', server: '23' })[chassis ?? ''] ?? null;
