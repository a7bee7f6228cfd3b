// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmMedia } from '../../../contract/vm-media';
import { lookUp, type Disc, type DiscEntry, type DiscTree } from '../../read/disc/bytes';
import { readIso, type IsoVolume } from '../../read/disc/iso9660';
import { readUdf } from '../../read/disc/udf';
import { readWim, type Wim } from '../../read/disc/wim';

const unusable = (why: Extract<VmMedia, { kind: 'unusable' }>['why'], detail: Readonly<Record<string, string>> = {}): VmMedia => ({ kind: 'unusable', why, detail });

/**
 * What a disc image is. Microsoft's discs show ISO 9660 readers only a note and keep everything in UDF, so UDF is asked first;
 * a disc that is shorter than it says was not downloaded to its end.
 */
export function judgeMedia(disc: Disc): VmMedia {
  const iso = readIso(disc);
  const udf = readUdf(disc);
  const tree = udf ?? iso?.tree ?? null;
  if (tree === null) return unusable('not-a-disc');
  const trees = [udf, iso?.tree ?? null].filter((one) => one !== null);
  const claims = Math.max(...trees.map((one) => one.claims));
  if (claims > disc.size) return unusable('cut-short', { has: String(disc.size), claims: String(claims) });
  for (const one of trees) {
    const found = windowsOn(disc, one) ?? driversOn(one);
    if (found !== null) return found;
  }
  return othersOn(trees, iso, tree.label.slice(0, 256));
}

const archives = ['sources/install.wim', 'sources/install.esd', 'sources/install.swm'];

function windowsOn(disc: Disc, tree: DiscTree): VmMedia | null {
  const sources = lookUp(tree, 'sources');
  const archive = archives.map((path) => lookUp(tree, path)).find((one) => one !== null);
  if (archive === undefined) return sources !== null && lookUp(tree, 'sources/boot.wim') !== null ? unusable('windows-damaged', { missing: 'sources/install.wim' }) : null;
  const wim = readWim(disc, archive);
  if (wim === null || !endsInside(disc, archive)) return unusable(endsInside(disc, archive) ? 'windows-damaged' : 'cut-short', { missing: archive.name });
  return judgeImages(wim, tree);
}

const endsInside = (disc: Disc, entry: DiscEntry): boolean => entry.extents.every((extent) => extent.offset + extent.length <= disc.size);

function judgeImages(wim: Wim, tree: DiscTree): VmMedia {
  const [first] = wim.images;
  if (first === undefined) return unusable('no-images');
  const images = wim.images.filter((image) => image.architecture === 'x64');
  if (images.length === 0) return unusable('wrong-processor', { processor: first.architecture });
  const build = Math.max(...images.map((image) => image.build ?? 0));
  return {
    kind: 'windows',
    label: tree.label.slice(0, 256),
    system: build >= 22_000 ? 'windows-11' : build >= 10_240 ? 'windows-10' : 'older',
    images: images.map((image) => ({ ...image, languages: [...image.languages] })),
    uefi: lookUp(tree, 'efi/boot/bootx64.efi') !== null,
  };
}

/** The drivers' disc by what is on it, not by its name: the driver of the virtio disk for each system. */
function driversOn(tree: DiscTree): VmMedia | null {
  if (lookUp(tree, 'viostor') === null) return null;
  const systems = (['w10', 'w11'] as const).filter((system) => lookUp(tree, `viostor/${system}/amd64/viostor.inf`) !== null);
  if (systems.length === 0) return unusable('drivers-incomplete');
  const agent = ['virtio-win-guest-tools.exe', 'guest-agent/qemu-ga-x86_64.msi'].some((path) => lookUp(tree, path) !== null);
  return { kind: 'drivers', label: tree.label.slice(0, 256), systems, agent };
}

/** Folders that only the live and install discs of Linux systems have. */
const linuxMarks = ['casper', 'live/vmlinuz', 'isolinux', 'install.amd', 'arch', 'LiveOS', 'images/pxeboot/vmlinuz', '.disk/info', 'boot/grub', 'boot/x86_64/loader', 'nixos'];

function othersOn(trees: readonly DiscTree[], iso: IsoVolume | null, label: string): VmMedia {
  const boots = iso?.boots ?? false;
  const linux = trees.some((tree) => linuxMarks.some((mark) => lookUp(tree, mark) !== null));
  return linux ? { kind: 'linux', label, boots } : { kind: 'other', label, boots };
}
