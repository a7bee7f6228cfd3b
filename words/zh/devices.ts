// SPDX-License-Identifier: GPL-3.0-or-later
import type { devices as english } from '../en/devices';

export const devices: Readonly<Record<keyof typeof english, string>> = {};
