// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { IntentOf, Place, Plan, PlanBasis, Step } from '../../contract/plan';
import type { Moment } from '../../contract/point';
import { failed, ok, type Result } from '../../contract/problem';
import { grub } from '../plan/boot/grub';
import type { StartChange } from '../plan/boot/loader';
import { sameDevice } from '../plan/device-set';
import { initramfsTools } from '../plan/initramfs/initramfs-tools';
import { openTextOf, type PlacesSeen } from '../plan/seen';
import { grubEnvValue, readGrubEnv } from '../read/grub-env';
import { decide, type Decision } from './decide';
import { promiseNow, restoreBasis } from './restore-basis';
import { settingsBack } from './settings';
import { momentAt, type Told } from './told';
import { vmsOf, type VmDecision } from './vms';

/** A restore as both processes draw it: the plan, and why each place is in it or stays out. */
export interface Restore {
  readonly plan: Plan;
  readonly target: Moment;
  readonly decisions: readonly Decision[];
  readonly vms: readonly VmDecision[];
}

/**
 * The plan from now to a restore point. Where the start then gave away more than it does now, a trial shows first that
 * it still works; where it gave away less or the same, the start only gets back what it had.
 */
export function planRestore(facts: HostFacts, seen: PlacesSeen, { all, intent }: { readonly all: readonly Told[]; readonly intent: IntentOf<'restore'> }): Result<Restore> {
  const target = momentAt(all, intent.to);
  if (!target.ok) return target;
  const repeated = intent.choices.find((choice, index) => intent.choices.findIndex((other) => other.place === choice.place) !== index);
  if (repeated !== undefined) return failed('bad-input', { why: 'twice' });
  const decisions = decide({ target: target.value, all, seen, choices: intent.choices });
  const vms = vmsOf(target.value, intent.choices);
  const stray = intent.choices.find((choice) => !vms.some(({ place, takes }) => place === choice.place && takes.includes(choice.take)) && !decisions.some(({ place, conflict }) => place === choice.place && conflict?.takes.includes(choice.take) === true));
  if (stray !== undefined) return failed('plan-stale', { why: 'choice', place: stray.place });
  const now = promiseNow(seen);
  const then = target.value.promise ?? { table: null, args: [] };
  const more = decisions.some(({ place, deed }) => deed.deed !== 'nothing' && isPartOfStart(place)) && givesMore(then, now);
  const basis = restoreBasis(facts, seen, more ? then : null);
  if (!basis.ok) return basis;
  const steps = stepsOf({ decisions, target: target.value, seen, then, gone: now.args.filter((arg) => !then.args.includes(arg)) });
  const back = vms.flatMap(({ chosen, vm, then: was }): readonly Step[] => (chosen === 'then' ? [{ kind: 'put-vm', phase: more ? 'keep' : 'now', id: `put-vm-${vm.slice(0, 8)}`, vm, then: was }] : []));
  // A start that ends a trial runs no program: where one comes first, settings stay, and that is said.
  const set = more ? [] : settingsBack(all, target.value, seen);
  const whole = more ? tried(basis.value, then, [...steps.widening, ...back]) : ok([...steps.narrowing, ...set, ...back]);
  if (!whole.ok) return whole;
  const plan: Plan = { schema: 1, intent, basis: basis.value, steps: [...whole.value], needsRestart: whole.value.some((step) => step.phase === 'trial'), assumptions: [] };
  return ok({ plan, target: target.value, decisions, vms });
}

type Promise = NonNullable<Moment['promise']>;

/** Some device, or some argument, that no start has now. */
const givesMore = (then: Promise, now: Promise): boolean =>
  (then.table?.devices ?? []).some((device) => !(now.table?.devices ?? []).some((other) => sameDevice(other, device))) || then.args.some((arg) => !now.args.includes(arg));

const isPartOfStart = (place: Place): boolean => place === 'grub-config' || place === 'grub-drop-in' || place.startsWith('early-') || place.startsWith('default-image:');

interface Stepping {
  readonly decisions: readonly Decision[];
  readonly target: Moment;
  readonly seen: PlacesSeen;
  readonly then: Promise;
  /** Arguments of ours that every start has now and had not then. */
  readonly gone: readonly string[];
}

/**
 * The same changes in two orders. Giving less: the start menu goes back before what it names. Giving more: what it names
 * is there before the menu names it. What a generator makes comes after its sources either way.
 */
function stepsOf(stepping: Stepping): { readonly narrowing: readonly Step[]; readonly widening: readonly Step[] } {
  const { decisions } = stepping;
  const put = decisions.filter(({ deed }) => deed.deed === 'put');
  const built = decisions.filter(({ deed }) => deed.deed === 'build');
  const rank = (order: readonly string[]) => (a: Decision, b: Decision): number => rankOf(order, a.place) - rankOf(order, b.place);
  const back = [...put].sort(rank(['grub-config', 'grub-drop-in', 'default-image', 'early-hook', 'early-script']));
  const forth = [...put].sort(rank(['', 'early-script', 'early-hook', 'default-image', 'grub-drop-in', 'grub-config']));
  const images = built.filter(({ place }) => place !== 'grub-config');
  const menu = built.filter(({ place }) => place === 'grub-config');
  const steps = (list: readonly Decision[], phase: 'now' | 'keep'): readonly Step[] => list.map((each) => stepOf(each, { stepping, phase }));
  const last = (list: readonly Decision[]): { rest: readonly Decision[]; menu: readonly Decision[] } => ({ rest: list.filter(({ place }) => place !== 'grub-config' && place !== 'grub-drop-in'), menu: list.filter(({ place }) => place === 'grub-config' || place === 'grub-drop-in') });
  const split = last(forth);
  return {
    narrowing: [...steps(back, 'now'), ...steps(images, 'now'), ...steps(menu, 'now'), ...oneShotStep(stepping, 'now')],
    widening: [...steps(split.rest, 'keep'), ...steps(images, 'keep'), ...steps(split.menu, 'keep'), ...steps(menu, 'keep'), ...oneShotStep(stepping, 'keep')],
  };
}

/** Places the order does not name come where it says nothing, in the order of their names. */
function rankOf(order: readonly string[], place: Place): number {
  const at = order.indexOf(place.startsWith('default-image:') ? 'default-image' : place);
  return at >= 0 ? at : order[0] === '' ? 0 : order.length;
}

function stepOf({ place, deed, then }: Decision, { stepping, phase }: { stepping: Stepping; phase: 'now' | 'keep' }): Step {
  if (deed.deed === 'build') return buildStep(place, stepping, phase);
  const is = deed.deed === 'put' ? deed.is : then;
  const id = `put-${place.replace(/[^a-z0-9-]/g, '-')}`.slice(0, 48);
  const state = is === null ? null : { sha256: is.sha256, mode: is.mode, uid: is.uid, gid: is.gid };
  const { table } = stepping.then;
  return { kind: 'put-back', phase, id, place, then: state, ...(phase === 'keep' && place === 'early-script' && table !== null ? { binds: [...table.devices] } : {}) };
}

function buildStep(place: Place, { then, gone, decisions, seen }: Stepping, phase: 'now' | 'keep'): Step {
  if (place === 'grub-config')
    return { kind: 'boot-config', phase, id: 'boot-config', loader: 'grub', bind: then.table?.transaction ?? 'none', args: [...then.args], ...(gone.length > 0 ? { gone: [...gone] } : {}) };
  const kernel = place.slice('default-image:'.length);
  const script = decisions.find((each) => each.place === 'early-script');
  const absent = script?.deed.deed === 'put' ? script.deed.is === null : openTextOf(seen, 'early-script') === null;
  return { kind: 'default-image', phase, id: `image-${kernel.replace(/[^a-z0-9-]/g, '-')}`.slice(0, 48), generator: 'initramfs-tools', kernel, ...(absent ? { without: true as const } : {}) };
}

/** Our word in the loader's own memory; what else stands there is not ours to lead back. */
function oneShotStep({ target, seen }: Stepping, phase: 'now' | 'keep'): readonly Step[] {
  const block = openTextOf(seen, 'grub-env');
  const env = block === null ? null : readGrubEnv(block);
  if (env?.ok !== true || target.oneShot === undefined) return [];
  const now = grubEnvValue(env.value, 'next_entry');
  // Somebody's own choice for the next start stays; nothing waits for a trial when a point is taken.
  if ((now ?? '') !== '' || (target.oneShot ?? '') !== '') return [];
  // GRUB leaves the word behind, empty, after a trial.
  const left = phase === 'keep' ? '' : now;
  if (left === target.oneShot) return [];
  return [{ kind: 'put-one-shot', phase, id: 'put-one-shot', loader: 'grub', then: target.oneShot }];
}

/** The trial of what every start will then do, before any start does it. */
function tried(basis: PlanBasis, then: Promise, steps: readonly Step[]): Result<readonly Step[]> {
  const once = basis.bootVolume === null ? ok(undefined) : grub.mayTryOnce(basis.bootVolume);
  if (!once.ok) return once;
  const kernel = basis.kernel.release;
  const devices = then.table?.devices ?? [];
  const change: StartChange = { kernel, image: devices.length > 0 ? 'own' : 'default', bind: devices.length > 0 ? 'this' : 'none', args: then.args };
  return ok([
    ...(devices.length > 0 ? initramfsTools.prepare(kernel, devices) : []),
    ...grub.tryOnce(change),
    ...steps,
    ...grub.clear(basis.places),
    ...(devices.length > 0 ? initramfsTools.clear(kernel) : []),
  ]);
}
