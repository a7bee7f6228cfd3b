// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync } from 'node:fs';
import type { HelperState } from '../contract/target';
import { packageVersion } from '../contract/version';
import { installedHelper } from './helper-client';

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
/** The one line that makes and installs the helper's small package from a checkout. */
const installCommand = `npm run package:helper && sudo apt-get install ./out/switchyard-helper_${packageVersion}_${architecture}.deb`;

/** Whether this copy can change this computer (decision 12). That it is the same version is compared when it greets. */
export function helperStateHere(): HelperState {
  return existsSync(installedHelper) ? { at: 'ready', version: null } : { at: 'missing', command: installCommand };
}
