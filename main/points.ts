// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { PointRef } from '../contract/history';
import type { IntentOf } from '../contract/plan';
import type { Compared, Conflict, DriftReport, Moment, RestoreReview } from '../contract/point';
import { failed, ok, type Result } from '../contract/problem';
import type { Change, Review } from '../contract/review';
import { checkDrift } from '../core/drift/check';
import { assess } from '../core/judge/assess';
import { stateOf, type PlacesSeen } from '../core/plan/seen';
import { changeOf, compare, type Present } from '../core/point/compare';
import type { Decision } from '../core/point/decide';
import { planRestore, type Restore } from '../core/point/plan-restore';
import { momentAt, type Told } from '../core/point/told';
import { pathOf } from '../core/step/places';
import { lookDevices } from '../host/look-devices';
import { lookPlaces } from '../host/look-places';
import { lookStore } from '../host/look-store';
import type { Machine } from '../host/machine';
import { probe } from '../host/probe';
import { reviewOf } from './draw';
import type { Ended } from './helper-client';
import type { Texts } from './texts';

const when = (time: number): string => new Date(Math.min(time, 8.64e15)).toISOString().replace(/^\+\d{6}/, '9999');

/** Remembers what may be read now, so that it can be shown as *then* later. */
export function rememberTexts(seen: PlacesSeen, texts: Texts): void {
  for (const { state, text } of seen.places) if (state.kind === 'file' && text !== null && createHash('sha256').update(text).digest('hex') === state.digest) texts.remember(state.digest, text);
}

/** A look for comparing alone: remembers the texts of now. */
export function rememberNow(machine: Machine, texts: Texts): void {
  const release = machine.text('/proc/sys/kernel/osrelease');
  rememberTexts(lookPlaces(machine, release.at === 'is' ? release.value.trim() : null), texts);
}

export interface Comparison {
  readonly from: PointRef;
  /** Null: the machine as it is. */
  readonly to: PointRef | null;
}

/** Two points, or a point and now, with the person's own eyes. `now`: milliseconds since 1970. */
export function compareOn(machine: Machine, { from, to }: Comparison, { texts, now }: { readonly texts: Texts; readonly now: number }): Result<Compared> {
  const all = lookStore(machine);
  const [then, until] = [momentAt(all, from), to === null ? ok(null) : momentAt(all, to)];
  if (!then.ok) return then;
  if (!until.ok) return until;
  const facts = probe(machine);
  const seen = lookPlaces(machine, facts.kernel.release.value);
  rememberTexts(seen, texts);
  const cards = assess(facts).cards;
  const present: Present = { seen, devices: lookDevices(machine), kernel: facts.kernel.release.value };
  const end: Moment | Present = until.value ?? present;
  const body = compare({ all, from: then.value, to: end, text: texts.text, nameOf: (address) => cards.find(({ gpu }) => gpu === address)?.name ?? null });
  return ok({ from, to, fromTaken: when(then.value.at), toTaken: when(until.value?.at ?? now), ...body });
}

/** Puts what root showed in the place of what is hidden: our own lines, before and after. */
export function withOwnLines(compared: Compared, places: Ended['places']): Compared {
  return { ...compared, places: compared.places.map((each) => ({ ...each, change: each.change === null ? null : shown(each.change, places) })) };
}

/** A hidden change as our own lines of it, and nothing else of the file. */
export function shown(change: Change, places: Ended['places']): Change {
  const place = change.kind === 'hidden' ? places.find((one) => one.path === change.path) : undefined;
  if (place === undefined) return change;
  const [was, is] = [place.was, place.hunk];
  const lines = [...was.filter((line) => !is.includes(line)).map((text) => ({ mark: '-' as const, text })), ...is.map((text) => ({ mark: was.includes(text) ? (' ' as const) : ('+' as const), text }))];
  return { kind: 'file', path: place.path, what: was.length === 0 ? 'create' : is.length === 0 ? 'remove' : 'replace', lines };
}

/** The plan from now to a point as the person reads it, with what only they may decide. */
export function restoreOn(machine: Machine, intent: IntentOf<'restore'>, texts: Texts): Result<RestoreReview> {
  const facts = probe(machine);
  const seen = lookPlaces(machine, facts.kernel.release.value);
  rememberTexts(seen, texts);
  const all = lookStore(machine);
  const restore = planRestore(facts, seen, { all, intent });
  if (!restore.ok) return restore;
  const review = withTexts(reviewOf(restore.value.plan, facts, seen), restore.value, { seen, texts });
  return ok({ review, to: intent.to, taken: when(restore.value.target.at), conflicts: [...conflictsOf(restore.value, { seen, texts }), ...vmConflicts(restore.value)], notes: [...notesOf(restore.value), ...settingNotes(all, restore.value)].slice(0, 32) });
}

interface Showing {
  readonly seen: PlacesSeen;
  readonly texts: Texts;
}

/** What is put back, line by line, where both texts are this person's to read. */
function withTexts(review: Review, { plan }: Restore, showing: Showing): Review {
  const steps = review.steps.map((step) => {
    const back = plan.steps.find((each) => each.id === step.id);
    if (back?.kind !== 'put-back') return step;
    return { ...step, changes: step.changes.map((change) => (change.kind === 'hidden' ? toward(back.place, back.then?.sha256 ?? null, showing) : change)) };
  });
  return { ...review, steps };
}

/** From what is there now to these bytes (null: nothing). */
function toward(place: string, sha256: string | null, { seen, texts }: Showing): Change {
  const state = stateOf(seen, place);
  const now = state?.kind === 'file' ? state.digest : null;
  const path = pathOf(place, '');
  if (state === null || (state.kind !== 'file' && state.kind !== 'absent')) return { kind: 'hidden', path };
  const file = (digest: string | null) => (digest === null ? null : { sha256: digest, size: 0, mode: 0, uid: 0, gid: 0, identity: '0:0' });
  return changeOf(path, { then: file(now), now: file(sha256) }, texts.text);
}

function conflictsOf({ decisions }: Restore, showing: Showing): Conflict[] {
  return decisions.flatMap(({ place, path, then, ours, conflict }: Decision): Conflict[] => {
    if (conflict === null) return [];
    const edited = conflict.why === 'edited';
    return [
      {
        place,
        path,
        why: conflict.why,
        then,
        ours: ours ?? null,
        takes: [...conflict.takes],
        chosen: conflict.chosen,
        toThen: edited && conflict.takes.includes('then') ? toward(place, then?.sha256 ?? null, showing) : null,
        toOurs: edited && conflict.takes.includes('ours') ? toward(place, ours?.sha256 ?? null, showing) : null,
      },
    ];
  });
}

/** A guest writes its own variables whenever it runs, so nobody but the person can say which are to stay. */
const vmConflicts = ({ vms }: Restore): readonly Conflict[] =>
  vms.map(({ place, vm, takes, chosen }) => ({ place, path: vm, why: 'vm', then: null, ours: null, takes: [...takes], chosen, toThen: null, toOurs: null }));

/** What a restore cannot lead back, or does not: said, never passed over. */
function notesOf({ target, plan, decisions }: Restore): RestoreReview['notes'] {
  const gone = target.places.filter(({ place }) => place.startsWith('default-image:') && !plan.basis.kernel.images.includes(place.slice(place.indexOf(':') + 1)));
  const stays = decisions.filter(({ deed, conflict }) => deed.deed === 'nothing' && conflict === null);
  return [
    ...gone.map(({ place }) => ({ code: 'restore.note.kernel-gone', detail: { kernel: place.slice(place.indexOf(':') + 1) } })),
    ...stays.map(({ path }) => ({ code: 'restore.note.no-copy', detail: { path } })),
    ...(plan.needsRestart ? [{ code: 'restore.note.trial', detail: {} }] : []),
  ];
}

/** What newer changes set that is no file: it is not led back, and said. */
function settingNotes(all: readonly Told[], { target, plan }: Restore): RestoreReview['notes'] {
  const led = new Set<string>(plan.steps.map(({ kind }) => kind));
  const kinds = all
    .filter(({ summary }) => summary.state === 'kept' && summary.opened >= target.at)
    .flatMap(({ summary }) => summary.steps.filter(({ kind, outcome }) => isSetting(kind) && !led.has(kind) && outcome === 'verified').map(({ kind }) => ({ kind, transaction: summary.transaction })));
  return kinds.map(({ kind, transaction }) => ({ code: 'restore.note.setting', detail: { kind, transaction } }));
}

const isSetting = (kind: string): boolean => kind === 'autostart' || kind === 'membership' || kind === 'huge-pages' || kind === 'move-device';

/** What was kept last against the machine as it is. */
export function driftOn(machine: Machine, now: number): DriftReport {
  const facts = probe(machine);
  return { ...checkDrift({ all: lookStore(machine), seen: lookPlaces(machine, facts.kernel.release.value), facts }), checked: when(now) };
}

/** The hash a restore is approved by. */
export const planStale = (approved: string, review: Review): Result<void> => (review.hash === approved ? ok(undefined) : failed('plan-stale'));
