// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from 'svelte';
import type { PciAddress } from '../../contract/pci';
import type { Consent, DeviceIdentity, Intent } from '../../contract/plan';
import type { Problem } from '../../contract/problem';
import type { Review } from '../../contract/review';
import type { RunState } from '../../contract/run';
import type { MachineId } from '../../contract/target';
import type { AskOut } from '../../contract/ui';
import type { Card, Way, WayKind } from '../../contract/verdict';
import { pictureOf } from '../../core/judge/picture';
import { screenStays } from '../../core/plan/device-set';
import { ask } from '../client';
import type { Session } from './session.svelte';
import { firstWay, isOffered, safeChoice } from './choice';
import { shortName } from './sides';
import type { Waiting } from './waiting';

export const places = ['check', 'choose', 'review', 'set-up', 'done'] as const;
export type Place = (typeof places)[number];
export type Looked = AskOut<'machine.look'>;

const ends: readonly RunState['at'][] = ['kept', 'nothing-to-do', 'undone', 'cancelled', 'failed', 'undo-incomplete'];
export const isOver = (run: RunState): boolean => ends.includes(run.at);

/** The five places for one machine: where the person is, what was seen, chosen, drawn and done. */
export class Wizard {
  readonly machine: MachineId;
  private readonly session: Session;
  asked = $state<Place>('check');
  look = $state.raw<Waiting<Looked>>({ at: 'waiting' });
  gpu = $state<PciAddress | null>(null);
  way = $state<WayKind | null>(null);
  /** True while the choice is ours, not the person's. */
  preset = $state(false);
  /** What the person typed to say that the only screen may go. */
  typed = $state('');
  /** Restart in order where a driver hangs and no screen is left; only for a single card, and only where the person says so. */
  restarts = $state(false);
  /** A change of this computer that another part of the window proposes; it is read and done here. */
  proposed = $state.raw<Intent | null>(null);
  drawn = $state.raw<Waiting<Review>>({ at: 'none' });
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);

  constructor(session: Session, machine: MachineId) {
    this.session = session;
    this.machine = machine;
  }

  run = $derived.by(() => this.session.runs.find((it) => it.machine === this.machine) ?? null);
  seen = $derived(this.look.at === 'here' ? this.look.value : null);
  assessment = $derived(this.seen?.assessment ?? null);
  card = $derived<Card | null>(this.assessment?.cards.find((it) => it.gpu === this.gpu) ?? null);
  ways = $derived<readonly Way[]>(this.card?.ways ?? []);
  picture = $derived(this.seen === null ? null : pictureOf(this.seen.facts, this.seen.assessment, this.asked === 'check' && this.run === null ? null : this.gpu));
  enabling = $derived(this.assessment?.recommendation.action === 'enable-iommu' && this.gpu === null);
  /** The place in view: a run under way has its own. */
  place = $derived.by<Place>(() => {
    const run = this.run;
    if (run === null) return this.asked === 'set-up' || this.asked === 'done' ? 'review' : this.asked;
    return isOver(run) ? 'done' : 'set-up';
  });

  /** The card and all that must go along, as a plan names them. */
  given = $derived.by<readonly DeviceIdentity[]>(() => {
    if (this.card === null || this.seen === null) return [];
    const wanted = [this.card.gpu, ...this.card.companions];
    return this.seen.facts.pci.functions.filter((it) => wanted.includes(it.address)).map(identityOf);
  });
  /** Giving away the only lit screen needs a word of the person's own: the planner's rule, asked beforehand. */
  needsConsent = $derived(this.seen !== null && this.way === 'dedicated' && this.given.length > 0 && !screenStays(this.seen.facts, this.given));
  consented = $derived(this.card !== null && this.typed.trim().toLowerCase() === shortName(this.card.name).toLowerCase());
  /** Whether the chosen card can be given away at all. */
  answer = $derived(this.assessment?.verdict.passthrough.find((it) => it.gpu === this.gpu)?.verdict ?? null);
  /** Why Review cannot be opened yet, as the end of a key of words/window. */
  blockedBy = $derived.by<'card' | 'not-possible' | 'way' | 'consent' | null>(() => {
    if (this.card === null) return 'card';
    if (this.answer === 'no') return 'not-possible';
    if (this.way === null || !isOffered(this.way)) return 'way';
    return this.needsConsent && !this.consented ? 'consent' : null;
  });

  reachable(place: Place): boolean {
    if (place === this.place) return true;
    if (this.run !== null) return false;
    if (place === 'check') return true;
    if (place === 'review' && this.proposed !== null) return true;
    if (place === 'choose') return (this.assessment?.cards.length ?? 0) > 0;
    return place === 'review' && this.intent() !== null && (this.enabling || this.blockedBy === null);
  }

  go(place: Place): void {
    if (!this.reachable(place)) return;
    this.asked = place;
    if (place !== 'review') this.proposed = null;
    if (place === 'choose') this.presetChoice();
    if (place === 'review') void this.draw();
  }

  /** Leads to Review with a change of another part of the window. */
  propose(intent: Intent): void {
    if (this.run !== null) return;
    this.proposed = intent;
    this.go('review');
  }

  async lookAt(again: boolean): Promise<void> {
    this.look = { at: 'waiting' };
    const reply = await ask('machine.look', { machine: this.machine, again });
    this.look = reply.ok ? { at: 'here', value: reply.value } : { at: 'failed', problem: reply.problem };
    if (reply.ok && !this.assessment?.cards.some((it) => it.gpu === this.gpu)) this.choose(null);
  }

  /** Reads the machine as it is after a run, without a waiting screen; an old picture stays if that fails. */
  async lookQuietly(): Promise<void> {
    const reply = await ask('machine.look', { machine: this.machine, again: true });
    if (reply.ok) this.look = { at: 'here', value: reply.value };
  }

  private presetChoice(): void {
    if (this.gpu !== null || this.assessment === null) return;
    const only = safeChoice(this.assessment);
    if (only === null) return;
    this.choose(only.gpu);
    this.way = only.way;
    this.preset = true;
  }

  choose(gpu: PciAddress | null): void {
    this.gpu = gpu;
    this.preset = false;
    this.typed = '';
    this.restarts = false;
    this.drawn = { at: 'none' };
    this.way = this.card === null || this.assessment === null ? null : firstWay(this.card, this.assessment, ['yes', 'conditional']);
  }

  takeWay(kind: WayKind): void {
    this.way = kind;
    this.drawn = { at: 'none' };
  }

  /** What is wanted of root, or null while it cannot be said yet. */
  intent(): Intent | null {
    if (this.proposed !== null) return this.proposed;
    if (this.enabling) return { kind: 'enable-iommu' };
    if (this.given.length === 0) return null;
    if (this.way === 'on-demand') return { kind: 'on-demand', devices: [...this.given] };
    if (this.way === 'single-card') return { kind: 'single-card', devices: [...this.given], restartWhenStuck: this.restarts };
    if (this.way !== 'dedicated') return null;
    const consents: Consent[] = this.needsConsent && this.consented ? ['lose-only-screen'] : [];
    return { kind: 'dedicate', devices: [...this.given], consents };
  }

  async draw(): Promise<void> {
    const intent = this.intent();
    if (intent === null) return;
    this.drawn = { at: 'waiting' };
    const reply = await ask('plan.draw', { machine: this.machine, intent });
    this.drawn = reply.ok ? { at: 'here', value: reply.value.review } : { at: 'failed', problem: reply.problem };
  }

  async reveal(): Promise<void> {
    const intent = this.intent();
    if (intent === null || this.drawn.at !== 'here') return;
    this.busy = true;
    const reply = await ask('plan.reveal', { machine: this.machine, intent, approved: this.drawn.value.hash });
    this.busy = false;
    if (reply.ok) this.drawn = { at: 'here', value: reply.value.review };
    else this.problem = reply.problem;
  }

  async apply(): Promise<void> {
    const intent = this.intent();
    if (intent === null || this.drawn.at !== 'here') return;
    const approved = this.drawn.value.hash;
    await this.start(() => ask('run.apply', { machine: this.machine, intent, approved }));
  }

  readonly cancel = (): Promise<void> => this.start(() => ask('run.cancel', { machine: this.machine }));
  readonly keep = (): Promise<void> => this.start(() => ask('run.keep', { machine: this.machine }));
  readonly goBack = (): Promise<void> => this.start(() => ask('run.go-back', { machine: this.machine }));

  async restart(firmware: boolean): Promise<void> {
    this.problem = null;
    const before = this.run;
    // Not busy meanwhile: the question of the trial start may come before this answer, and its safe button must take the focus.
    const reply = await ask('run.restart', { machine: this.machine, firmware });
    if (!reply.ok) this.problem = reply.problem;
    else if (reply.value.run !== null) this.session.takeRun(reply.value.run);
    // Nothing waits any more: what was undone is true of the running system now.
    else if (before?.restart === true) this.session.takeRun({ ...before, restart: false });
  }

  /** Asks how the run stands, where nobody tells. */
  async readRun(): Promise<void> {
    const before = this.run;
    const reply = await ask('run.state', { machine: this.machine });
    if (reply.ok && reply.value.run !== null && !this.busy && this.run === before) this.session.takeRun(reply.value.run);
  }

  /** Leaves the end of a run and looks at the machine as it is now. */
  async close(): Promise<void> {
    this.session.dropRun(this.machine);
    this.asked = 'check';
    this.proposed = null;
    this.choose(null);
    await this.lookAt(true);
  }

  private async start(question: () => Promise<AskOutcome>): Promise<void> {
    this.problem = null;
    this.busy = true;
    const reply = await question();
    this.busy = false;
    if (reply.ok) this.session.takeRun(reply.value);
    else this.problem = reply.problem;
  }
}

type AskOutcome = Awaited<ReturnType<typeof ask<'run.cancel'>>>;

function identityOf(it: Looked['facts']['pci']['functions'][number]): DeviceIdentity {
  return { address: it.address, vendor: it.vendor, device: it.device, subsystemVendor: it.subsystemVendor, subsystemDevice: it.subsystemDevice };
}

export const [useWizard, setWizard] = createContext<() => Wizard>();
