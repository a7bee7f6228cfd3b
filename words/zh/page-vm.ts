// SPDX-License-Identifier: GPL-3.0-or-later
import { vm } from './vm';
import { vmFailures } from './vm-failures';
import { windowVm } from './window-vm';
import { windowVmNew } from './window-vm-new';

/** What the window says about virtual machines; it comes with their area. */
export const pageVm = { ...vm, ...vmFailures, ...windowVm, ...windowVmNew } as const;
