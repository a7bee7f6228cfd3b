// SPDX-License-Identifier: GPL-3.0-or-later
import { placeNames, type PlaceName } from '../contract/plan';
import { besideSuffix, pathOf, storeFolder } from '../core/step/places';
import { isVmFile, libvirtFolder } from '../core/read/vm-places';
import { toldPaths } from '../core/trial/places';

/**
 * Second names under which files a loader reads stay until the next good start: it replays no journal and may still be
 * led to their blocks. More than one, because a change and its undo may both come before that start.
 */
const mostAsides = 8;

/** The unfinished successor of a file; hidden, so that nothing that reads the folder takes it for one of its own. */
export const temporaryOf = (path: string): string => `${folderOf(path)}/.${nameOf(path)}${besideSuffix}-new`;
export const besideOf = (path: string): string => `${path}${besideSuffix}`;
export const asidesOf = (path: string): readonly string[] => Array.from({ length: mostAsides }, (_, index) => `${path}${besideSuffix}-old${index}`);

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Read, never written. */
const lookedAtOnly: readonly PlaceName[] = ['grub-default'];
const withKernel: readonly PlaceName[] = ['default-image', 'trial-image'];
const image = /^\/boot\/initrd\.img-[0-9][0-9A-Za-z.+~_-]{0,79}$/;

const written: ReadonlySet<string> = new Set(
  placeNames
    .filter((name) => !lookedAtOnly.includes(name) && !withKernel.includes(name) && name !== 'trial-config')
    .flatMap((name) => withCompany(pathOf(name, ''))),
);
/** In /run, where a waiting question is told. */
const told: ReadonlySet<string> = new Set(toldPaths);
const folders: ReadonlySet<string> = new Set([...written, ...told].map(folderOf));

function withCompany(path: string): readonly string[] {
  return [path, temporaryOf(path), besideOf(path), `${besideOf(path)}.new`, ...asidesOf(path)];
}

/** Whether root may write here at all: a place of core/step/places, what stands beside it while it is replaced, or the store. */
export function mayWrite(path: string): boolean {
  if (path === storeFolder || path.startsWith(`${storeFolder}/`) || written.has(path) || told.has(path) || folders.has(path)) return true;
  if (isOfVm(path)) return true;
  const plain = path.replace(/^\/boot\/\.(?=initrd)/, '/boot/').replace(/\.switchyard(?:-old\d|-new|\.new)?$/, '');
  return image.test(plain) && withCompany(plain).concat(plain).includes(path);
}

/** A file of a VM, its unfinished successor, and the folders and lock of its TPM, which go with the state. */
function isOfVm(path: string): boolean {
  if (!path.startsWith(`${libvirtFolder}/`)) return false;
  const whole = path.replace(/\/\.([^/]+)\.switchyard-new$/, '/$1');
  return isVmFile(whole) || /^\/var\/lib\/libvirt\/swtpm\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/(?:tpm2|tpm1\.2)(?:\/\.lock)?)?$/.test(path);
}

const readByLoader = /^\/boot\/(?:grub\/(?:grub\.cfg|custom\.cfg|grubenv)|initrd\.img-[^/]+)$/;
/** Files whose old blocks must outlive their replacement (security rule 7b). */
export const isReadByLoader = (path: string): boolean => readByLoader.test(path);
