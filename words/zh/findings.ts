// SPDX-License-Identifier: GPL-3.0-or-later
import type { findings as english } from '../en/findings';

export const findings: Readonly<Record<keyof typeof english, string>> = {};
