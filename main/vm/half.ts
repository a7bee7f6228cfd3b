// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { StepPhase } from '../../contract/progress';
import { vmHalf, type VmHalf, type VmThing, type VmThingKept } from '../../contract/vm-half';
import type { HalfStore } from './half-store';
import type { Libvirt } from './libvirt';
import { makeThing, unmakeThing, type Contents } from './things';

export type Asked = Pick<Libvirt, 'xml' | 'define' | 'undefine' | 'state' | 'ask' | 'live' | 'list'>;

/** What is wanted of one VM: this definition, or none; and what is remembered with it. */
export interface VmChange {
  readonly id: VmHalf['id'];
  readonly uuid: string;
  readonly xml: string | null;
  readonly things?: readonly VmThing[];
  readonly about?: Partial<Pick<VmHalf, 'name' | 'what' | 'opened' | 'host' | 'recipe' | 'by'>>;
}

/** What a piece of work hears and brings along. */
export interface Session {
  readonly contents?: Contents;
  /** `step`: `vm-define`, `vm-undefine`, or the name of a thing (see `stepOf`). */
  readonly tell?: (step: string, phase: StepPhase) => void;
  readonly clock?: () => number;
}

/** The names of the VM half's steps, in order: things first, then the definition. */
export function stepsOf(things: readonly VmThing[], xml: string | null): readonly string[] {
  let disks = 0;
  const names = things.map((thing) => (thing.kind !== 'volume' ? `vm-${thing.kind}` : thing.holds === 'answers' ? 'vm-answers' : `vm-disk-${++disks}`));
  return [...names, xml === null ? 'vm-undefine' : 'vm-define'];
}

/** A change that is not begun yet, as it is written down. */
export const halfOf = (change: VmChange, before: string | null, state: VmHalf['state']): VmHalf =>
  vmHalf.parse({
    schema: 1,
    id: change.id,
    uuid: change.uuid,
    ...change.about,
    wanted: change.xml,
    before,
    after: null,
    things: (change.things ?? []).map((thing): VmThingKept => ({ thing, state: 'planned', as: null })),
    state,
  });

/**
 * Changes a VM as half of a restore point: what was there is on disk before libvirt is asked, and what libvirt made of it afterwards.
 * A refusal of libvirt's puts everything back. Fails as libvirt does, or with `busy` when this id has been used.
 */
export async function changeVm(libvirt: Asked, store: HalfStore, change: VmChange, session: Session = {}): Promise<Result<VmHalf>> {
  const bench: Bench = { libvirt, store, session };
  const begun = await beginHalf(bench, change);
  if (!begun.ok) return begun;
  const made = await makeAll(bench, begun.value);
  return made.ok ? defineHalf(bench, made.value) : made;
}

/** Looks at what there is and writes it down, with everything that is about to be asked of libvirt. */
async function beginHalf({ libvirt, store }: Bench, change: VmChange): Promise<Result<VmHalf>> {
  const used = store.read(change.id);
  if (!used.ok && used.problem.code !== 'not-found') return used;
  if (used.ok && used.value.state !== 'waiting') return failed('busy', { what: 'vm-half' });
  const before = await definitionOf(libvirt, change.uuid);
  if (!before.ok) return before;
  // What waited was read as a change of that definition, and of no other.
  if (used.ok && used.value.before !== before.value) return failed('precondition-failed', { why: 'vm-changed' });
  const begun = halfOf(change, before.value, 'begun');
  const noted = store.write(begun);
  return noted.ok ? ok(begun) : noted;
}

/** Only things around the VM were asked for. */
const keepsDefinition = (half: VmHalf): boolean => half.before !== null && half.before === half.wanted;

const definitionStep = (half: VmHalf): string => (half.wanted === null ? 'vm-undefine' : 'vm-define');

async function defineHalf(bench: Bench, half: VmHalf): Promise<Result<VmHalf>> {
  const { libvirt, store, session } = bench;
  const step = definitionStep(half);
  session.tell?.(step, 'changing');
  const put = keepsDefinition(half) ? ok(undefined) : await putDefinition(libvirt, half.uuid, half.wanted);
  if (!put.ok) return backAfter(bench, { half, problem: put, step });
  session.tell?.(step, 'verifying');
  const after = await definitionOf(libvirt, half.uuid);
  if (!after.ok) return after; // What libvirt did is not known: the next start finds it begun and puts it back.
  const done: VmHalf = { ...half, after: after.value, state: 'done', ended: now(session) };
  const ended = store.write(done);
  if (ended.ok) session.tell?.(step, 'verified');
  return ended.ok ? ok(done) : ended;
}

interface Bench {
  readonly libvirt: Asked;
  readonly store: HalfStore;
  readonly session: Session;
}

const now = (session: Session): number => (session.clock ?? (() => 0))();

async function makeAll(bench: Bench, begun: VmHalf): Promise<Result<VmHalf>> {
  const { libvirt, store, session } = bench;
  const names = stepsOf(begun.things.map((one) => one.thing), begun.wanted);
  let half = begun;
  for (const [at, { thing }] of begun.things.entries()) {
    const step = names[at] ?? '';
    session.tell?.(step, 'changing');
    half = withThing(half, at, { thing, state: 'begun', as: null });
    const noted = store.write(half);
    if (!noted.ok) return noted;
    const made = await makeThing(libvirt, thing, session.contents ?? { answers: null, network: null });
    if (!made.ok) {
      // One that was there before is not ours to take away.
      const theirs = made.problem.detail['why'] === 'volume-taken';
      return backAfter(bench, { half: theirs ? withThing(half, at, { thing, state: 'planned', as: null }) : half, problem: made, step });
    }
    half = withThing(half, at, { thing, state: 'made', as: made.value });
    const kept = store.write(half);
    if (!kept.ok) return kept;
    session.tell?.(step, 'verified');
  }
  return ok(half);
}

const withThing = (half: VmHalf, at: number, kept: VmThingKept): VmHalf => ({ ...half, things: half.things.map((one, index) => (index === at ? kept : one)) });

/** Puts back what was done so far, and tells the first reason. A half that cannot be put back now stays begun, and the next start tries again. */
async function backAfter(bench: Bench, { half, problem, step }: { readonly half: VmHalf; readonly problem: Result<never>; readonly step: string }): Promise<Result<never>> {
  bench.session.tell?.(step, 'undoing');
  const noted = bench.store.write(half);
  if (!noted.ok) return noted;
  await undoVm(bench.libvirt, bench.store, half.id, bench.session);
  bench.session.tell?.(step, 'undone');
  return problem;
}

/**
 * Puts a VM back as it was before. Somebody's later change is not overwritten: it fails with `precondition-failed`, and so does a VM
 * that would be taken away while it runs. What a guest has written to, NVRAM and TPM state are never deleted by it.
 */
export async function undoVm(libvirt: Asked, store: HalfStore, id: string, session: Session = {}): Promise<Result<VmHalf>> {
  const half = store.read(id);
  if (!half.ok || half.value.state === 'undone') return half;
  const bench: Bench = { libvirt, store, session };
  if (half.value.state === 'waiting') return settle(bench, half.value);
  const back = await definitionBack(bench, half.value);
  return back.ok ? unmakeAll(bench, half.value) : back;
}

async function definitionBack({ libvirt, session }: Bench, half: VmHalf): Promise<Result<void>> {
  const present = await definitionOf(libvirt, half.uuid);
  if (!present.ok) return present;
  if (present.value !== half.before && !keepsDefinition(half)) {
    if (half.state === 'done' && present.value !== half.after) return failed('precondition-failed', { why: 'vm-changed' });
    const state = half.before === null ? await libvirt.state(half.uuid) : ok('off' as const);
    if (!state.ok) return state;
    if (state.value !== 'off' && state.value !== 'crashed') return failed('precondition-failed', { why: 'vm-runs' });
    session.tell?.(definitionStep(half), 'undoing');
    const back = await putDefinition(libvirt, half.uuid, half.before);
    if (!back.ok) return back;
  }
  session.tell?.(definitionStep(half), 'undone');
  return ok(undefined);
}

async function unmakeAll(bench: Bench, begun: VmHalf): Promise<Result<VmHalf>> {
  const names = stepsOf(begun.things.map((one) => one.thing), begun.wanted);
  let half = begun;
  for (const [at, kept] of [...begun.things.entries()].reverse()) {
    if (kept.state !== 'begun' && kept.state !== 'made') continue;
    bench.session.tell?.(names[at] ?? '', 'undoing');
    const gone = await unmakeThing(bench.libvirt, kept);
    if (!gone.ok) return gone;
    half = withThing(half, at, { ...kept, state: gone.value === null ? 'undone' : 'left' });
    if (gone.value !== null) half = { ...half, left: [...half.left, gone.value] };
    bench.session.tell?.(names[at] ?? '', gone.value === null ? 'undone' : 'left');
  }
  return settle(bench, half);
}

function settle({ store, session }: Bench, half: VmHalf): Result<VmHalf> {
  const undone: VmHalf = { ...half, state: 'undone', ended: now(session) };
  const written = store.write(undone);
  return written.ok ? ok(undone) : written;
}

/** At the start of Switchyard: every half that a crash left begun is put back, unless the process that began it still is at it. Gives what was tried. */
export async function recoverVms(libvirt: Asked, store: HalfStore, atWork: (by: string) => boolean = () => false): Promise<readonly { readonly id: string; readonly result: Result<VmHalf> }[]> {
  const settled: { readonly id: string; readonly result: Result<VmHalf> }[] = [];
  for (const id of store.ids()) {
    const half = store.read(id);
    if (half.ok && (half.value.state !== 'begun' || (half.value.by !== null && atWork(half.value.by)))) continue;
    settled.push({ id, result: half.ok ? await undoVm(libvirt, store, id) : half });
  }
  return settled;
}

/** The stored definition; null when there is no such VM. */
export async function definitionOf(libvirt: Pick<Libvirt, 'xml'>, uuid: string): Promise<Result<string | null>> {
  const text = await libvirt.xml(uuid);
  return text.ok || text.problem.detail['why'] !== 'vm-missing' ? text : ok(null);
}

async function putDefinition(libvirt: Asked, uuid: string, xml: string | null): Promise<Result<void>> {
  if (xml === null) {
    const gone = await libvirt.undefine(uuid, 'keep');
    return !gone.ok && gone.problem.detail['why'] === 'vm-missing' ? ok(undefined) : gone;
  }
  const defined = await libvirt.define(xml);
  return defined.ok ? ok(undefined) : defined;
}
