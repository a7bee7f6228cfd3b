// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Summary, SummaryStep } from '../../contract/history';
import type { IntentOf, Place } from '../../contract/plan';
import type { DriftReport, DriftStep, Moment, PlaceSeen } from '../../contract/point';
import { nowAt } from '../point/authors';
import { decide } from '../point/decide';
import { isGenerated } from '../point/places';
import { eventsOf, momentOf, type Event, type Told } from '../point/told';
import { openTextOf, stateOf, type PlacesSeen } from '../plan/seen';
import { isImage } from '../step/places';
import { driftOfDevices, driftOfStart } from './start';
import { hasWords } from './menu';

/** The machine as the person sees it, and what root's store tells everybody. */
export interface Checking {
  readonly all: readonly Told[];
  readonly seen: PlacesSeen;
  readonly facts: HostFacts;
}

type Body = Omit<DriftReport, 'checked'>;

/** Every promise of what was kept last, looked at now; and what may be asked for to make it true again. */
export function checkDrift(checking: Checking): Body {
  const standing = checking.all.filter(({ summary }) => summary.state === 'kept' && summary.steps.some(stands));
  const [newest] = standing;
  const promised = newest === undefined ? null : momentOf(newest, 'after');
  if (newest === undefined) return { transaction: null, state: 'nothing-kept', steps: [], repair: null, repairWhy: null };
  const { transaction } = newest.summary;
  if (promised === null) return { transaction, state: 'unknown', steps: [], repair: null, repairWhy: { code: 'drift.repair.no-point', detail: {} } };
  const events = eventsOf(checking.all);
  const context: Context = { ...checking, promised, events };
  const files = fileSteps(context, standing.map(({ summary }) => summary));
  const steps = [...files, ...newImages(context, files), ...driftOfStart(checking.facts, promised, newest.summary), ...driftOfDevices(checking.facts, promised)].slice(0, 128);
  const state = steps.some(({ at }) => at === 'changed') ? 'changed' : steps.some(({ at }) => at === 'unknown') ? 'unknown' : 'holds';
  return { transaction, state, steps, ...repairOf(context, transaction, steps) };
}

interface Context extends Checking {
  readonly promised: Moment;
  readonly events: readonly Event[];
}

const stands = ({ outcome }: SummaryStep): boolean => outcome !== 'planned' && outcome !== 'undone';

/** Each place once, told by the newest step that stands at it. */
function fileSteps(context: Context, standing: readonly Summary[]): readonly DriftStep[] {
  const told = new Set<string>();
  return standing.flatMap((summary) =>
    [...summary.steps].reverse().filter((step) => stands(step) && lasts(step)).flatMap((step) =>
      step.places.flatMap(({ path }): readonly DriftStep[] => {
        const place = context.promised.places.find((each) => each.path === path);
        if (told.has(path) || place === undefined || place.place === 'grub-env' || place.place === 'grub-custom') return [];
        told.add(path);
        return [{ id: step.id, kind: step.kind, sentence: { code: `step.${step.kind}.title`, detail: { kernel: kernelOf(place.place), path } }, path, ...judge(context, place) }];
      }),
    ),
  );
}

/** What a trial put there and keep took away again is no promise. */
const lasts = ({ kind }: SummaryStep): boolean => !['trial-config', 'trial-image', 'trial-entry', 'one-shot', 'drop-trial-entry', 'drop-trial-image'].includes(kind);
const kernelOf = (place: Place): string => (isImage(place) ? place.slice(place.indexOf(':') + 1) : '');

type Judged = Pick<DriftStep, 'at' | 'why'>;
const holds: Judged = { at: 'holds', why: null };
const changed = (code: string): Judged => ({ at: 'changed', why: { code: `drift.${code}`, detail: {} } });
const unknown = (code: string): Judged => ({ at: 'unknown', why: { code: `drift.${code}`, detail: {} } });

function judge(context: Context, { place, is }: PlaceSeen): Judged {
  const state = stateOf(context.seen, place);
  const now = nowAt(state ?? undefined, place, context.events);
  if (now.at === 'known' && now.sha256 === digestOf(is)) return holds;
  if (isImage(place)) return judgeImage(context, place);
  if (now.at === 'strange' && now.why === 'hidden') return unknown('hidden');
  if (state?.kind === 'absent') return changed('gone');
  if (place === 'grub-config') return judgeMenu(context);
  return changed(is === null ? 'appeared' : 'edited');
}

const digestOf = (is: PlaceSeen['is']): string | null => is?.sha256 ?? null;

/** Of a kernel that was removed, nothing is promised any more. */
function judgeImage({ seen }: Context, place: Place): Judged {
  if (!(seen.kernels ?? []).includes(kernelOf(place))) return holds;
  return stateOf(seen, place)?.kind === 'absent' ? changed('gone') : unknown('image-rebuilt');
}

/** A menu that somebody generated since may well say the same. */
function judgeMenu({ seen, promised }: Context): Judged {
  const text = openTextOf(seen, 'grub-config');
  if (text === null) return unknown('menu-closed');
  return promised.promise !== null && hasWords(text, promised.promise) ? holds : changed('menu-without-words');
}

/** Images of kernels that came since: whether ours is in them, only root or a start can tell. */
function newImages({ seen, promised, events }: Context, told: readonly DriftStep[]): readonly DriftStep[] {
  if ((promised.promise?.table ?? null) === null) return [];
  return (seen.kernels ?? []).flatMap((kernel): readonly DriftStep[] => {
    const place = `default-image:${kernel}`;
    const path = `/boot/initrd.img-${kernel}`;
    const known = promised.places.some((each) => each.place === place) || told.some((step) => step.path === path);
    if (known || nowAt(stateOf(seen, place) ?? undefined, place, events).at === 'known') return [];
    return [{ id: `image-${kernel.replace(/[^a-z0-9-]/g, '-')}`.slice(0, 48), kind: 'default-image', sentence: { code: 'step.default-image.title', detail: { kernel, path } }, path, ...unknown('new-kernel') }];
  });
}

/** The way back to what was promised: a restore to that very point, with every choice it needs already made, to be read like any plan. */
function repairOf({ all, seen, promised }: Context, transaction: Summary['transaction'], steps: readonly DriftStep[]): Pick<Body, 'repair' | 'repairWhy'> {
  if (steps.some(({ kind, at }) => kind === 'device' && at === 'changed')) return { repair: null, repairWhy: { code: 'drift.repair.device', detail: {} } };
  const wrong = steps.filter(({ at, path }) => at !== 'holds' && path !== null);
  const places = [...promised.places.map(({ place, path }) => ({ place, path })), ...(seen.kernels ?? []).map((kernel) => ({ place: `default-image:${kernel}`, path: `/boot/initrd.img-${kernel}` }))];
  const wishes = places.filter(({ path }) => wrong.some((step) => step.path === path)).map(({ place }) => ({ place, take: 'then' as const }));
  const choices = decide({ target: promised, all, seen, choices: wishes })
    .filter(({ conflict, place }) => conflict?.takes.includes('then') === true && (wishes.some((wish) => wish.place === place) || isGenerated(place)))
    .map(({ place }) => ({ place, take: 'then' as const }));
  if (choices.length > 0) {
    const repair: IntentOf<'restore'> = { kind: 'restore', to: { transaction, side: 'after' }, choices };
    return { repair, repairWhy: null };
  }
  return { repair: null, repairWhy: steps.some(({ at }) => at === 'changed') ? { code: 'drift.repair.restart', detail: {} } : null };
}
