// SPDX-License-Identifier: GPL-3.0-or-later
import type { PointRef } from '../../contract/history';
import type { ComparedPlace } from '../../contract/point';
import type { HistoryEntry } from '../../contract/ui';
import { aboutOf } from './run-words';
import type { Session } from './session.svelte';
import type { Timeline } from './timeline.svelte';

export const keyOf = ({ transaction, side }: PointRef): string => `${transaction} ${side}`;

export interface KnownPoint {
  readonly key: string;
  readonly ref: PointRef;
  readonly words: string;
}

/** What was done, in one line. */
export function didWords(session: Session, entry: HistoryEntry): string {
  if (entry.intent === 'point') return session.t('window.history.point', { reason: entry.reason ?? '' });
  const intent = session.tell(`window.intent.${entry.intent}`);
  return entry.about === '' ? intent : session.t('window.history.did', { intent, about: entry.about });
}

/** A point by what was done there, and when, where the clock is the person's own. */
export function pointWords(session: Session, timeline: Timeline, { entry, side }: { readonly entry: HistoryEntry; readonly side: PointRef['side'] }): string {
  const what = entry.intent === 'point' ? didWords(session, entry) : session.t(`window.point.${side}`, { what: aboutOf(session, entry) });
  return session.entry?.kind === 'rehearsal' ? what : session.t('window.point.dated', { what, when: timeline.when(side === 'after' ? (entry.ended ?? entry.started) : entry.started) });
}

/** The points of one entry; one taken on request changed nothing, so it is one point and not two. */
export const sidesOf = ({ intent, points }: HistoryEntry): readonly PointRef['side'][] => (intent === 'point' ? points.slice(0, 1) : points);

/** Every point there is, newest first. */
export const pointsOf = (session: Session, timeline: Timeline): readonly KnownPoint[] =>
  (timeline.entries ?? []).flatMap((entry) =>
    [...sidesOf(entry)].reverse().map((side): KnownPoint => {
      const ref = { transaction: entry.transaction, side };
      return { key: keyOf(ref), ref, words: pointWords(session, timeline, { entry, side }) };
    }),
  );

export const refOf = (known: readonly KnownPoint[], key: string): PointRef | null => known.find((it) => it.key === key)?.ref ?? null;

/** What became of a place and who did it. */
export function differenceWords(session: Session, { what, by }: Pick<ComparedPlace, 'what' | 'by'>): string {
  if (what === 'unknown') return session.t('compare.what.unknown');
  return session.t('window.compare.what-by', { what: session.t(`compare.what.${what}`), by: session.t(`compare.by.${by}`) });
}
