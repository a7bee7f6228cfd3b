// SPDX-License-Identifier: GPL-3.0-or-later
import type { GuestSystem } from '../../contract/vm';

/** The contract's lists, in the order a person reads them; by type, because their own values would bring the parser into the page. */
export const guestSystems: readonly GuestSystem[] = ['windows-11', 'windows-10', 'linux', 'other'];
export const uses = ['play', 'work', 'stream', 'compute'] as const;
