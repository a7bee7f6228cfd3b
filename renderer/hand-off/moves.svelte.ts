// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandRun, HandVm } from '../../contract/hand-run';
import type { Problem } from '../../contract/problem';
import type { MachineId } from '../../contract/target';
import type { AskOut } from '../../contract/ui';
import { ask, hear } from '../client';

type List = AskOut<'hand.list'>;

/** How the card of one VM stands, what is under way with it, and what the person can ask for. */
export class Moves {
  readonly machine: MachineId;
  readonly uuid: string;
  list = $state.raw<List | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** A question is on its way. */
  busy = $state(false);
  /** The person is asked whether the plug may be pulled. */
  forcing = $state(false);
  /** The person is asked whether the desktop may end. */
  ending = $state(false);
  stopping = $state(false);

  constructor(machine: MachineId, uuid: string) {
    this.machine = machine;
    this.uuid = uuid;
  }

  vm = $derived<HandVm | null>(this.list?.vms.find((it) => it.uuid === this.uuid) ?? null);
  run = $derived.by<HandRun | null>(() => (this.list?.run?.vm === this.uuid ? this.list.run : null));
  moving = $derived(this.run !== null && this.run.at !== 'over');
  /** Another VM's card is on its way: one at a time. */
  elsewhere = $derived.by(() => this.list?.run != null && this.list.run.vm !== this.uuid && this.list.run.at !== 'over');
  report = $derived(this.run?.report ?? this.list?.reports.find((it) => it.vm === this.uuid) ?? null);

  /** Listens and reads; returns how to stop. */
  start(): () => void {
    void this.read();
    return hear('hand.news', (run) => {
      if (run.machine !== this.machine || this.list === null) return;
      this.list = { ...this.list, run };
      if (run.at === 'over') void this.read();
    });
  }

  /** Somebody else may have started or stopped it. */
  async read(): Promise<void> {
    const reply = await ask('hand.list', { machine: this.machine });
    if (reply.ok) this.list = reply.value;
  }

  readonly over = (): Promise<void> => {
    this.ending = false;
    return this.begin(() => ask('hand.over', { machine: this.machine, uuid: this.uuid }));
  };
  readonly back = (force: boolean): Promise<void> => {
    this.forcing = false;
    return this.begin(() => ask('hand.back', { machine: this.machine, uuid: this.uuid, force }));
  };
  readonly rounds = (count: number, force: boolean): Promise<void> => this.begin(() => ask('hand.rounds', { machine: this.machine, uuid: this.uuid, count, force }));

  async stop(): Promise<void> {
    this.stopping = true;
    const reply = await ask('hand.stop', { machine: this.machine });
    if (!reply.ok) this.problem = reply.problem;
  }

  private async begin(question: () => Promise<Awaited<ReturnType<typeof ask<'hand.over'>>>>): Promise<void> {
    this.problem = null;
    this.busy = true;
    this.stopping = false;
    const reply = await question();
    this.busy = false;
    if (!reply.ok) this.problem = reply.problem;
    else if (this.list !== null && this.list.run?.at !== 'over') this.list = { ...this.list, run: reply.value };
    else await this.read();
  }
}
