// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmNote, VmNoteCode } from '../../contract/vm-codes';
import type { VmHost } from '../../contract/vm-host';
import type { VmRecipe } from '../../contract/vm';
import type { Ports } from './ports';

/** What the parts of a domain share while it is drawn. */
export interface Draft {
  readonly recipe: VmRecipe;
  readonly host: VmHost;
  readonly ports: Ports;
  readonly notes: VmNote[];
}

export const note = (draft: Draft, code: VmNoteCode, detail: VmNote['detail'] = {}): void => {
  draft.notes.push({ code, detail });
};

export const isWindows = (recipe: VmRecipe): boolean => recipe.system === 'windows-11' || recipe.system === 'windows-10';

/** True when real devices reach into the guest's memory (VFIO): all of it is then pinned and cannot be given back while the guest runs. */
export const pinsMemory = (recipe: VmRecipe): boolean =>
  ['passthrough', 'mdev', 'sriov'].includes(recipe.graphics.mode) ||
  recipe.disks.some((disk) => disk.kind === 'function') ||
  recipe.networks.some((network) => network.kind === 'function') ||
  recipe.usb.some((usb) => usb.kind === 'controller');

/** A SPICE server is part of it: asked for, or carried by Looking Glass. */
export const hasSpice = (recipe: VmRecipe): boolean => recipe.display.kind === 'spice' || recipe.display.kind === 'looking-glass';
