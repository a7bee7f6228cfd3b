// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { transactionId, type Summary, type TransactionId } from '../../contract/history';
import type { Intent, PlanHash } from '../../contract/plan';
import { failed, ok, type Problem, type Result } from '../../contract/problem';
import { isUnderWay, type RunState } from '../../contract/run';
import type { VmAsked, VmRun } from '../../contract/vm-change';
import type { VmHalf } from '../../contract/vm-half';
import type { News } from '../dispatch';
import type { Runs } from '../runs';
import { begin, endOfRun, put, type Desk, type VmBench } from './desk';
import { drawHalves, type Drawing } from './drawing';
import { changeVm, halfOf, recoverVms, undoVm, type Session, type VmChange } from './half';
import { isAtWork, thisProcess } from './process';
import { vmSteps } from './review';
import type { VmSide } from './side';
import { unmakeThing } from './things';
import { halvesOf } from './wanted';

export type { VmBench } from './desk';

export interface Approved {
  readonly asked: VmAsked;
  readonly host: Intent | null;
  readonly approved: PlanHash;
}

/** Changes of VMs: both halves under one id, the host's first; undone the other way round (architecture, decision 8). */
export interface Changes {
  readonly run: (bench: VmBench) => VmRun | null;
  readonly apply: (bench: VmBench, wish: Approved) => Promise<Result<VmRun>>;
  readonly undo: (bench: VmBench, change: TransactionId) => Promise<Result<VmRun>>;
  /** After a start of this program, and whenever the host half came to rest: goes on with what waited, puts back what a crash left. */
  readonly settle: (bench: VmBench) => Promise<void>;
  /** Why a half that a crash left could not be put back. */
  readonly stuck: (bench: VmBench) => ReadonlyMap<string, Problem>;
  readonly underWay: () => boolean;
  readonly idle: () => Promise<void>;
}

export function openChanges(news: News, runs: Runs, clock: () => number): Changes {
  const desk: Desk = { news, runs, clock, states: new Map(), stuck: new Map(), contents: new Map(), atWork: new Map() };
  return {
    run: (bench) => desk.states.get(bench.machine) ?? null,
    apply: (bench, wish) => apply(desk, bench, wish),
    undo: (bench, change) => Promise.resolve(undo(desk, bench, change)),
    settle: (bench) => settle(desk, bench),
    stuck: (bench) => desk.stuck.get(bench.machine) ?? new Map(),
    underWay: () => desk.atWork.size > 0,
    idle: async () => {
      await Promise.all(desk.atWork.values());
    },
  };
}

/** Later than every change before it, also where a clock stands still or goes back. */
const opening = ({ store, clock }: VmSide): number =>
  store.ids().reduce((latest, id) => {
    const half = store.read(id);
    return half.ok ? Math.max(latest, half.value.opened + 1) : latest;
  }, clock());

const fresh = (): TransactionId => transactionId.parse(randomBytes(8).toString('hex'));

async function apply(desk: Desk, bench: VmBench, { asked, host, approved }: Approved): Promise<Result<VmRun>> {
  if (desk.atWork.has(bench.machine)) return failed('busy', { what: 'vm' });
  const drawn = await drawHalves(bench, asked, host);
  if (!drawn.ok) return drawn;
  if (drawn.value.review.hash !== approved) return failed('plan-stale');
  if (drawn.value.review.nothingToDo) return failed('refused', { why: 'nothing-to-do' });
  const { wanted, host: half } = drawn.value;
  const about = { name: wanted.name, what: wanted.what, opened: opening(bench.side), host: half === null ? null : { plan: half.review.hash, transaction: null }, recipe: wanted.later, by: thisProcess() };
  const change: VmChange = { id: fresh(), uuid: wanted.uuid, xml: wanted.after, things: wanted.things, about };
  const first = beginState(desk, bench, drawn.value, change);
  desk.contents.set(change.id, wanted.contents);
  if (half === null) {
    begin(desk, bench, () => runHalf(desk, bench, { change, state: first }));
    return ok(first);
  }
  const noted = bench.side.store.write(halfOf(change, wanted.before, 'waiting'));
  if (!noted.ok) return noted;
  const ended = endOfRun(desk, bench);
  const started = desk.runs.apply(bench, half.intent, half.review.hash);
  if (!started.ok) {
    ended.forget();
    bench.side.store.drop(change.id);
    desk.states.delete(bench.machine);
    return started;
  }
  begin(desk, bench, async () => {
    await hostDone(desk, bench, { change, state: first, run: await ended.done });
  });
  return ok(first);
}

function beginState(desk: Desk, bench: VmBench, { wanted, host }: Drawing, change: VmChange): VmRun {
  const steps = vmSteps(wanted).map(({ id, kind, sentence }) => ({ id, kind, sentence, state: 'waiting' as const }));
  const since = new Date(desk.clock()).toISOString();
  const state: VmRun = { machine: bench.machine, change: host === null ? change.id : null, uuid: wanted.uuid, name: wanted.name, verb: 'apply', at: host === null ? 'working' : 'host', steps, host: host !== null, problem: null, left: [], since };
  return put(desk, state, {});
}

interface Going {
  readonly change: VmChange;
  readonly state: VmRun;
}

/** The host half is over, or waits for a restart: from now on both are known by its id. */
async function hostDone(desk: Desk, bench: VmBench, { change, state, run }: Going & { readonly run: RunState }): Promise<void> {
  const { store } = bench.side;
  if (run.at !== 'kept' && run.at !== 'restart-needed' && run.at !== 'nothing-to-do') {
    await undoVm(bench.side.libvirt, store, change.id, { clock: bench.side.clock });
    put(desk, state, { at: run.at === 'undo-incomplete' ? 'undo-incomplete' : 'failed', problem: run.problem });
    return;
  }
  const linked = run.transaction === null ? change : link(desk, bench, change, run.transaction);
  const next = put(desk, state, { change: linked.id, at: run.at === 'restart-needed' ? 'waiting' : 'working' });
  if (run.at !== 'restart-needed') await runHalf(desk, bench, { change: linked, state: next });
}

/** Gives the half its host half's name: first written under the new one, then forgotten under the old. */
function link(desk: Desk, { side }: VmBench, change: VmChange, transaction: TransactionId): VmChange {
  const half = side.store.read(change.id);
  if (!half.ok || half.value.id === transaction || half.value.host === null) return change;
  const host = { ...half.value.host, transaction };
  if (!side.store.write({ ...half.value, id: transaction, host }).ok) return change;
  side.store.drop(change.id);
  const contents = desk.contents.get(change.id);
  if (contents !== undefined) desk.contents.set(transaction, contents);
  desk.contents.delete(change.id);
  return { ...change, id: transaction, about: { ...change.about, host } };
}

/** The VM half. When libvirt refuses it, the host half goes back too. */
async function runHalf(desk: Desk, bench: VmBench, { change, state }: Going): Promise<void> {
  const { libvirt, store } = bench.side;
  let now = state;
  const session: Session = {
    contents: desk.contents.get(change.id) ?? { answers: null, network: null },
    clock: bench.side.clock,
    tell: (step, phase) => {
      now = put(desk, now, { at: 'working', steps: now.steps.map((one) => (one.id === step ? { ...one, state: phase } : one)) });
    },
  };
  const done = await changeVm(libvirt, store, change, session);
  desk.contents.delete(change.id);
  if (!done.ok) {
    put(desk, now, { at: (await isPutBack(desk, bench, change)) ? 'failed' : 'undo-incomplete', problem: done.problem });
    return;
  }
  if (change.about?.what === 'change') await wipeAnswers(bench, change.uuid);
  put(desk, now, { at: 'done', problem: null });
}

/** After libvirt refused: one that has not begun is dropped, a begun one has been put back or stays for the next start; then the host half goes. */
async function isPutBack(desk: Desk, bench: VmBench, change: VmChange): Promise<boolean> {
  const { libvirt, store } = bench.side;
  const left = store.read(change.id);
  if (left.ok && left.value.state === 'waiting') await undoVm(libvirt, store, change.id, { clock: bench.side.clock });
  const half = store.read(change.id);
  if (half.ok && half.value.state === 'begun') return false;
  const transaction = change.about?.host?.transaction ?? null;
  return transaction === null || (await undoHost(desk, bench, transaction)).ok;
}

/** The password on a disc with answers is needed no longer than Setup reads it. */
async function wipeAnswers({ side }: VmBench, uuid: string): Promise<void> {
  const stored = await side.libvirt.xml(uuid);
  if (!stored.ok) return;
  for (const half of halvesOf(side.store, uuid)) {
    for (const [at, kept] of half.things.entries()) {
      if (kept.thing.kind !== 'volume' || kept.thing.holds !== 'answers' || kept.state !== 'made' || stored.value.includes(kept.thing.path)) continue;
      const gone = await unmakeThing(side.libvirt, kept);
      if (gone.ok && gone.value === null) side.store.write({ ...half, things: half.things.map((one, index) => (index === at ? { ...one, state: 'undone' as const } : one)) });
    }
  }
}

/** Root puts the host half back; the person is asked for the password as for any undo. */
async function undoHost(desk: Desk, bench: VmBench, transaction: TransactionId): Promise<Result<void>> {
  const known = bench.hands.summaries().find((one) => one.transaction === transaction);
  if (known === undefined || known.state === 'undone') return ok(undefined);
  const ended = endOfRun(desk, bench);
  const started = desk.runs.undo(bench, transaction);
  if (!started.ok) {
    ended.forget();
    return started;
  }
  const run = await ended.done;
  if (run.at === 'undone') return ok(undefined);
  return { ok: false, problem: run.problem ?? { code: 'undo-incomplete', detail: {} } };
}

function undo(desk: Desk, bench: VmBench, change: TransactionId): Result<VmRun> {
  if (desk.atWork.has(bench.machine)) return failed('busy', { what: 'vm' });
  const half = bench.side.store.read(change);
  if (!half.ok) return half;
  const running = desk.runs.state(bench);
  if (running !== null && isUnderWay(running)) return failed('busy');
  const first = undoState(desk, bench, half.value);
  begin(desk, bench, () => undoBoth(desk, bench, { half: half.value, state: first }));
  return ok(first);
}

function undoState(desk: Desk, bench: VmBench, half: VmHalf): VmRun {
  const wanted = { uuid: half.uuid, name: half.name, what: half.what, before: half.before, after: half.wanted, things: half.things.map((one) => one.thing), known: null, contents: { answers: null, network: null }, of: null, later: null, notes: [], also: [] };
  const steps = vmSteps(wanted).map(({ id, kind, sentence }) => ({ id, kind, sentence, state: half.state === 'done' ? ('verified' as const) : half.state === 'undone' ? ('undone' as const) : ('waiting' as const) }));
  const since = new Date(desk.clock()).toISOString();
  return put(desk, { machine: bench.machine, change: half.id, uuid: half.uuid, name: half.name, verb: 'undo', at: 'working', steps, host: half.host !== null, problem: null, left: [], since }, {});
}

/** The VM half first: a host half under a VM that still counts on it is not taken away. */
async function undoBoth(desk: Desk, bench: VmBench, { half, state }: { readonly half: VmHalf; readonly state: VmRun }): Promise<void> {
  let now = state;
  const tell = (step: string, phase: VmRun['steps'][number]['state']): void => {
    now = put(desk, now, { steps: now.steps.map((one) => (one.id === step ? { ...one, state: phase } : one)) });
  };
  const undone = await undoVm(bench.side.libvirt, bench.side.store, half.id, { clock: bench.side.clock, tell });
  if (!undone.ok) {
    // Somebody's later change, or a VM that runs: nothing was touched, and it may be tried again.
    put(desk, now, { at: undone.problem.code === 'precondition-failed' ? 'failed' : 'undo-incomplete', problem: undone.problem });
    return;
  }
  const { left } = undone.value;
  const transaction = half.host?.transaction ?? null;
  if (transaction !== null) {
    now = put(desk, now, { at: 'host', left });
    const back = await undoHost(desk, bench, transaction);
    if (!back.ok) {
      put(desk, now, { at: 'undo-incomplete', problem: back.problem });
      return;
    }
  }
  put(desk, now, { at: 'undone', left, problem: null });
}

async function settle(desk: Desk, bench: VmBench): Promise<void> {
  const { libvirt, store } = bench.side;
  if (desk.atWork.has(bench.machine) || !store.ids().some((id) => isOpen(store.read(id)))) return;
  const stuck = new Map<string, Problem>();
  desk.stuck.set(bench.machine, stuck);
  const ours = thisProcess();
  const elsewhere = (by: string): boolean => by !== ours && isAtWork(by);
  for (const { id, result } of await recoverVms(libvirt, store, elsewhere)) if (!result.ok) stuck.set(id, result.problem);
  for (const id of store.ids()) {
    const half = store.read(id);
    if (half.ok && half.value.state === 'waiting' && !(half.value.by !== null && elsewhere(half.value.by))) await settleWaiting(desk, bench, half.value);
  }
}

const isOpen = (half: Result<VmHalf>): boolean => !half.ok || half.value.state === 'waiting' || half.value.state === 'begun';

async function settleWaiting(desk: Desk, bench: VmBench, half: VmHalf): Promise<void> {
  const { libvirt, store } = bench.side;
  const run = desk.runs.state(bench);
  if (run !== null && isUnderWay(run)) return;
  const host = hostHalfOf(bench, half);
  // Root never began it, or has put it back: the VM half was part of it and is dropped unbegun.
  const shown = desk.states.get(bench.machine);
  if (host === undefined || host.state === 'undone') {
    await undoVm(libvirt, store, half.id, { clock: bench.side.clock });
    if (shown?.change === half.id) put(desk, shown, { at: 'undone' });
    desk.news.tell('history.changed', { machine: bench.machine });
    return;
  }
  const { name, what, opened, recipe } = half;
  const about = { name, what, opened, recipe, host: half.host };
  const change = link(desk, bench, { id: half.id, uuid: half.uuid, xml: half.wanted, things: half.things.map((one) => one.thing), about }, host.transaction);
  if (host.state !== 'kept') return;
  const state = put(desk, { ...undoState(desk, bench, { ...half, id: change.id }), verb: 'apply' }, {});
  begin(desk, bench, () => runHalf(desk, bench, { change: { ...change, about: { ...change.about, by: thisProcess() } }, state }));
  await desk.atWork.get(bench.machine);
}

/** The transaction of root's that this half belongs to: by its id, or, where a crash came before that was known, by the plan that was approved. */
function hostHalfOf({ hands, side }: VmBench, half: VmHalf): Summary | undefined {
  const all = hands.summaries();
  const known = half.host?.transaction ?? null;
  if (known !== null) return all.find((one) => one.transaction === known);
  return all.find((one) => one.plan === half.host?.plan && !side.store.read(one.transaction).ok);
}
