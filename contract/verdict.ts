// SPDX-License-Identifier: GPL-3.0-or-later
import type { Confidence, Evidence, Finding } from './finding';
import type { PciAddress } from './pci';
import type { Detail } from './problem';

/** Why a field of a verdict is what it is: a code of words/findings, its details, and what was read. */
export interface Reason {
  readonly code: string;
  readonly detail: Detail;
  readonly evidence: readonly Evidence[];
}

export type GpuKind = 'integrated' | 'discrete' | 'bmc' | 'virtual' | 'discrete-vf';
export type PassthroughAnswer = 'yes' | 'conditional' | 'no';
export type ResetAnswer = 'yes' | 'possible' | 'unknown' | 'no';
export type VgpuKind = 'none' | 'gvt-g' | 'sriov' | 'nvidia-vgpu' | 'mig';
export const actionCodes = [
  'pass-gpu',
  'move-slot-or-bios',
  'single-gpu-handoff',
  'not-possible',
  'enable-iommu',
  'use-vgpu',
  'already-guest',
  'need-more-data',
] as const;
export type ActionCode = (typeof actionCodes)[number];

/** The answer to "can a card of this machine be given to a VM?", in the vocabulary of `assess --json` (schema 1). */
export interface Verdict {
  readonly gpus: readonly { readonly address: PciAddress; readonly kind: GpuKind; readonly name: string; readonly reason: Reason }[];
  readonly boot_gpu: { readonly address: PciAddress | null; readonly confidence: 'stated' | 'derived' | 'likely' | 'unknown'; readonly reason: Reason };
  readonly passthrough: readonly {
    readonly gpu: PciAddress;
    readonly verdict: PassthroughAnswer;
    readonly own_functions: readonly PciAddress[];
    readonly bind_together: readonly PciAddress[];
    readonly leave_on_host: readonly PciAddress[];
    readonly iommu_group: number | null;
    readonly reason: Reason;
  }[];
  readonly identical_ids: {
    readonly present: boolean;
    readonly gpu_ids: Readonly<Record<string, readonly PciAddress[]>>;
    readonly id_also_matches_other_devices: readonly { readonly id: string; readonly pass: PciAddress; readonly also_matches: readonly PciAddress[] }[];
    readonly reason: Reason;
  };
  readonly single_gpu: { readonly value: boolean | null; readonly reason: Reason };
  readonly iommu_off: { readonly value: boolean | null; readonly reason: Reason };
  readonly hybrid_laptop: { readonly value: boolean | null; readonly kind: 'muxless' | 'muxed' | 'unknown' | 'none'; readonly reason: Reason };
  readonly reset_bug: {
    readonly value: ResetAnswer;
    readonly cards: readonly { readonly gpu: PciAddress; readonly family: string; readonly value: ResetAnswer; readonly reason: Reason }[];
    readonly reason: Reason;
  };
  readonly vgpu: { readonly kind: VgpuKind; readonly capable: boolean; readonly reason: Reason };
  readonly recommended_action: { readonly code: ActionCode; readonly target: PciAddress | null; readonly reason: Reason };
}

export const wayKinds = ['dedicated', 'on-demand', 'single-card', 'mdev', 'sriov', 'virtio-gpu', 'emulated'] as const;
export type WayKind = (typeof wayKinds)[number];

/** One way a card (or no card) can serve a VM: whether it can be had here, what it costs, and why. */
export interface Way {
  readonly kind: WayKind;
  readonly possible: 'yes' | 'conditional' | 'no' | 'unknown';
  /** What it costs the person: codes of words/findings (`cost.*`). */
  readonly costs: readonly Reason[];
  readonly reasons: readonly Reason[];
}

/** A display-class device as a person meets it: one thing, with its sound function and whatever must move along. */
export interface Card {
  readonly gpu: PciAddress;
  /** Human name first: `NVIDIA GeForce RTX 3080`. */
  readonly name: string;
  readonly vendorName: string;
  readonly slot: string | null;
  readonly kind: GpuKind;
  readonly role: 'boot-display' | 'lit-screen' | 'idle' | 'reserved' | 'unknown';
  readonly companions: readonly PciAddress[];
  readonly staysOnHost: readonly PciAddress[];
  /** Foreign endpoints in its groups that the host cannot lose. */
  readonly blockers: readonly PciAddress[];
  readonly sharesWith: readonly PciAddress[];
  readonly resetFamily: string | null;
  readonly ways: readonly Way[];
  readonly findings: readonly Finding[];
}

/** Everything judged about one machine. */
export interface Assessment {
  readonly schema: 1;
  readonly verdict: Verdict;
  /** BIOS and host checks, most urgent first. */
  readonly readiness: readonly Finding[];
  readonly cards: readonly Card[];
  readonly recommendation: {
    readonly action: ActionCode;
    readonly target: PciAddress | null;
    readonly way: WayKind | null;
    readonly confidence: Confidence;
    readonly reason: Reason;
    /** The one thing to do next. */
    readonly next: Finding | null;
  };
  /** What was not in the source and would change the answer; each names what to paste or run. */
  readonly missing: readonly { readonly what: string; readonly command: string | null }[];
}
