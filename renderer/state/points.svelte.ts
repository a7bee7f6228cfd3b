// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from 'svelte';
import type { PointRef } from '../../contract/history';
import type { IntentOf, RestoreTake } from '../../contract/plan';
import type { Compared, DriftReport, RestoreReview } from '../../contract/point';
import type { Problem, Result } from '../../contract/problem';
import type { RunState } from '../../contract/run';
import type { MachineId } from '../../contract/target';
import { ask } from '../client';
import type { Session } from './session.svelte';
import type { Waiting } from './waiting';

/** What the history panel shows. */
export type PointsView = { readonly at: 'list' } | { readonly at: 'drift' } | { readonly at: 'compare'; readonly from: PointRef; readonly to: PointRef | null } | { readonly at: 'restore'; readonly to: PointRef };

/** Restore points of one machine: compared with each other and with now, and gone back to; and whether what was kept holds. */
export class Points {
  readonly machine: MachineId;
  private readonly session: Session;
  compared = $state.raw<Waiting<Compared>>({ at: 'none' });
  restore = $state.raw<Waiting<RestoreReview>>({ at: 'none' });
  drift = $state.raw<DriftReport | null>(null);
  choices = $state.raw<IntentOf<'restore'>['choices']>([]);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  /** The answer to an older question is not shown in place of a newer one. */
  private asked = 0;

  constructor(session: Session, machine: MachineId) {
    this.session = session;
    this.machine = machine;
  }

  async checkDrift(): Promise<void> {
    const reply = await ask('drift.check', { machine: this.machine });
    this.drift = reply.ok ? reply.value : null;
  }

  async compare(from: PointRef, to: PointRef | null): Promise<void> {
    const mine = ++this.asked;
    this.compared = { at: 'waiting' };
    const reply = await ask('history.compare', { machine: this.machine, from, to });
    if (mine === this.asked) this.compared = shown(reply);
  }

  /** The same with root's help: our own lines of files the person may not read. */
  async reveal(from: PointRef, to: PointRef | null): Promise<void> {
    this.busy = true;
    this.problem = null;
    const reply = await ask('history.reveal', { machine: this.machine, from, to });
    this.busy = false;
    if (reply.ok) this.compared = { at: 'here', value: reply.value };
    else this.problem = reply.problem;
  }

  /** Draws the way to a point anew; what the person chose for conflicts is part of it. */
  async draw(to: PointRef, choices: IntentOf<'restore'>['choices'] = []): Promise<void> {
    const mine = ++this.asked;
    this.choices = choices;
    this.problem = null;
    if (this.restore.at !== 'here') this.restore = { at: 'waiting' };
    this.busy = true;
    const reply = await ask('restore.draw', { machine: this.machine, to, choices: [...choices] });
    if (mine !== this.asked) return;
    this.busy = false;
    this.restore = shown(reply);
  }

  choose(to: PointRef, place: string, take: RestoreTake): Promise<void> {
    return this.draw(to, [...this.choices.filter((it) => it.place !== place), { place, take }]);
  }

  forget(): void {
    this.asked += 1;
    this.busy = false;
    this.compared = { at: 'none' };
    this.restore = { at: 'none' };
    this.choices = [];
    this.problem = null;
  }

  /** True when a run began. */
  async goBackTo(to: PointRef): Promise<boolean> {
    if (this.restore.at !== 'here') return false;
    const approved = this.restore.value.review.hash;
    return this.begin(() => ask('run.restore', { machine: this.machine, to, choices: [...this.choices], approved }));
  }

  take(reason: string): Promise<boolean> {
    return this.begin(() => ask('point.take', { machine: this.machine, reason }));
  }

  private async begin(question: () => Promise<Result<RunState>>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    const reply = await question();
    this.busy = false;
    if (reply.ok) this.session.takeRun(reply.value);
    else this.problem = reply.problem;
    return reply.ok;
  }
}

const shown = <T>(reply: Result<T>): Waiting<T> => (reply.ok ? { at: 'here', value: reply.value } : { at: 'failed', problem: reply.problem });

export const [usePoints, setPoints] = createContext<() => Points>();
