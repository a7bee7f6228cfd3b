// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { VmMode } from '../../contract/vm-mode';
import type { AskIn } from '../../contract/ui';
import { forms } from '../../core/vm/forms';

type ModeWish = AskIn<'vm.draft'>['wish']['mode'];

/** Which part of a card is meant, where the mode is a part that was made before. */
export interface Parts {
  readonly mdev: string;
  readonly function: PciAddress | '';
}

/** A mode of this machine as a draft asks for it; null while it is not said which part of the card. */
export function wishOf(mode: VmMode, parts: Parts): ModeWish | null {
  switch (mode.mode) {
    case 'vga':
    case 'virtio-3d':
    case 'none':
      return { mode: mode.mode };
    case 'passthrough':
      return mode.way === null || mode.card === null ? null : { mode: 'passthrough', way: mode.way, card: mode.card.address };
    case 'mdev':
      return forms.uuid.test(parts.mdev) ? { mode: 'mdev', uuid: parts.mdev } : null;
    case 'sriov':
      return parts.function === '' ? null : { mode: 'sriov', address: parts.function };
    default:
      return mode.mode satisfies never;
  }
}
