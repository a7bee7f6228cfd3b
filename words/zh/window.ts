// SPDX-License-Identifier: GPL-3.0-or-later
import type { window as english } from '../en/window';

export const window: Readonly<Record<keyof typeof english, string>> = {};
