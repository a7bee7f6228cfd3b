// SPDX-License-Identifier: GPL-3.0-or-later
import type { window as english } from '../en/window';
import { windowChange } from './window-change';
import { windowMachine } from './window-machine';
import { windowPoints } from './window-points';
import { windowPlaces } from './window-places';

export const window: Readonly<Record<keyof typeof english, string>> = { ...windowPlaces, ...windowChange, ...windowMachine, ...windowPoints };
