// SPDX-License-Identifier: GPL-3.0-or-later
import type { PointRef, PointSide, Summary, TransactionId } from '../../contract/history';
import type { Place } from '../../contract/plan';
import type { Moment, PlaceSeen } from '../../contract/point';
import { failed, ok, type Result } from '../../contract/problem';
import { isImage } from '../step/places';

/** One transaction as everybody may read it: its summary, and what was seen at its beginnings and ends. */
export interface Told {
  readonly summary: Summary;
  readonly moments: readonly Moment[];
}

/** The machine before a transaction, or as it was when it was last kept; null where that was not seen. */
export function momentOf({ moments }: Told, side: PointSide): Moment | null {
  if (side === 'before') return moments[0] ?? null;
  return [...moments].reverse().find((moment) => moment.when === 'end' && moment.state === 'kept') ?? null;
}

export const sidesOf = (told: Told): readonly PointSide[] => (['before', 'after'] as const).filter((side) => momentOf(told, side) !== null);

/** The moment a reference means. `not-found`: no such transaction, or nothing was seen on that side. */
export function momentAt(all: readonly Told[], ref: PointRef): Result<Moment> {
  const told = all.find(({ summary }) => summary.transaction === ref.transaction);
  const moment = told === undefined ? null : momentOf(told, ref.side);
  return moment === null ? failed('not-found', { what: 'point', transaction: ref.transaction }) : ok(moment);
}

/** A moment with whose work it was. */
export interface Event {
  readonly transaction: TransactionId;
  readonly moment: Moment;
  /** Files its steps began to change. */
  readonly claims: ReadonlySet<string>;
}

/** Every moment there is, in the order of time; one transaction's own stay in their order when a clock stood still. */
export function eventsOf(all: readonly Told[]): readonly Event[] {
  const oldestFirst = [...all].sort((a, b) => a.summary.opened - b.summary.opened);
  const events = oldestFirst.flatMap(({ summary, moments }): readonly Event[] => {
    const claims = new Set(summary.steps.flatMap((step) => step.places.map((place) => place.path)));
    return moments.map((moment) => ({ transaction: summary.transaction, moment, claims }));
  });
  return events.map((event, index) => ({ event, index })).sort((a, b) => a.event.moment.at - b.event.moment.at || a.index - b.index).map(({ event }) => event);
}

/** What a moment tells of a place. Undefined: not looked at. An image that is not told of had no kernel then, and so was not there. */
export function seenAt(moment: Moment, place: Place, path: string): PlaceSeen | undefined {
  const seen = moment.places.find((each) => each.place === place);
  return seen ?? (isImage(place) ? { place, path, is: null, copied: false, listing: null } : undefined);
}
