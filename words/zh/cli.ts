// SPDX-License-Identifier: GPL-3.0-or-later
import type { cli as english } from '../en/cli';

export const cli: Readonly<Record<keyof typeof english, string>> = {};
