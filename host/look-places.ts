// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { Place, PlaceState } from '../contract/plan';
import { placesToLook } from '../core/plan/basis';
import type { PlaceLook, PlacesSeen } from '../core/plan/seen';
import { isImage, pathOf } from '../core/step/places';
import { lookAtPerson } from './look-person';
import type { Machine, Stat } from './machine';

const largest = 4_194_304;
const othersRead = 0o004;
const othersEnter = 0o001;

/**
 * Looks at every place a plan may depend on. What is told depends on the files' rights for *others*, never on who
 * looks: a person and root must draw the same plan (architecture idea 2). `running`: kernel release, null unknown.
 * `uid`: whom the plan is for; root is told by whoever asked it.
 */
export function lookPlaces(machine: Machine, running: string | null, uid: number | null = machine.uid): PlacesSeen {
  const kernels = kernelsOf(machine);
  const places = placesToLook(kernels ?? [], running ?? '0').map((place) => lookPlace(machine, place));
  return { kernels, grubDropIns: dropInsOf(machine), places, person: lookAtPerson(machine, uid), network: networkOf(machine) };
}

/** Kernels of /boot that have modules; copies that tools leave beside them are no kernels of their own. */
export function kernelsOf(machine: Machine): readonly string[] | null {
  if (!mayEnter(machine, '/boot', othersRead | othersEnter)) return null;
  const names = machine.names('/boot');
  if (names.at !== 'is') return null;
  return names.value
    .filter(
      (name) =>
        /^vmlinuz-[0-9][0-9A-Za-z.+~_-]{0,79}$/.test(name) && !/\.(?:efi\.signed|old|bak|dpkg-[a-z]+)$/.test(name),
    )
    .map((name) => name.slice('vmlinuz-'.length))
    .filter((release) => isFolder(machine, `/lib/modules/${release}`))
    .sort();
}

function isFolder(machine: Machine, path: string): boolean {
  const stat = machine.stat(path, 'follow');
  return stat.at === 'is' && stat.value.kind === 'folder';
}

/** Reading /etc/default/grub.d is a patch of the Debian family; the script itself tells (host fact 5.3.1). */
function dropInsOf(machine: Machine): boolean | null {
  const script = machine.text('/usr/sbin/grub-mkconfig');
  return script.at === 'is' ? script.value.includes('/default/grub.d') : script.at === 'absent' ? false : null;
}

/** Whether libvirt's default network is defined and starts by itself: told by its two files, where everybody may see them. */
function networkOf(machine: Machine): PlacesSeen['network'] {
  const folder = '/etc/libvirt/qemu/networks';
  if (!wayIsOpen(machine, `${folder}/autostart/default.xml`)) return 'unknown';
  if (machine.stat(`${folder}/default.xml`).at !== 'is') return 'absent';
  return machine.stat(`${folder}/autostart/default.xml`).at === 'is' ? 'on' : 'off';
}

/** A place of the store is not looked at before there is a transaction. */
const noTransaction = '0'.repeat(16);

function lookPlace(machine: Machine, place: Place): PlaceLook {
  const path = pathOf(place, noTransaction);
  const bare = (state: PlaceState): PlaceLook => ({ place, state, text: null });
  if (!wayIsOpen(machine, path)) return bare({ kind: 'hidden' });
  const stat = machine.stat(path);
  if (stat.at === 'absent') return bare({ kind: 'absent' });
  if (stat.at === 'unreadable') return bare({ kind: 'hidden' });
  if (stat.value.kind !== 'file') return bare({ kind: 'odd' });
  const owner = { mode: stat.value.mode & 0o7777, uid: stat.value.uid, gid: stat.value.gid };
  const told: PlaceState = { kind: 'stat', ...owner, size: stat.value.size, identity: stat.value.identity };
  if (isImage(place) || (owner.mode & othersRead) === 0)
    return { place, state: told, text: isImage(place) ? null : textOf(machine, path) };
  const bytes = machine.bytes(path, largest);
  if (bytes.at !== 'is') return bare(bytes.at === 'absent' ? { kind: 'absent' } : told);
  const digest = createHash('sha256').update(bytes.value).digest('hex');
  return { place, state: { kind: 'file', ...owner, digest }, text: decode(bytes.value) };
}

/** What root can read and others cannot: for rendering and refusing, never for the plan itself (openTextOf). */
function textOf(machine: Machine, path: string): string | null {
  const bytes = machine.bytes(path, largest);
  return bytes.at === 'is' ? decode(bytes.value) : null;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether everybody may pass every folder on the way; a missing folder closes nothing. */
function wayIsOpen(machine: Machine, path: string): boolean {
  const parts = path.split('/').slice(1, -1);
  return parts.every((_, index) => mayEnter(machine, `/${parts.slice(0, index + 1).join('/')}`, othersEnter));
}

function mayEnter(machine: Machine, path: string, rights: number): boolean {
  const stat = machine.stat(path, 'follow');
  if (stat.at === 'absent') return true;
  return stat.at === 'is' && allows(stat.value, rights);
}

const allows = (stat: Stat, rights: number): boolean => stat.kind === 'folder' && (stat.mode & rights) === rights;
