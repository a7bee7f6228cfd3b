// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { must } from './command';
import { cacheFolder } from './needs';

/** Two minutes are plenty for our recover unit, but not on an emulated processor of which others take nine tenths. */
const slow = '[Service]\nTimeoutStartSec=900\n';

const top = path.resolve(import.meta.dirname, '../..');

/** The deb and the guest's scripts as a tar on a read-only disk: quicker than ssh under emulation. */
export interface Payload {
  readonly tar: string;
  readonly hash: string;
}

/** Packs what a guest gets from this tree. The deb must have been built (npm run package:helper). */
export async function makePayload(): Promise<Payload> {
  const work = path.join(cacheFolder, `payload-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(path.join(work, 'files'), { recursive: true });
  process.on('exit', () => {
    rmSync(work, { recursive: true, force: true });
  });
  const deb = (existsSync(path.join(top, 'out')) ? readdirSync(path.join(top, 'out')) : []).find((name) => /^switchyard-helper_.*\.deb$/.test(name));
  if (deb === undefined) throw new Error('the deb is not there: npm run package:helper');
  cpSync(path.join(top, 'out', deb), path.join(work, 'files/switchyard.deb'));
  for (const name of readdirSync(path.join(import.meta.dirname, 'guest'))) {
    const bundle = await rolldown({ input: path.join(import.meta.dirname, 'guest', name), platform: 'node', logLevel: 'silent' });
    await bundle.write({ file: path.join(work, 'files', name.replace(/\.ts$/, '.mjs')), format: 'es', codeSplitting: false });
    await bundle.close();
  }
  writeFileSync(path.join(work, 'files/slow.conf'), slow);
  const hash = createHash('sha256');
  for (const name of readdirSync(path.join(work, 'files')).toSorted()) hash.update(name).update(readFileSync(path.join(work, 'files', name)));
  const tar = path.join(work, 'payload.tar');
  await must('/bin/tar', ['--sort=name', '--mtime=@0', '-C', path.join(work, 'files'), '-cf', tar, '.']);
  return { tar, hash: hash.digest('hex').slice(0, 12) };
}
