// SPDX-License-Identifier: GPL-3.0-or-later
import type { problems as english } from '../en/problems';

export const problems: Readonly<Record<keyof typeof english, string>> = {};
