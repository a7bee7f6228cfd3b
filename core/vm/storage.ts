// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmRecipe } from '../../contract/vm';
import type { Draft } from './draft';
import { hostFunction } from './host-function';
import { element, type Drawn } from './xml/draw';

type Kept = Exclude<VmRecipe['disks'][number], { kind: 'function' }>;

/** Disks and discs. Letters are given in order: `vda`... on virtio, `sda`... on SATA, discs after the disks. */
export function storage(draft: Draft): Drawn[] {
  const letters = { vd: 0, sd: 0 };
  const target = (bus: 'virtio' | 'sata'): Drawn => {
    const prefix = bus === 'virtio' ? 'vd' : 'sd';
    return element('target', { dev: `${prefix}${String.fromCharCode(97 + letters[prefix]++)}`, bus });
  };
  const disks = draft.recipe.disks.map((disk) =>
    disk.kind === 'function'
      ? hostFunction({ source: disk.address, managed: true, inside: disk.boot === null ? [] : [element('boot', { order: disk.boot })], address: draft.ports.take() })
      : keptDisk(draft, disk, target(disk.bus)),
  );
  return [...disks, ...draft.recipe.discs.map((disc) => discDrive(disc, target('sata')))];
}

const bootOf = (order: number | null): Drawn | null => (order === null ? null : element('boot', { order }));

/** No host cache and the kernel's own asynchronous I/O: what goes out is on the disk, and nothing is held twice in memory. */
function keptDisk(draft: Draft, disk: Kept, target: Drawn): Drawn {
  const driver = element('driver', {
    name: 'qemu',
    type: disk.kind === 'image' ? disk.format : 'raw',
    cache: 'none',
    io: 'native',
    discard: 'unmap',
    detect_zeroes: disk.kind === 'image' ? 'unmap' : undefined,
    iothread: disk.bus === 'virtio' ? 1 : undefined,
  });
  const source = element('source', disk.kind === 'image' ? { file: disk.path } : { dev: disk.path });
  return element('disk', { type: disk.kind === 'image' ? 'file' : 'block', device: 'disk' }, [driver, source, target, bootOf(disk.boot), disk.bus === 'virtio' ? draft.ports.take() : null]);
}

/** A disc that is gone (an answer disc is deleted after use) must not keep the guest from starting. */
const discDrive = (disc: VmRecipe['discs'][number], target: Drawn): Drawn =>
  element('disk', { type: 'file', device: 'cdrom' }, [
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: disc.path, startupPolicy: 'optional' }),
    target,
    element('readonly'),
    bootOf(disc.boot),
  ]);
