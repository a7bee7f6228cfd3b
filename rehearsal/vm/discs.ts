// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmMedia } from '../../contract/vm-media';
import { find, writeAt } from '../files';
import type { World } from '../world';

const downloads = '/home/user/Downloads';

/** Discs somebody who rehearses can choose: they stand for real ones, and a real one would be judged so. */
const discs: Readonly<Record<string, VmMedia>> = {
  'windows-11.iso': {
    kind: 'windows',
    label: 'CCCOMA_X64FRE_EN-US_DV9',
    system: 'windows-11',
    images: [
      { index: 1, name: 'Windows 11 Home', edition: 'Core', architecture: 'x64', build: 26_100, languages: ['en-US'] },
      { index: 6, name: 'Windows 11 Pro', edition: 'Professional', architecture: 'x64', build: 26_100, languages: ['en-US'] },
    ],
    uefi: true,
  },
  'virtio-win.iso': { kind: 'drivers', label: 'virtio-win-0.1.271', systems: ['w10', 'w11'], agent: true },
  'debian-13.iso': { kind: 'linux', label: 'Debian 13', boots: true },
  'half-a-download.iso': { kind: 'unusable', why: 'cut-short', detail: { has: '1048576', claims: '6442450944' } },
};

/** Puts them where a person's downloads lie. */
export function plantDiscs(world: World): void {
  for (const name of Object.keys(discs)) if (find(world.disk, `${downloads}/${name}`) === null) writeAt(world.disk, `${downloads}/${name}`, `a disc of a rehearsal: ${name}\n`, { mode: 0o644 });
}

/** What a disc is; undefined: there is no such file here. */
export function discAt(world: World, path: string): VmMedia | undefined {
  const name = path.startsWith(`${downloads}/`) ? path.slice(downloads.length + 1) : '';
  if (Object.hasOwn(discs, name)) return discs[name];
  return find(world.disk, path) === null ? undefined : { kind: 'unusable', why: 'not-a-disc', detail: {} };
}
