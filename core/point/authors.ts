// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, PlaceState } from '../../contract/plan';
import type { ChangedBy, FileSeen, Moment } from '../../contract/point';
import { seenAt, type Event } from './told';

/**
 * What stands at a place now, as far as it may be told: its digest (null: nothing is there), and the file we remember
 * with it. *strange*: it is a file that was never seen, or cannot be looked at from here.
 */
export type Now = { readonly at: 'known'; readonly sha256: string | null } | { readonly at: 'strange'; readonly why: 'replaced' | 'hidden' };

/** A file told by its number and size alone is the one that was last seen with both, or one that nobody saw. */
export function nowAt(state: PlaceState | undefined, place: Place, events: readonly Event[]): Now {
  if (state === undefined || state.kind === 'hidden' || state.kind === 'odd') return { at: 'strange', why: 'hidden' };
  if (state.kind === 'absent') return { at: 'known', sha256: null };
  if (state.kind === 'file') return { at: 'known', sha256: state.digest };
  const same = (is: FileSeen): boolean => is.size === state.size && inodeOf(is.identity) === inodeOf(state.identity);
  const seen = [...events].reverse().find(({ moment }) => moment.places.some((each) => each.place === place && each.is !== null && same(each.is)));
  const is = seen?.moment.places.find((each) => each.place === place)?.is;
  return is === undefined || is === null ? { at: 'strange', why: 'replaced' } : { at: 'known', sha256: is.sha256 };
}

/** A device number may be another after a restart; the file's own number is not. */
const inodeOf = (identity: string): string => identity.slice(identity.indexOf(':') + 1);

/** Who changed a place from a moment on, until another moment or now. */
export interface Authors {
  readonly ours: boolean;
  readonly somebody: boolean;
  /** A stretch of time was not seen. */
  readonly unknown: boolean;
}

/**
 * Walks everything that was seen: what differs between the beginning and the end of a piece of our work, at a place that
 * work named, is ours; what differs between an end and the next beginning is somebody else's. What stands again as it stood
 * before anybody else came has nothing of theirs any more.
 */
export function authorsOf(events: readonly Event[], { from, to, place, path }: { from: Moment; to: Moment | Now; place: Place; path: string }): Authors {
  const begin = events.findIndex(({ moment }) => moment === from);
  const last = 'at' in to && typeof to.at === 'string' ? events.length : events.findIndex(({ moment }) => moment === to) + 1;
  let [ours, somebody, unknown] = [false, false, begin < 0];
  let before: string | null | undefined = digestAt(from, place, path);
  let work: Event | null = begin < 0 ? null : workAfter(events, begin);
  /** Digests that stood before somebody else came, and whether what led to them was ours. */
  const clean = new Map([[before, false]]);
  const step = (now: string | null | undefined): void => {
    if (before === undefined || now === undefined) unknown ||= before !== now;
    else if (before !== now) {
      const again = clean.get(now);
      if (again !== undefined) [ours, somebody] = [again, false];
      else if (work?.claims.has(path) === true) ours = true;
      else somebody = true;
      if (!somebody) clean.set(now, ours);
    }
    before = now;
  };
  for (let at = begin + 1; at < last; at += 1) {
    const event = events[at];
    if (event === undefined) break;
    step(digestAt(event.moment, place, path));
    work = workAfter(events, at);
  }
  if (isNow(to)) {
    if (to.at === 'known') step(to.sha256);
    else if (to.why === 'hidden') unknown = true;
    else somebody = true;
  }
  return { ours, somebody, unknown };
}

const isNow = (to: Moment | Now): to is Now => to.at === 'known' || to.at === 'strange';

/** Whose work lies between this moment and the next; nobody's between an end and the next beginning. */
function workAfter(events: readonly Event[], at: number): Event | null {
  const event = events[at];
  return event?.moment.when === 'start' ? event : null;
}

function digestAt(moment: Moment, place: Place, path: string): string | null | undefined {
  const seen = seenAt(moment, place, path);
  return seen === undefined ? undefined : (seen.is?.sha256 ?? null);
}

/** The word for it; GRUB and the distribution write their environment block at every start. */
export function changedBy(authors: Authors, place: Place, differs: boolean): ChangedBy {
  if (!differs) return 'nobody';
  if (place === 'grub-env') return 'loader';
  if (authors.ours) return authors.somebody ? 'both' : 'ours';
  return authors.somebody ? 'somebody' : 'unknown';
}
