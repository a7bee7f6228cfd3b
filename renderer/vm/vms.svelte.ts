// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from 'svelte';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { TransactionId } from '../../contract/history';
import type { Problem } from '../../contract/problem';
import type { MachineId } from '../../contract/target';
import type { AskIn, AskOut, TellBody } from '../../contract/ui';
import type { VmAct, VmEntry } from '../../contract/vm-life';
import { ask, hear } from '../client';
import type { Session } from '../state/session.svelte';
import type { Waiting } from '../state/waiting';
import { Change, type Asked } from './change.svelte';
import { NewVm } from './new-vm.svelte';

export type VmList = AskOut<'vm.list'>;
export type VmRun = TellBody<'vm.news'>;
export type Uuid = AskIn<'vm.xml'>['uuid'];

/** Where the person is in this area: the list, one VM, a new one, or reading a change of one. */
export type View = { readonly at: 'list' } | { readonly at: 'vm'; readonly uuid: Uuid } | { readonly at: 'new'; readonly wizard: NewVm } | { readonly at: 'change'; readonly uuid: Uuid; readonly change: Change };

const ends: readonly VmRun['at'][] = ['done', 'undone', 'failed', 'undo-incomplete'];
export const isVmRunOver = (run: VmRun): boolean => ends.includes(run.at);

/** The VMs of one machine, what is done to them, and which of them is in view. */
export class Vms {
  readonly machine: MachineId;
  readonly session: Session;
  list = $state.raw<Waiting<VmList>>({ at: 'waiting' });
  view = $state.raw<View>({ at: 'list' });
  run = $state.raw<VmRun | null>(null);
  /** Acts under way, by VM; libvirt answers when it has done them. */
  readonly acting = new SvelteMap<string, VmAct>();
  /** What the last act on a VM ran into. */
  readonly trouble = new SvelteMap<string, Problem>();
  /** VMs whose forced end was asked for and not answered. */
  readonly forcing = new SvelteSet<string>();
  /** VMs that were asked to shut down; the guest decides when. */
  readonly asked = new SvelteSet<string>();
  /** VMs whose firmware and TPM root remembers now, and those that were remembered since the page was loaded. */
  readonly remembering = new SvelteSet<string>();
  readonly remembered = new SvelteSet<string>();
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);

  constructor(session: Session, machine: MachineId) {
    this.session = session;
    this.machine = machine;
  }

  vms = $derived<readonly VmEntry[]>(this.list.at === 'here' ? this.list.value.vms : []);

  start(): () => void {
    void this.read();
    const stops = [
      hear('vms.changed', (body) => {
        if (body.machine === this.machine && this.list.at === 'here') this.list = { at: 'here', value: { ...this.list.value, vms: body.vms } };
      }),
      hear('vm.news', (run) => {
        this.takeRun(run);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** `runs`: also how a change stands; news of it may be ahead of this answer. */
  async read(runs = true): Promise<void> {
    const reply = await ask('vm.list', { machine: this.machine });
    this.list = reply.ok ? { at: 'here', value: reply.value } : { at: 'failed', problem: reply.problem };
    // One that was over before anybody looked is history; the list shows what came of it.
    if (runs && reply.ok && reply.value.run !== null && (this.run !== null || !isVmRunOver(reply.value.run))) this.run = reply.value.run;
  }

  async again(): Promise<void> {
    this.list = { at: 'waiting' };
    await this.read();
  }

  takeRun(run: VmRun): void {
    if (run.machine !== this.machine) return;
    this.run = run;
    if (isVmRunOver(run)) void this.read(false);
  }

  find(uuid: string): VmEntry | null {
    return this.vms.find((it) => it.uuid === uuid) ?? null;
  }

  open(view: View): void {
    this.problem = null;
    this.view = view;
  }

  /** Begins a new VM; an answered run of an earlier one is left behind. */
  begin(): void {
    this.run = null;
    const wizard = new NewVm(this);
    this.open({ at: 'new', wizard });
    void wizard.readChoices();
  }

  /** Shows what a change would do before it is done. */
  propose(uuid: Uuid, asked: Asked): void {
    const change = this.change(asked);
    this.run = null;
    this.open({ at: 'change', uuid, change });
    void change.draw();
  }

  async act(uuid: Uuid, act: VmAct): Promise<void> {
    if (this.acting.has(uuid)) return;
    this.forcing.delete(uuid);
    this.trouble.delete(uuid);
    this.acting.set(uuid, act);
    const reply = await ask('vm.act', { machine: this.machine, uuid, act });
    this.acting.delete(uuid);
    if (act === 'shut-down' && reply.ok) this.asked.add(uuid);
    else this.asked.delete(uuid);
    if (!reply.ok) this.trouble.set(uuid, reply.problem);
    else if (this.list.at === 'here') this.list = { at: 'here', value: { ...this.list.value, vms: this.vms.map((it) => (it.uuid === uuid ? reply.value : it)) } };
  }

  /** A restore point of what its firmware and TPM remember; asks for the password. */
  async remember(uuid: Uuid): Promise<void> {
    if (this.remembering.has(uuid)) return;
    this.trouble.delete(uuid);
    this.remembered.delete(uuid);
    this.remembering.add(uuid);
    const reply = await ask('vm.remember', { machine: this.machine, uuid });
    this.remembering.delete(uuid);
    if (reply.ok) this.remembered.add(uuid);
    else this.trouble.set(uuid, reply.problem);
  }

  /** The editor on a definition as libvirt stores it. */
  async edit(uuid: Uuid): Promise<void> {
    this.problem = null;
    this.busy = true;
    const reply = await ask('vm.xml', { machine: this.machine, uuid });
    this.busy = false;
    if (!reply.ok) {
      this.problem = reply.problem;
      return;
    }
    const change = this.change({ kind: 'xml', uuid, xml: reply.value.xml });
    change.begin(reply.value.xml);
    this.run = null;
    this.open({ at: 'change', uuid, change });
  }

  change(asked: Asked): Change {
    return new Change(this.machine, asked, (run) => {
      this.takeRun(run);
    });
  }

  async undo(change: TransactionId): Promise<void> {
    this.problem = null;
    this.busy = true;
    const reply = await ask('vm.undo', { machine: this.machine, change });
    this.busy = false;
    if (reply.ok) this.takeRun(reply.value);
    else this.problem = reply.problem;
  }
}

export const [useVms, setVms] = createContext<() => Vms>();
