// SPDX-License-Identifier: GPL-3.0-or-later
import type { Compared, ComparedPlace, DeviceSeen, FileSeen, Moment, PlaceSeen } from '../../contract/point';
import type { Place, PlaceState } from '../../contract/plan';
import type { Change } from '../../contract/review';
import { stateOf, type PlacesSeen } from '../plan/seen';
import { lineDiff } from '../step/diff';
import { isImage, pathOf } from '../step/places';
import { authorsOf, changedBy, nowAt, type Now } from './authors';
import { eventsOf, seenAt, type Event, type Told } from './told';

/** The machine as it is, seen with the person's own eyes. */
export interface Present {
  readonly seen: PlacesSeen;
  readonly devices: readonly DeviceSeen[];
  readonly kernel: string | null;
}

export interface Comparing {
  readonly all: readonly Told[];
  readonly from: Moment;
  /** Another moment, or the machine as it is. */
  readonly to: Moment | Present;
  /** The text of these bytes, where it may be shown here; null where it is not known or may not. */
  readonly text: (sha256: string) => string | null;
  /** What a person calls a device; null where that is not known. */
  readonly nameOf: (address: string) => string | null;
}

type Body = Pick<Compared, 'places' | 'devices' | 'kernel' | 'same'>;

const isPresent = (to: Moment | Present): to is Present => 'seen' in to;

/** From a moment to another or to now: every place and device that was looked at, what differs, and who made the difference. */
export function compare(comparing: Comparing): Body {
  const { from, to } = comparing;
  const events = eventsOf(comparing.all);
  const names = [...new Set([...from.places.map(({ place }) => place), ...placesOf(to)])];
  const places = names.flatMap((place) => comparePlace(comparing, events, place) ?? []);
  const devices = compareDevices(comparing);
  const kernel = { then: from.kernel, now: to.kernel };
  const same = places.every(({ what, by }) => what === 'same' || what === 'same-content' || by === 'loader') && devices.every(({ what }) => what === 'same');
  return { places, devices, kernel, same };
}

function placesOf(to: Moment | Present): readonly Place[] {
  if (!isPresent(to)) return to.places.map(({ place }) => place);
  return to.seen.places.map(({ place }) => place).filter((place) => !place.startsWith('trial-'));
}

/** Null for a place that was nowhere. */
function comparePlace(comparing: Comparing, events: readonly Event[], place: Place): ComparedPlace | null {
  const path = pathOf(place, '');
  const then = seenAt(comparing.from, place, path);
  const now = endAt(comparing.to, { place, path, events });
  const kind = isImage(place) ? 'image' : 'file';
  if (then === undefined || now === undefined) return untold(then, now, { place, path, kind });
  if (then.is === null && now.is === null) return null;
  const head = { place, path, kind, then: then.is, now: now.is } as const;
  const what = whatOf(then, now, kind);
  const authors = authorsOf(events, { from: comparing.from, to: isPresent(comparing.to) ? now.now : comparing.to, place, path });
  const change = what === 'same' || kind === 'image' ? null : changeOf(path, { then: then.is, now: now.is }, comparing.text);
  return { ...head, what, by: changedBy(authors, place, what !== 'same'), change };
}

/** On one side it was not looked at: shown where the other side has something. */
function untold(then: PlaceSeen | undefined, now: End | undefined, head: Pick<ComparedPlace, 'place' | 'path' | 'kind'>): ComparedPlace | null {
  const [was, is] = [then?.is ?? null, now?.is ?? null];
  return was === null && is === null ? null : { ...head, then: was, now: is, what: 'unknown', by: 'unknown', change: null };
}

interface End {
  readonly is: ComparedPlace['now'];
  readonly listing: string | null;
  readonly now: Now;
}

/** Undefined: cannot be told. */
function endAt(to: Moment | Present, { place, path, events }: { place: Place; path: string; events: readonly Event[] }): End | undefined {
  if (!isPresent(to)) {
    const seen = seenAt(to, place, path);
    return seen === undefined ? undefined : { is: toldOf(seen.is), listing: seen.listing, now: { at: 'known', sha256: seen.is?.sha256 ?? null } };
  }
  const state = stateOf(to.seen, place);
  if (state === null || state.kind === 'hidden' || state.kind === 'odd') return undefined;
  const now = nowAt(state, place, events);
  const sha256 = now.at === 'known' ? now.sha256 : null;
  return { is: fileOf(state, sha256), listing: listingOf(events, sha256), now };
}

const toldOf = (is: FileSeen | null): ComparedPlace['now'] => (is === null ? null : { sha256: is.sha256, mode: is.mode, uid: is.uid, gid: is.gid });

function fileOf(state: PlaceState, sha256: string | null): ComparedPlace['now'] {
  if (state.kind !== 'file' && state.kind !== 'stat') return null;
  const { mode, uid, gid } = state;
  return { sha256, mode, uid, gid };
}

const listingOf = (events: readonly Event[], sha256: string | null): string | null =>
  sha256 === null ? null : (events.flatMap(({ moment }) => moment.places).find((each) => each.is?.sha256 === sha256 && each.listing !== null)?.listing ?? null);

function whatOf(then: PlaceSeen, now: End, kind: 'file' | 'image'): ComparedPlace['what'] {
  if (then.is === null) return now.is === null ? 'same' : 'appeared';
  if (now.is === null) return 'gone';
  if (then.is.sha256 === now.is.sha256) return 'same';
  return kind === 'image' && then.listing !== null && then.listing === now.listing ? 'same-content' : 'changed';
}

/** Line by line where both texts may be shown; `hidden` where one may not. */
export function changeOf(path: string, { then, now }: { readonly then: FileSeen | null; readonly now: ComparedPlace['now'] }, text: Comparing['text']): Change {
  const old = then === null ? '' : text(then.sha256);
  const is = now === null ? '' : now.sha256 === null ? null : text(now.sha256);
  if (old === null || is === null) return { kind: 'hidden', path };
  return { kind: 'file', path, what: then === null ? 'create' : now === null ? 'remove' : 'replace', lines: [...lineDiff(old, is)].slice(0, 20_000) };
}

function compareDevices({ from, to, nameOf }: Comparing): Compared['devices'] {
  const addresses = [...new Set([...from.devices, ...to.devices].map(({ address }) => address))].sort();
  return addresses.slice(0, 64).map((address) => {
    const then = from.devices.find((device) => device.address === address);
    const now = to.devices.find((device) => device.address === address);
    const what = then === undefined ? 'appeared' : now === undefined ? 'gone' : then.vendor !== now.vendor || then.device !== now.device || then.driver !== now.driver ? 'changed' : 'same';
    return { address, name: nameOf(address), then: then?.driver ?? null, now: now?.driver ?? null, what };
  });
}
