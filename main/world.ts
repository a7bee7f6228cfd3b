// SPDX-License-Identifier: GPL-3.0-or-later
import type { Result } from '../contract/problem';
import type { MachineId } from '../contract/target';
import type { Settings, ShortcutState } from '../contract/ui';
import type { Language } from '../words/say';
import type { News } from './dispatch';
import type { HandRuns } from './hand-runs';
import type { History } from './history/history';
import type { Machines } from './machines';
import type { Door } from './page-headers';
import type { Recordings } from './recordings';
import type { Bench, Runs } from './runs';
import type { SettingsStore } from './settings';
import type { Target } from './target';
import type { Texts } from './texts';
import type { VmWorld } from './vm/world';

/** One key for the whole desktop. */
export interface ShortcutKey {
  set(wanted: Settings['shortcut']): void;
  state(): ShortcutState;
}

/** What the two doors differ in. */
export interface DoorSide {
  readonly kind: Door;
  readonly why: string | null;
  /** null: the page does it itself. */
  readonly copy: ((text: string) => void) | null;
  readonly openLink: ((url: string) => void) | null;
  readonly onTheme: (theme: Settings['theme']) => void;
  /** The desktop's own doors beside the window; null: this door has none. */
  readonly shortcut: ShortcutKey | null;
}

/** Everything the flows answer from. */
export interface World {
  readonly version: string;
  readonly systemLanguage: Language;
  readonly door: DoorSide;
  readonly news: News;
  readonly settings: SettingsStore;
  readonly recordings: Recordings;
  readonly machines: Machines;
  readonly runs: Runs;
  readonly vms: VmWorld;
  /** Cards on their way to a VM and back. */
  readonly moves: HandRuns;
  readonly here: Target;
  /** The person's own memory; a problem when its file cannot be had. */
  readonly history: Promise<Result<History>>;
  /** What this person could read of a machine's files, now and earlier. */
  texts(machine: MachineId): Promise<Texts>;
  readonly clock: () => number;
  /** A machine that may be changed; a dump is `unsupported-host`. */
  bench(machine: MachineId): Result<Bench>;
  /** Forgets a machine's run, unless it is under way (`busy`). */
  forgetRun(machine: MachineId): Result<void>;
}
