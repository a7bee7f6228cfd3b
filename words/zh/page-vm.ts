// SPDX-License-Identifier: GPL-3.0-or-later
import { vm } from './vm';
import { vmFailures } from './vm-failures';

/** What the window says about virtual machines; it comes with their area. */
export const pageVm = { ...vm, ...vmFailures } as const;
