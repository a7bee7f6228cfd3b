// SPDX-License-Identifier: GPL-3.0-or-later
import type { steps as english } from '../en/steps';

export const steps: Readonly<Record<keyof typeof english, string>> = {};
