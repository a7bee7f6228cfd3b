// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { must } from './command';
import { suite } from './image';
import type { Guest } from './machine';
import { keyring, mirror } from './needs';

/**
 * Puts Debian packages into a guest, which has no network: what it lacks for them is worked out here from its own list of
 * packages, fetched from the mirror this computer uses, and installed in the guest as anybody would, scripts and all.
 */
export async function addPackages(guest: Guest, names: readonly string[], folder: string): Promise<void> {
  if (names.length === 0) return;
  const apt = path.join(folder, 'apt');
  mkdirSync(path.join(apt, 'lists/partial'), { recursive: true });
  mkdirSync(path.join(apt, 'archives/partial'), { recursive: true });
  writeFileSync(path.join(apt, 'sources.list'), `deb [signed-by=${keyring}] ${mirror()} ${suite} main\n`);
  writeFileSync(path.join(apt, 'status'), await guest.sh('cat /var/lib/dpkg/status'));
  const settings = {
    'Dir::Etc::sourcelist': `${apt}/sources.list`,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': `${apt}/lists`,
    'Dir::State::status': `${apt}/status`,
    'Dir::Cache::archives': `${apt}/archives`,
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'Acquire::Languages': 'none',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await must('/usr/bin/apt-get', [...options, 'update']);
  await must('/usr/bin/apt-get', [...options, '-y', '--no-install-recommends', '--download-only', 'install', ...names]);
  const debs = readdirSync(path.join(apt, 'archives')).filter((name) => name.endsWith('.deb'));
  await must('/bin/tar', ['-C', path.join(apt, 'archives'), '-cf', path.join(apt, 'debs.tar'), ...debs]);
  await guest.sh('mkdir /tmp/debs && tar -C /tmp/debs -xf -', { input: readFileSync(path.join(apt, 'debs.tar')), limit: 600_000 });
  await guest.sh('DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io -i /tmp/debs/*.deb > /dev/null 2>&1 && rm -r /tmp/debs', { limit: 1_800_000 });
  rmSync(apt, { recursive: true, force: true });
}
