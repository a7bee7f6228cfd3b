// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';
import type { MachineId } from '../../contract/target';
import type { AskIn, AskOut } from '../../contract/ui';
import { readXml } from '../../core/read/xml';
import { ask } from '../client';
import type { Waiting } from '../state/waiting';

export type Asked = AskIn<'vm.draw'>['asked'];
export type Drawn = AskOut<'vm.draw'>;
export type Need = Drawn['needs'][number];
export type Checked = AskOut<'vm.check'>;
type Host = AskIn<'vm.draw'>['host'];

/** How long typing must rest before a definition is checked, in milliseconds. */
const rest = 600;

/** One change of a VM as it is read before it is done: what was asked, what it means, the host half that goes with it, and the person's own edit. */
export class Change {
  readonly machine: MachineId;
  private readonly taken: (run: AskOut<'vm.apply'>) => void;
  asked: Asked;
  host = $state.raw<Host>(null);
  drawn = $state.raw<Waiting<Drawn>>({ at: 'none' });
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  /** The text in the editor while it is open; null: closed. */
  text = $state<string | null>(null);
  checked = $state.raw<Checked | null>(null);
  checking = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private count = 0;
  /** Once the person said which host half goes along, or none, it is not chosen for them any more. */
  private told = false;

  constructor(machine: MachineId, asked: Asked, taken: (run: AskOut<'vm.apply'>) => void) {
    this.machine = machine;
    this.asked = $state.raw(asked);
    this.taken = taken;
  }

  /** What this computer still lacks for it. */
  needs = $derived<readonly Need[]>(this.drawn.at === 'here' ? this.drawn.value.needs.filter((need) => need.met !== 'yes') : []);
  /** The definition there is, where it is edited before anything was drawn. */
  original = $state.raw('');
  /** The definition it leads to. */
  xml = $derived(this.drawn.at === 'here' ? (this.drawn.value.after ?? '') : this.original);
  edited = $derived(this.text !== null && this.text !== this.xml);

  async draw(): Promise<void> {
    const turn = ++this.count;
    this.problem = null;
    this.drawn = { at: 'waiting' };
    const reply = await ask('vm.draw', { machine: this.machine, asked: this.asked, host: this.host });
    if (turn !== this.count) return;
    this.drawn = reply.ok ? { at: 'here', value: reply.value } : { at: 'failed', problem: reply.problem };
    const first = this.needs.find((need) => need.beforeStart);
    if (!this.told && this.host === null && first !== undefined) await this.take(first.intent, false);
  }

  /** Takes one need along as the host half, or none. */
  async take(host: Host, told = true): Promise<void> {
    this.told ||= told;
    this.host = host;
    await this.draw();
  }

  edit(): void {
    this.text = this.xml;
    this.checked = null;
  }

  /** Begins with the editor: there is nothing to draw before something was written. */
  begin(xml: string): void {
    this.original = xml;
    this.text = xml;
  }

  type(text: string): void {
    this.text = text;
    this.checked = null;
    clearTimeout(this.timer);
    // What is not XML at all the editor says by itself.
    if (readXml(text).ok) this.timer = setTimeout(() => void this.check(), rest);
  }

  async check(): Promise<void> {
    const { text } = this;
    if (text === null) return;
    this.checking = true;
    const uuid = this.asked.kind === 'create' ? this.asked.recipe.uuid : this.asked.uuid;
    const reply = await ask('vm.check', { machine: this.machine, xml: text, uuid });
    this.checking = false;
    if (this.text !== text) return;
    if (reply.ok) this.checked = reply.value;
    else this.problem = reply.problem;
  }

  /** Draws the change again with the edited text in it. */
  async takeText(): Promise<void> {
    const { text } = this;
    if (text === null) return;
    this.asked = this.asked.kind === 'create' ? { ...this.asked, xml: text } : { kind: 'xml', uuid: this.asked.uuid, xml: text };
    this.leave();
    await this.draw();
  }

  /** Back to what was drawn, without the person's edit. */
  leave(): void {
    clearTimeout(this.timer);
    this.text = null;
    this.checked = null;
  }

  async apply(): Promise<void> {
    if (this.drawn.at !== 'here') return;
    this.problem = null;
    this.busy = true;
    const reply = await ask('vm.apply', { machine: this.machine, asked: this.asked, host: this.host, approved: this.drawn.value.review.hash });
    this.busy = false;
    if (reply.ok) this.taken(reply.value);
    else this.problem = reply.problem;
  }
}
