// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../../contract/pci';

/** What a person would call the thing, by PCI class. */
export type Sort = 'display' | 'sound' | 'network' | 'storage' | 'usb' | 'bridge' | 'system' | 'other';

/** *card*: part of a graphics card while nothing is chosen. *keeps*: useful to this computer and left to it. *plain*: of no interest here. */
export type Standing = 'chosen' | 'companion' | 'blocks' | 'shares' | 'card' | 'keeps' | 'plain';

/** What a closed branch holds, so that it can be said in one line. */
export interface Holds {
  readonly functions: number;
  readonly groups: readonly number[];
  /** True when no two of them share a group and none shares one with anything outside. */
  readonly alone: boolean;
  readonly sorts: Readonly<Partial<Record<Sort, number>>>;
}

/** One row of the drawing. `via` are the bridges passed on the way from the parent, nearest the root first. */
export interface PictureNode {
  readonly id: string;
  /**
   * *root*: a root bus. Where nobody said how the devices hang together they stand under what is known instead:
   * *group*: an IOMMU group with company; *alone*: all that share with nobody; *bus*: a bus number, where groups are unknown too.
   */
  readonly kind: 'root' | 'group' | 'alone' | 'bus' | 'bridge' | 'card' | 'function' | 'fold';
  readonly address: PciAddress | null;
  readonly name: string | null;
  readonly slot: string | null;
  readonly driver: string | null;
  readonly sort: Sort;
  readonly standing: Standing;
  readonly group: number | null;
  /** 0 the chosen group, 1-5 other groups with company, null a device alone in its group. */
  readonly hue: number | null;
  /** A graphics card is in its group. */
  readonly withCard: boolean;
  readonly via: readonly PciAddress[];
  /** The way from the processor to the chosen card runs through here. */
  readonly onTrack: boolean;
  readonly open: boolean;
  readonly holds: Holds;
  readonly children: readonly PictureNode[];
}

/** What the first level of the picture is made of; *partly*: root buses, and beside them what nobody said the way to. */
export type ArrangedBy = 'way' | 'partly' | 'group' | 'bus';

export interface Picture {
  readonly roots: readonly PictureNode[];
  readonly arrangedBy: ArrangedBy;
  readonly functions: number;
  readonly groups: number;
  readonly groupsKnown: boolean;
  readonly counts: Readonly<Record<Standing, number>>;
}

const displayVendors = new Set(['1002', '10de']);

/** The sort of a function by its class (PCI Code and ID Assignment: base class 03 display, 01 storage, 02 network, 0c03 USB, 04 multimedia). */
export function sortOf(it: PciFunction): Sort {
  const base = it.class.slice(0, 2);
  if (base === '03' || (it.class === '1200' && displayVendors.has(it.vendor))) return 'display';
  if (base === '04') return 'sound';
  if (base === '02' || it.class === '0d80') return 'network';
  if (base === '01') return 'storage';
  if (it.class === '0c03') return 'usb';
  if (it.class === '0604' || it.class === '0609' || it.header === 'bridge') return 'bridge';
  return ['05', '06', '07', '08', '0b', '0c', '10', '11', '13'].includes(base) ? 'system' : 'other';
}
