// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, PlanBasis } from '../../../contract/plan';
import { failed, ok } from '../../../contract/problem';
import type { Loader } from './loader';

/**
 * File systems into which GRUB writes its environment block; on btrfs, zfs and the like, and through LVM, RAID or
 * encryption it cannot clear `next_entry`, and the one start would become every start (host fact 5.3.2).
 */
const writable: ReadonlySet<string> = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'vfat']);

/** GRUB 2 as Debian and Ubuntu set it up: grub.cfg generated, custom.cfg sourced, drop-ins in /etc/default/grub.d. */
export const grub: Loader = {
  name: 'grub',
  places: ['grub-default', 'grub-drop-in', 'grub-config', 'grub-custom', 'grub-env'],
  mayTryOnce: (volume) =>
    writable.has(volume.fileSystem) && volume.abstractions.length === 0
      ? ok(undefined)
      : failed('refused', {
          why: 'one-shot-would-stay',
          fileSystem: volume.fileSystem,
          under: volume.abstractions.join(' '),
        }),
  tryOnce: ({ kernel, image, bind, args }) => [
    { kind: 'trial-entry', phase: 'prepare', id: 'trial-entry', loader: 'grub', kernel, image, bind, args: [...args] },
    { kind: 'one-shot', phase: 'trial', id: 'one-shot', loader: 'grub' },
  ],
  keep: ({ bind, args }) => [
    { kind: 'kernel-args', phase: 'keep', id: 'kernel-args', loader: 'grub', bind, args: [...args] },
    { kind: 'boot-config', phase: 'keep', id: 'boot-config', loader: 'grub', bind, args: [...args] },
  ],
  clear: (places) => [
    {
      kind: 'drop-trial-entry',
      phase: 'keep',
      id: 'drop-trial-entry',
      loader: 'grub',
      leaves: isAbsent(places, 'grub-custom') ? 'nothing' : 'file',
    },
  ],
};

const isAbsent = (places: PlanBasis['places'], wanted: Place): boolean =>
  places.some(({ place, state }) => place === wanted && state.kind === 'absent');
