// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmRecipe } from '../../contract/vm';

/** The hook that hands a card over also keeps the host off the threads a VM is pinned to; a VM without such a card never meets it. */
export const mayBeApart = ({ cpu, graphics }: Pick<VmRecipe, 'cpu' | 'graphics'>): boolean => cpu.pinning !== null && graphics.mode === 'passthrough' && graphics.way !== 'dedicated';
