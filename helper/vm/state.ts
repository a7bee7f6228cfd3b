// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmSeen } from '../../contract/point';
import { failed, ok, type Result } from '../../contract/problem';
import { vmPlacesOf, type VmPlaces } from '../../core/read/vm-places';
import { contentPath, keepContent } from '../contents';
import type { FileState, Hands, Owner } from '../hands';
import { discard, removeFile, replaceFile } from '../replace-file';
import { folderOf, temporaryOf } from '../territory';

/** An arm64 store of variables is filled up to the 64 MiB of its flash; a TPM's state is a few KiB. */
const largest = { nvram: 67_108_864, tpm: 1_048_576 } as const;
type Which = keyof typeof largest;
const both: readonly Which[] = ['nvram', 'tpm'];

/**
 * Asks libvirt for a VM that is off, and where its two files lie by libvirt's own layout. `precondition-failed` with why:
 * `vm-unknown` (libvirt knows none of this UUID, or does not answer), `vm-running`, `vm-sleeps` (its memory lies on the disk
 * and belongs to the files of now). Otherwise as core/read/vm-places says.
 */
export async function vmAtRest(hands: Hands, vm: string): Promise<Result<VmPlaces>> {
  const state = await ask(hands, { program: 'virsh-domain-state', vm });
  if (!state.ok) return state;
  if (state.value.trim() !== 'shut off') return failed('precondition-failed', { why: 'vm-running', vm });
  const xml = await ask(hands, { program: 'virsh-domain-xml', vm });
  if (!xml.ok) return xml;
  const places = vmPlacesOf(xml.value, vm);
  if (!places.ok) return places;
  const sleeps = hands.stat(places.value.sleep);
  if (sleeps.at === 'unreadable') return failed('unreadable', { place: places.value.sleep });
  return sleeps.at === 'is' ? failed('precondition-failed', { why: 'vm-sleeps', vm }) : places;
}

async function ask(hands: Hands, call: { readonly program: 'virsh-domain-state' | 'virsh-domain-xml'; readonly vm: string }): Promise<Result<string>> {
  const ended = await hands.start(call);
  if (!ended.ok) return ended;
  return ended.value.exit === 0 ? ok(ended.value.output) : failed('precondition-failed', { why: 'vm-unknown', vm: call.vm });
}

/** Digests of a resting VM's files as they are. */
export async function lookAtVm(hands: Hands, vm: string): Promise<Result<VmSeen>> {
  const places = await vmAtRest(hands, vm);
  if (!places.ok) return places;
  const [nvram, tpm] = both.map((which) => standing(hands, places.value[which]));
  if (nvram?.ok !== true) return nvram ?? failed('internal');
  if (tpm?.ok !== true) return tpm ?? failed('internal');
  return ok({ vm, nvram: nvram.value?.sha256 ?? null, tpm: tpm.value?.sha256 ?? null });
}

const standing = (hands: Hands, path: string | null): Result<FileState | null> => (path === null ? ok(null) : hands.inspect(path));

/** Copies a resting VM's files into the store, and looks afterwards that it still rests and they still are those. */
export async function saveVm(hands: Hands, vm: string): Promise<Result<VmSeen>> {
  const places = await vmAtRest(hands, vm);
  if (!places.ok) return places;
  if (places.value.nvram === null && places.value.tpm === null) return failed('refused', { why: 'vm-nothing', vm });
  const seen: { vm: string; nvram: string | null; tpm: string | null } = { vm, nvram: null, tpm: null };
  for (const which of both) {
    const path = places.value[which];
    const is = standing(hands, path);
    if (!is.ok) return is;
    if (path === null || is.value === null) continue;
    if (is.value.size > largest[which]) return failed('too-large', { place: path });
    if (!(await keepContent(hands, path, is.value, largest[which]))) return failed('step-failed', { why: 'not-copied', place: path });
    seen[which] = is.value.sha256;
  }
  const after = await lookAtVm(hands, vm);
  if (!after.ok) return after;
  return after.value.nvram === seen.nvram && after.value.tpm === seen.tpm ? ok(seen) : failed('precondition-failed', { why: 'changed', place: `vm-state:${vm}` });
}

/** Makes a resting VM's files those of a point; the bytes come from the store alone and are compared before they count. */
export async function putVm(hands: Hands, { vm, nvram, tpm }: VmSeen): Promise<Result<void>> {
  const places = await vmAtRest(hands, vm);
  if (!places.ok) return places;
  const wanted = { nvram, tpm };
  for (const which of both) {
    const path = places.value[which];
    // The VM was given another firmware or lost its TPM since: there is nowhere to put it.
    if (path === null && wanted[which] !== null) return failed('precondition-failed', { why: 'vm-changed', vm });
    const put = path === null ? ok(undefined) : await putOne(hands, path, wanted[which]);
    if (!put.ok) return put;
  }
  return ok(undefined);
}

async function putOne(hands: Hands, path: string, sha256: string | null): Promise<Result<void>> {
  const cleared = discard(hands, temporaryOf(path));
  if (!cleared.ok) return cleared;
  const now = hands.inspect(path);
  if (!now.ok) return now;
  if ((now.value?.sha256 ?? null) === sha256) return ok(undefined);
  if (sha256 !== null) return replaceOne(hands, { path, is: now.value, sha256 });
  return now.value === null ? ok(undefined) : takeAway(hands, path, now.value);
}

async function replaceOne(hands: Hands, { path, is, sha256 }: { readonly path: string; readonly is: FileState | null; readonly sha256: string }): Promise<Result<void>> {
  const copyOf = contentPath(sha256);
  const copy = hands.inspect(copyOf);
  if (!copy.ok) return copy;
  if (copy.value?.sha256 !== sha256) return failed('not-found', { what: 'content', place: path });
  const owner = is === null ? ownerFor(hands, path) : ok(is);
  if (!owner.ok) return owner;
  const replaced = await replaceFile(hands, { path, expected: is, content: { copyOf }, owner: owner.value, exactly: true });
  if (!replaced.ok) return replaced;
  return replaced.value.sha256 === sha256 ? ok(undefined) : failed('step-failed', { why: 'content', place: path });
}

/** libvirt gives a TPM's folder and everything in it to swtpm's account at each start (qemuTPMEmulatorCreateStorage), and makes it anew where there is none. */
function ownerFor(hands: Hands, path: string): Result<Owner> {
  const made = makeFolders(hands, folderOf(path));
  if (!made.ok) return made;
  const folder = hands.folder(folderOf(path));
  if (!folder.ok) return folder;
  return folder.value === null ? failed('precondition-failed', { why: 'absent', place: path }) : ok({ uid: folder.value.uid, gid: folder.value.gid, mode: 0o600 });
}

function makeFolders(hands: Hands, tpm: string): Result<void> {
  if (!tpm.includes('/swtpm/')) return ok(undefined);
  for (const [path, mode] of [[folderOf(tpm), 0o711], [tpm, 0o700]] as const) {
    const there = hands.folder(path);
    if (!there.ok) return there;
    if (there.value !== null) continue;
    const made = hands.makeFolder(path, mode);
    const flushed = made.ok ? hands.flushFolder(folderOf(path)) : made;
    if (!flushed.ok) return flushed;
  }
  return ok(undefined);
}

/** A TPM's folder without a state would keep libvirt from making a new one with its certificates: it goes, too, when nothing is in it but swtpm's lock. */
function takeAway(hands: Hands, path: string, is: FileState): Result<void> {
  const removed = removeFile(hands, path, is);
  const folder = folderOf(path);
  if (!removed.ok || !folder.includes('/swtpm/')) return removed;
  const unlocked = discard(hands, `${folder}/.lock`);
  if (!unlocked.ok) return unlocked;
  const left = hands.folder(folder);
  if (!left.ok) return left;
  if (left.value?.names.length !== 0) return ok(undefined);
  const gone = hands.removeFolder(folder);
  return gone.ok ? hands.flushFolder(folderOf(folder)) : gone;
}
