// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostSlice } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import type { DeviceIdentity } from '../../contract/plan';

/** A function as the running kernel has it, read just now. */
export interface FunctionNow extends DeviceIdentity {
  readonly class: string;
  readonly driver: string | null;
  readonly override: string | null;
  readonly power: 'on' | 'auto' | null;
  /** Names of `reset_method`; null where the kernel has no such file for it. */
  readonly resetMethods: readonly string[] | null;
  readonly group: number | null;
  /** Virtual functions it has now. */
  readonly virtualFunctions: number;
}

export interface ModuleNow {
  readonly module: string;
  /** References, and who they are of, as far as the kernel says. */
  readonly references: number;
  readonly holders: readonly string[];
  readonly version: string | null;
}

export interface ConsoleNow {
  /** `vtcon1`: numbers are not fixed, so it is known by its name. */
  readonly console: string;
  readonly name: string;
  readonly bound: boolean;
}

export interface UnitNow {
  readonly unit: string;
  readonly runs: boolean;
}

/** Everything a hand-off is decided from, of these cards alone; nothing in it wakes a card. */
export interface HandLook {
  readonly functions: ReadonlyMap<PciAddress, FunctionNow>;
  /** Every member of the groups of these functions, themselves included. */
  readonly members: readonly { readonly address: PciAddress; readonly group: number; readonly driver: string | null; readonly bridge: boolean }[];
  /** Functions elsewhere that have one of these drivers, by driver. */
  readonly others: ReadonlyMap<string, readonly PciAddress[]>;
  /** Functions of the same slots that are in no table. */
  readonly besides: readonly PciAddress[];
  readonly modules: ReadonlyMap<string, ModuleNow>;
  readonly consoles: readonly ConsoleNow[];
  readonly framebuffers: readonly { readonly name: string; readonly device: PciAddress | null }[];
  /** Functions behind a connector that shows a picture now; null: it cannot be told. */
  readonly lit: readonly PciAddress[] | null;
  readonly kernel: { readonly major: number; readonly minor: number } | null;
  readonly vfio: boolean;
  /** What draws the log-in screen; *unknown*: something this does not know how to stop and start again. */
  readonly manager: UnitNow | 'none' | 'unknown';
  readonly services: readonly UnitNow[];
  /** Threads that are online, and which of them each slice of the host is kept to: `0-3`, empty for all; no slice where the kernel cannot tell. */
  readonly processors: { readonly online: readonly number[]; readonly slices: readonly { readonly slice: HostSlice; readonly threads: string }[] };
}
