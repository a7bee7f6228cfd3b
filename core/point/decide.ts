// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, RestoreTake } from '../../contract/plan';
import type { FileSeen, Moment } from '../../contract/point';
import { stateOf, type PlacesSeen } from '../plan/seen';
import { isImage, pathOf } from '../step/places';
import { authorsOf, nowAt, type Authors, type Now } from './authors';
import { isGenerated, isLookedAtOnly, pointPlaces } from './places';
import { eventsOf, seenAt, type Event, type Told } from './told';

/** What is to become of a place. *build*: its generator makes it anew from its sources, which go back first. */
export type Deed = { readonly deed: 'nothing' } | { readonly deed: 'put'; readonly is: FileSeen | null } | { readonly deed: 'build' };

/** One place that differs from then. `conflict`: somebody else changed it since, and this is what may be chosen. */
export interface Decision {
  readonly place: Place;
  readonly path: string;
  readonly then: FileSeen | null;
  /** What we last left there; undefined: we never were there since. */
  readonly ours: FileSeen | null | undefined;
  readonly now: Now;
  readonly authors: Authors;
  readonly conflict: { readonly why: 'edited' | 'generated' | 'unknown'; readonly takes: readonly RestoreTake[]; readonly chosen: RestoreTake } | null;
  readonly deed: Deed;
}

export interface Deciding {
  readonly target: Moment;
  readonly all: readonly Told[];
  readonly seen: PlacesSeen;
  readonly choices: readonly { readonly place: string; readonly take: RestoreTake }[];
}

/** Every place that is not as it was then, with what becomes of it. Never a place of somebody else's unless they chose so. */
export function decide(deciding: Deciding): readonly Decision[] {
  const events = eventsOf(deciding.all);
  const places = pointPlaces(deciding.seen.kernels ?? []).filter((place) => !isLookedAtOnly(place) && place !== 'grub-env');
  const texts = places.filter((place) => !isGenerated(place)).flatMap((place) => decideText(deciding, events, place) ?? []);
  const sources = texts.some(({ deed, place }) => deed.deed === 'put' && (place === 'early-script' || place === 'early-hook'));
  const words = texts.some(({ deed, place }) => deed.deed === 'put' && place === 'grub-drop-in');
  const generated = places.filter(isGenerated).flatMap((place) => decideGenerated(deciding, events, { place, sourcesChange: isImage(place) ? sources : words }) ?? []);
  return [...texts, ...generated];
}

interface Found {
  readonly path: string;
  readonly then: FileSeen | null;
  readonly copied: boolean;
  readonly now: Now;
  readonly authors: Authors;
}

/** Null where the place is as it was, or was not looked at then. */
function lookAt({ target, seen }: Deciding, events: readonly Event[], place: Place): Found | null {
  const path = pathOf(place, '');
  const then = seenAt(target, place, path);
  if (then === undefined) return null;
  const now = nowAt(stateOf(seen, place) ?? undefined, place, events);
  if (now.at === 'known' && now.sha256 === (then.is?.sha256 ?? null)) return null;
  return { path, then: then.is, copied: then.copied || then.is === null, now, authors: authorsOf(events, { from: target, to: now, place, path }) };
}

function decideText(deciding: Deciding, events: readonly Event[], place: Place): Decision | null {
  const found = lookAt(deciding, events, place);
  if (found === null) return null;
  const { path, then, now, authors, copied } = found;
  const ours = lastOurs(events, place, path);
  const base = { place, path, then, ours: ours?.is, now, authors };
  if (!authors.somebody && !authors.unknown) return { ...base, conflict: null, deed: copied ? { deed: 'put', is: then } : { deed: 'nothing' } };
  const takes: readonly RestoreTake[] = [...(copied ? (['then'] as const) : []), ...(mayTakeOurs(ours, now) ? (['ours'] as const) : []), 'now'];
  const wish = wishFor(deciding, place) ?? 'now';
  const chosen = takes.includes(wish) ? wish : 'now';
  const why = now.at === 'strange' && now.why === 'hidden' ? 'unknown' : 'edited';
  return { ...base, conflict: { why, takes, chosen }, deed: deedOf(chosen, then, ours) };
}

function deedOf(chosen: RestoreTake, then: FileSeen | null, ours: LastOurs | undefined): Deed {
  if (chosen === 'now') return { deed: 'nothing' };
  return { deed: 'put', is: chosen === 'then' ? then : (ours?.is ?? null) };
}

const wishFor = ({ choices }: Deciding, place: Place): RestoreTake | undefined => choices.find((choice) => choice.place === place)?.take;

/** There is something of ours to take, it can be had, and it is not there already. */
function mayTakeOurs(ours: LastOurs | undefined, now: Now): boolean {
  if (ours === undefined || (ours.is !== null && !ours.copied)) return false;
  return now.at === 'strange' || (ours.is?.sha256 ?? null) !== now.sha256;
}

/**
 * What a tool made from sources: put back byte for byte while only we were there since; otherwise made anew, and only
 * where its sources change, we changed it, or it is asked for. Somebody else's build of unchanged sources is as good as ours.
 */
function decideGenerated(deciding: Deciding, events: readonly Event[], { place, sourcesChange }: { place: Place; sourcesChange: boolean }): Decision | null {
  const found = lookAt(deciding, events, place);
  if (found === null) return null;
  const { path, then, now, authors } = found;
  const base = { place, path, then, ours: lastOurs(events, place, path)?.is, now, authors };
  if (!authors.somebody && !authors.unknown) {
    const inStore = isImage(place) ? then !== null && hasCopy(deciding.all, path, then.sha256) : found.copied;
    return { ...base, conflict: null, deed: inStore ? { deed: 'put', is: then } : { deed: 'build' } };
  }
  const asked = wishFor(deciding, place);
  if (!sourcesChange && !authors.ours && asked === undefined) return null;
  const wish = asked ?? 'then';
  const chosen = wish === 'now' ? 'now' : 'then';
  return { ...base, conflict: { why: 'generated', takes: ['then', 'now'], chosen }, deed: chosen === 'now' ? { deed: 'nothing' } : { deed: 'build' } };
}

interface LastOurs {
  readonly is: FileSeen | null;
  readonly copied: boolean;
}

/** What stood there when we last came to rest after having changed it. */
function lastOurs(events: readonly Event[], place: Place, path: string): LastOurs | undefined {
  const event = [...events].reverse().find(({ moment, claims }) => moment.when === 'end' && claims.has(path));
  return event === undefined ? undefined : seenAt(event.moment, place, path);
}

/** Steps copy what they are about to change into their transaction's store; an image is in no other place of it. */
const hasCopy = (all: readonly Told[], path: string, sha256: string): boolean =>
  all.some(({ summary }) => summary.steps.some((step) => step.places.some((place) => place.path === path && place.before === sha256)));
