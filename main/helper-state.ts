// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, readFileSync } from 'node:fs';
import type { HelperState } from '../contract/target';
import { packageVersion } from '../contract/version';
import { installedHelper } from './helper-client';

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
/** The one line that makes and installs the helper's small package from a checkout. */
const installCommand = `npm run package:helper && sudo apt-get install ./out/switchyard-helper_${packageVersion}_${architecture}.deb`;

/** Where the package puts its own description (electron-builder.yml); it goes in and out with the helper. */
const installedDescription = '/usr/lib/switchyard/app/package.json';

/** Whether this copy can change this computer (decision 12). Both ends compare versions again when root greets. */
export function helperStateHere(helper = installedHelper, description = installedDescription): HelperState {
  if (!existsSync(helper)) return { at: 'missing', command: installCommand };
  const installed = versionIn(description);
  if (installed === null || installed === packageVersion) return { at: 'ready', version: installed };
  return { at: 'mismatch', installed, expected: packageVersion, command: installCommand };
}

/** The version a package.json states; null where there is none to be read: then the greeting decides. */
function versionIn(file: string): string | null {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const version = typeof read === 'object' && read !== null && 'version' in read ? read.version : null;
    return typeof version === 'string' && version.length <= 32 ? version : null;
  } catch {
    return null;
  }
}
