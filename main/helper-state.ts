// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync } from 'node:fs';
import type { HelperState } from '../contract/target';
import { installedHelper } from './helper-client';

/** The one command that installs the helper from a checkout; it asks for the password itself. */
const installCommand = 'npm run package:helper';

/** Whether this copy can change this computer (decision 12). That it is the same version is compared when it greets. */
export function helperStateHere(): HelperState {
  return existsSync(installedHelper) ? { at: 'ready', version: null } : { at: 'missing', command: installCommand };
}
