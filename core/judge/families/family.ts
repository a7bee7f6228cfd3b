// SPDX-License-Identifier: GPL-3.0-or-later
import type { GpuKind, ResetAnswer, VgpuKind } from '../../../contract/verdict';

/** One row of a family table: device ids `from`..`to` (inclusive, hex) of one vendor are chips of this family. */
export interface FamilyRow {
  readonly from: number;
  readonly to: number;
  readonly family: string;
  readonly place: 'integrated' | 'discrete' | 'bmc' | 'by-place';
  readonly reset: ResetAnswer;
  readonly vgpu: VgpuKind;
}

/** What a chip's family says about it; `place` null means the table does not know the chip. */
export interface Family {
  readonly name: string;
  readonly place: GpuKind | 'by-place';
  readonly reset: ResetAnswer;
  readonly vgpu: VgpuKind;
  readonly known: boolean;
}

/** The first row that holds the id; tables are ordered from the special to the general. */
export const rowOf = (table: readonly FamilyRow[], device: number): FamilyRow | undefined => table.find((row) => device >= row.from && device <= row.to);
