// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { TransactionId } from '../../contract/history';
import type { Problem } from '../../contract/problem';
import type { MachineId } from '../../contract/target';
import type { AskOut, HistoryEntry } from '../../contract/ui';
import { ask, hear } from '../client';
import type { Session } from './session.svelte';

export type WayBack = AskOut<'history.way-back'>;

/** What was done to one machine, newest first, and how each thing is undone. */
export class Timeline {
  readonly machine: MachineId;
  private readonly session: Session;
  entries = $state.raw<readonly HistoryEntry[] | null>(null);
  setAside = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly ways = new SvelteMap<TransactionId, WayBack>();
  busy = $state(false);
  latest = $derived(this.entries?.find((it) => it.mayUndo) ?? null);

  constructor(session: Session, machine: MachineId) {
    this.session = session;
    this.machine = machine;
  }

  start(): () => void {
    void this.list();
    return hear('history.changed', (body) => {
      if (body.machine === this.machine) void this.list();
    });
  }

  async list(): Promise<void> {
    const reply = await ask('history.list', { machine: this.machine });
    if (reply.ok) {
      this.entries = [...reply.value.entries].sort((a, b) => b.started.localeCompare(a.started));
      this.setAside = reply.value.setAside;
      this.problem = null;
    } else this.problem = reply.problem;
  }

  async wayBack(transaction: TransactionId): Promise<void> {
    if (this.ways.has(transaction)) return;
    const reply = await ask('history.way-back', { machine: this.machine, transaction });
    if (reply.ok) this.ways.set(transaction, reply.value);
    else this.problem = reply.problem;
  }

  /** Starts the undo; true when a run began. One with a VM half is told in the VMs' own part of the window. */
  async undo(transaction: TransactionId): Promise<boolean> {
    if (this.entries?.find((it) => it.transaction === transaction)?.vm !== undefined) return this.undoVm(transaction);
    this.busy = true;
    const reply = await ask('run.undo', { machine: this.machine, transaction });
    this.busy = false;
    if (reply.ok) this.session.takeRun(reply.value);
    else this.problem = reply.problem;
    return reply.ok;
  }

  private async undoVm(change: TransactionId): Promise<boolean> {
    this.busy = true;
    const reply = await ask('vm.undo', { machine: this.machine, change });
    this.busy = false;
    if (reply.ok) this.session.area = 'vms';
    else this.problem = reply.problem;
    return reply.ok;
  }

  when(time: string): string {
    return new Intl.DateTimeFormat(this.session.language === 'zh' ? 'zh-Hans' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(time));
  }
}

export const [useTimeline, setTimeline] = createContext<() => Timeline>();
