// SPDX-License-Identifier: GPL-3.0-or-later
import { windowChange } from './window-change';
import { windowMachine } from './window-machine';
import { windowPoints } from './window-points';
import { windowPlaces } from './window-places';

/** The window's own sentences: the places, what changes, and the machine with its picture. */
export const window = { ...windowPlaces, ...windowChange, ...windowMachine, ...windowPoints } as const;
