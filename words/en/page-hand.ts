// SPDX-License-Identifier: GPL-3.0-or-later
import { handOff } from './hand-off';
import { windowHand } from './window-hand';

/** What the window says about a card on its way; it comes with that part. */
export const pageHand = { ...handOff, ...windowHand } as const;
