// SPDX-License-Identifier: GPL-3.0-or-later
import type { HelperRequest, LookedPlace } from '../contract/helper';
import type { Place, Plan } from '../contract/plan';
import type { Moment } from '../contract/point';
import { ok, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { viewAfter, viewOf } from '../core/plan/review';
import { stateOf, type PlacesSeen } from '../core/plan/seen';
import { ownLines } from '../core/point/own-lines';
import { pointPlaces } from '../core/point/places';
import { momentAt, seenAt } from '../core/point/told';
import { changesOf, isPlaceChange, type StepView } from '../core/step/changes';
import { isImage, pathOf } from '../core/step/places';
import { kernelsOf, lookPlaces } from '../host/look-places';
import { lookStore } from '../host/look-store';
import { contentPath } from './contents';
import type { Desk } from './desk';
import { draw } from './draw';
import type { Hands } from './hands';
import { locked } from './locked';

/** What a look leaves behind: nothing; and what it tells. */
export interface Looked extends Outcome {
  readonly places: readonly LookedPlace[];
}

/** As many as one end line may hold. */
const most = 64;
const largest = 2_097_152;

/** Our own lines of the places the person may not read, for Review and for comparing points. Changes nothing, and shows nobody else's line. */
export function look(desk: Desk, { of }: Pick<HelperRequest<'look'>, 'of'>): Promise<Result<Looked>> {
  return locked(desk, 'look', () => Promise.resolve(of.kind === 'plan' ? lookAtPlan(desk, of.intent) : lookAtPoints(desk, of)));
}

/** Characters of all lines together: the answer is one line of the wire (contract/helper.ts), in which one may take six. */
const room = 40_000;

/** What does not fit is named without its lines. */
function told(places: readonly LookedPlace[]): Result<Looked> {
  let left = room;
  const fitting = places.slice(0, most).map((place) => {
    const size = [...place.hunk, ...place.was].reduce((sum, line) => sum + line.length + 4, 0);
    if (size > left) return { ...place, hunk: [], was: [] };
    left -= size;
    return place;
  });
  return ok({ transaction: null, state: null, restart: false, regenerate: [], places: fitting });
}

type OfPlan = Extract<HelperRequest<'look'>['of'], { readonly kind: 'plan' }>;
type OfPoints = Extract<HelperRequest<'look'>['of'], { readonly kind: 'points' }>;

function lookAtPlan(desk: Desk, intent: OfPlan['intent']): Result<Looked> {
  const plan = draw(desk.hands, intent, desk.origin.uid);
  if (!plan.ok) return plan;
  const release = desk.hands.text('/proc/sys/kernel/osrelease');
  const seen = lookPlaces(desk.hands, release.at === 'is' ? release.value.trim() : null, desk.origin.uid);
  return told([...closedPlaces(desk.hands, plan.value, seen).values()]);
}

/** Each step drawn on what the ones before it leave, as Review does, with root's eyes. */
function closedPlaces(hands: Hands, plan: Plan, seen: PlacesSeen): ReadonlyMap<Place, LookedPlace> {
  const before = viewOf(seen);
  let view = before;
  let others = viewOf({ ...seen, places: seen.places.map((each) => (isClosed(seen, each.place) ? { ...each, text: null } : each)) });
  const places = new Map<Place, LookedPlace>();
  for (const step of plan.steps) {
    const changes = changesOf(step, view);
    if (!changes.ok) continue;
    const texts = new Map<Place, string | null>();
    for (const change of changes.value.filter(isPlaceChange)) {
      if (isImage(change.place)) continue;
      if (change.change === 'put-back') texts.set(change.place, change.then === null ? null : textOf(hands, contentPath(change.then.sha256)));
      if (change.change === 'write') texts.set(change.place, change.text);
      if (change.change === 'remove') texts.set(change.place, null);
    }
    // What others could render they have seen already.
    const shown = changesOf(step, others);
    for (const [place, text] of texts) if (!shown.ok || isClosed(seen, place) || step.kind === 'put-back') places.set(place, placeOf(place, { hands, was: textIn(before, place), now: text }));
    view = viewAfter(view, changes.value.filter(isPlaceChange));
    if (shown.ok) others = viewAfter(others, shown.value.filter(isPlaceChange));
  }
  return places;
}

const isClosed = (seen: PlacesSeen, place: Place): boolean => {
  const state = stateOf(seen, place);
  return state !== null && state.kind !== 'file' && state.kind !== 'absent';
};

const textIn = (view: StepView, place: Place): string | null => {
  const text = view.text(place);
  return text.ok ? text.value : null;
};

function lookAtPoints({ hands }: Desk, { from, to }: OfPoints): Result<Looked> {
  const all = lookStore(hands);
  const [then, until] = [momentAt(all, from), to === null ? ok(null) : momentAt(all, to)];
  if (!then.ok) return then;
  if (!until.ok) return until;
  const places: LookedPlace[] = [];
  for (const place of pointPlaces(kernelsOf(hands) ?? []).filter((each) => !isImage(each))) {
    const was = contentAt(hands, then.value, place);
    const is = until.value === null ? contentNow(hands, place) : contentAt(hands, until.value, place);
    if (is.sha256 !== was.sha256) places.push(placeOf(place, { hands, was: was.text, now: is.text }));
  }
  return told(places);
}

interface Content {
  readonly sha256: string | null;
  readonly text: string | null;
}

function contentAt(hands: Hands, moment: Moment, place: Place): Content {
  const is = seenAt(moment, place, pathOf(place, ''))?.is ?? null;
  return is === null ? { sha256: null, text: null } : { sha256: is.sha256, text: textOf(hands, contentPath(is.sha256)) };
}

function contentNow(hands: Hands, place: Place): Content {
  const is = hands.inspect(pathOf(place, ''));
  return { sha256: is.ok ? (is.value?.sha256 ?? null) : null, text: textOf(hands, pathOf(place, '')) };
}

function placeOf(place: Place, { hands, was, now }: { hands: Hands; was: string | null; now: string | null }): LookedPlace {
  const path = pathOf(place, '');
  const is = hands.inspect(path);
  return { path, sha256: is.ok ? (is.value?.sha256 ?? null) : null, hunk: [...ownLines(place, now)], was: [...ownLines(place, was)] };
}

/** Null where it is not there, or no text. */
function textOf(hands: Hands, path: string): string | null {
  const taken = hands.take(path, largest);
  if (!taken.ok || taken.value === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(taken.value.bytes);
  } catch {
    return null;
  }
}
