// SPDX-License-Identifier: GPL-3.0-or-later
import type { Result } from '../../contract/problem';
import type { VmViewer } from '../../contract/vm-console';
import type { VmMedia } from '../../contract/vm-media';
import type { HalfStore } from './half-store';
import type { Libvirt } from './libvirt';
import type { SchemaCheck } from './schema';

/** What a machine of the window has for VMs: the same flows for this computer and for a rehearsal. */
export interface VmSide {
  readonly libvirt: Libvirt;
  /** VM halves; a rehearsal keeps its own in memory. */
  readonly store: HalfStore;
  readonly disc: (path: string) => Result<VmMedia>;
  readonly schema: SchemaCheck;
  /** Null: nothing of it can be shown (a rehearsal). */
  readonly viewers: { readonly found: (viewer: VmViewer) => boolean; readonly open: (viewer: VmViewer, words: readonly string[]) => void } | null;
  /** The machine's own time, in milliseconds since 1970: its halves stand in one row with its transactions. */
  readonly clock: () => number;
  /** How often to ask whether anything changed, in milliseconds. */
  readonly pace: number;
}
