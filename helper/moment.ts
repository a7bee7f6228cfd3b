// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { TransactionId } from '../contract/history';
import { kernelRelease, type Place } from '../contract/plan';
import type { Moment, PlaceSeen, Seen, SettingSeen, VmSeen } from '../contract/point';
import type { Setting } from '../contract/setting';
import { pointPlaces } from '../core/point/places';
import { grubEnvValue, readGrubEnv } from '../core/read/grub-env';
import { readDropIn } from '../core/step/drop-in';
import { readEarlyScript } from '../core/step/early-script';
import { isImage, pathOf } from '../core/step/places';
import { endsWithStart, settingName } from '../core/step/setting';
import { lookDevices } from '../host/look-devices';
import { kernelsOf } from '../host/look-places';
import { keepContent } from './contents';
import type { Desk } from './desk';
import type { FileState, Hands } from './hands';
import { readSetting } from './perform/settings';

/** What is taken, and what is known already of images by their digests. */
export interface Taking {
  readonly transaction: TransactionId;
  readonly when: Moment['when'];
  readonly work: Moment['work'];
  readonly state: Moment['state'];
  readonly earlier: readonly Moment[];
  /** What this work's steps set. */
  readonly settings: readonly Setting[];
  /** VMs whose files were copied into the store just now. */
  readonly vms: readonly VmSeen[];
}

/**
 * Looks at every place of ours and copies the texts into the store. What cannot be looked at is left out, and so is told
 * as unknown later; nothing outside the store is touched. The recover unit starts no program: it leaves listings out.
 */
export async function takeMoment(desk: Desk, taking: Taking): Promise<Seen> {
  const { hands } = desk;
  const listings = new Map(taking.earlier.flatMap((moment) => moment.places).flatMap(({ is, listing }) => (is === null || listing === null ? [] : [[is.sha256, listing] as const])));
  const kernels = kernelsOf(hands) ?? [];
  const places: PlaceSeen[] = [];
  for (const place of pointPlaces(kernels)) {
    const path = pathOf(place, taking.transaction);
    const is = hands.inspect(path);
    if (!is.ok) continue;
    places.push({ place, path, is: is.value, copied: is.value !== null && !isImage(place) && (await keepContent(hands, path, is.value)), listing: await listingAt(desk, { place, path, is: is.value }, listings) });
  }
  const release = hands.text('/proc/sys/kernel/osrelease');
  const kernel = kernelRelease.safeParse(release.at === 'is' ? release.value.trim() : '');
  const { when, work, state } = taking;
  return { when, work, state, kernel: kernel.success ? kernel.data : null, oneShot: oneShotOf(hands), promise: promiseOf(hands), places, devices: [...lookDevices(hands)], ...settingsOf(await settingsAt(hands, taking.settings)), ...(taking.vms.length === 0 ? {} : { vms: [...taking.vms] }) };
}

const settingsOf = (settings: readonly SettingSeen[]): Pick<Seen, 'settings'> => (settings.length === 0 ? {} : { settings: [...settings] });

/** Those that outlive a start, where they can be looked at; a VM's state is told of its own. */
async function settingsAt(hands: Hands, settings: readonly Setting[]): Promise<readonly SettingSeen[]> {
  const seen = new Map<string, SettingSeen>();
  for (const setting of settings.filter((each) => !endsWithStart(each) && each.setting !== 'vm-state')) {
    const value = await readSetting(hands, setting);
    if (value.ok) seen.set(settingName(setting), { setting, value: value.value });
  }
  return [...seen.values()].slice(0, 16);
}

async function listingAt(desk: Desk, { place, path, is }: { place: Place; path: string; is: FileState | null }, known: ReadonlyMap<string, string>): Promise<string | null> {
  if (is === null || !isImage(place)) return null;
  const told = known.get(is.sha256);
  if (told !== undefined || desk.origin.via === 'systemd' || !desk.hands.has('lsinitramfs')) return told ?? null;
  const listed = await desk.hands.start({ program: 'lsinitramfs', image: path });
  return listed.ok && listed.value.exit === 0 && listed.value.output !== '' ? createHash('sha256').update(listed.value.output).digest('hex') : null;
}

/** What our two files say together; a file that is not byte for byte one of ours promises nothing that can be named. */
function promiseOf(hands: Hands): Seen['promise'] {
  const script = textAt(hands, 'early-script');
  const dropIn = textAt(hands, 'grub-drop-in');
  if (script === undefined || dropIn === undefined) return null;
  const tables = script === null ? [] : readEarlyScript(script);
  const words = dropIn === null ? { transaction: null, args: [] } : readDropIn(dropIn);
  if (tables === null || words === null) return null;
  return { table: tables.find((table) => table.transaction === words.transaction) ?? null, args: [...words.args] };
}

/** Undefined where it cannot be read. */
function textAt(hands: Hands, place: Place): string | null | undefined {
  const taken = hands.take(pathOf(place, ''), 262_144);
  if (!taken.ok) return undefined;
  return taken.value === null ? null : new TextDecoder().decode(taken.value.bytes);
}

/** The value of GRUB's `next_entry`; null: none; undefined: there is no block that can be read. */
function oneShotOf(hands: Hands): string | null | undefined {
  const block = textAt(hands, 'grub-env');
  const env = block === undefined || block === null ? null : readGrubEnv(block);
  if (env === null) return undefined;
  return env.ok ? grubEnvValue(env.value, 'next_entry')?.slice(0, 256) ?? null : undefined;
}
