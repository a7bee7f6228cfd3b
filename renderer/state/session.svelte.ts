// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from 'svelte';
import type { Problem } from '../../contract/problem';
import type { RunState } from '../../contract/run';
import type { HelperState, MachineEntry, MachineId } from '../../contract/target';
import type { AppState, Settings, ShownSettings, TellBody } from '../../contract/ui';
import type { PageKey } from '../../words/en/all';
import { languageOf, type Language } from '../../words/language';
import { ask, hear, hearLink, type Link } from '../client';
import { knows, learn, spoken, type Area } from './spoken';

export type Theme = Settings['theme'];
/** What the machine switcher shows first. */
export type MachinesView = 'list' | 'paste' | 'rehearse';
type Details = Readonly<Record<string, string | number>>;

/** What the whole window knows: the connection, the settings, the machines and their runs. */
export class Session {
  link = $state<Link>('connecting');
  problem = $state.raw<Problem | null>(null);
  settings = $state.raw<ShownSettings>({ language: 'system', theme: 'system', keepRunning: false, shortcut: 'off', shortcutState: 'none' });
  systemLanguage = $state<Language>(languageOf(navigator.language));
  /** What the person wants to read, and what is read until its sentences have come. */
  readonly wanted = $derived<Language>(this.settings.language === 'system' ? this.systemLanguage : this.settings.language);
  language = $state<Language>(languageOf(navigator.language));
  // Nothing on the screen depends on it.
  private readonly areas: Area[] = ['page'];
  /** Which part of the window is in view, for whichever machine. */
  area = $state<'card' | 'vms'>('card');
  /** The VM whose page was asked for from outside the window; the area takes it up when it can. */
  show = $state.raw<TellBody<'app.show'> | null>(null);
  version = $state('');
  why = $state<string | null>(null);
  helper = $state.raw<HelperState | null>(null);
  machines = $state.raw<readonly MachineEntry[]>([]);
  current = $state.raw<MachineId | null>(null);
  runs = $state.raw<readonly RunState[]>([]);
  entry = $derived(this.machines.find((it) => it.machine === this.current) ?? null);
  ready = $derived(this.current !== null);

  /** The sentence for a key in the person's language. */
  readonly t = (key: PageKey, detail: Details = {}): string => spoken(this.language, key, detail);

  /** The sentence for a key made of a code; an unknown code is shown as itself, never hidden. */
  readonly tell = (key: string, detail: Details = {}): string => spoken(this.language, key, detail);

  readonly has = (key: string): boolean => knows(this.language, key);

  /** Turns to another language once its sentences are here; without them the old one stays. */
  async speak(language: Language): Promise<void> {
    if ((await learn(language, this.areas)) && this.wanted === language) this.language = language;
  }

  /** Brings the sentences of a further area; false when they could not be had. */
  async enter(area: Area): Promise<boolean> {
    if (!this.areas.includes(area)) this.areas.push(area);
    return (await learn(this.language, [area])) && learn(this.wanted, [area]);
  }

  /** Listens to main and asks for the first state; returns how to stop. */
  start(): () => void {
    const stops = [
      hear('app.settings', (body) => (this.settings = body)),
      hear('app.show', (body) => {
        this.show = body;
        if (this.ready) void this.turnTo(body);
      }),
      hear('machines.changed', (body) => {
        this.machines = body.machines;
        this.current = body.current;
      }),
      hear('run.news', (run) => {
        this.takeRun(run);
      }),
      hearLink((link) => {
        this.link = link;
        if (link === 'open') void this.load();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  async load(): Promise<void> {
    const reply = await ask('app.state', {});
    if (!reply.ok) {
      this.problem = reply.problem;
      return;
    }
    this.problem = null;
    this.settings = reply.value.settings;
    this.systemLanguage = reply.value.systemLanguage;
    // Before anything is shown: nobody should read a moment of another language.
    await this.speak(this.wanted);
    this.takeState(reply.value);
  }

  private takeState(state: AppState): void {
    this.version = state.version;
    this.why = state.why;
    this.helper = state.helper;
    this.machines = state.machines;
    this.runs = state.runs;
    this.current = state.current;
    if (this.show !== null) void this.turnTo(this.show);
  }

  private async turnTo({ machine }: TellBody<'app.show'>): Promise<void> {
    if (this.current !== machine) await this.use(machine);
    if (this.current === machine) this.area = 'vms';
  }

  takeRun(run: RunState): void {
    this.runs = [...this.runs.filter((it) => it.machine !== run.machine), run];
  }

  dropRun(machine: MachineId): void {
    this.runs = this.runs.filter((it) => it.machine !== machine);
  }

  async set(change: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...change };
    await ask('app.settings', change);
  }

  /** Turns the window to another machine. */
  async use(machine: MachineId): Promise<void> {
    const reply = await ask('machine.use', { machine });
    if (!reply.ok) {
      this.problem = reply.problem;
      return;
    }
    this.takeEntry(reply.value);
  }

  takeEntry(entry: MachineEntry): void {
    this.machines = [...this.machines.filter((it) => it.machine !== entry.machine), entry];
    this.current = entry.machine;
  }

  async forget(machine: MachineId): Promise<void> {
    await ask('machine.forget', { machine });
    this.machines = this.machines.filter((it) => it.machine !== machine);
  }
}

export const [useSession, setSession] = createContext<Session>();
