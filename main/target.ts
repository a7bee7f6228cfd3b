// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { Summary, TransactionId } from '../contract/history';
import type { Intent, Plan, PlanHash } from '../contract/plan';
import type { Result } from '../contract/problem';
import type { Review } from '../contract/review';
import type { AssumedPart, HelperState, MachineEntry, Understood } from '../contract/target';
import type { Assessment } from '../contract/verdict';
import type { VmEntry } from '../contract/vm-life';
import type { Machine } from '../host/machine';
import type { HelperAsk, HelperCall, HelperEar } from './helper-client';
import type { VmSide } from './vm/side';

/** Everything one look gives. */
export interface Looked {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly facts: HostFacts;
  readonly assessment: Assessment;
}

/** What a plan is before it is run. */
export interface Drawn {
  readonly plan: Plan;
  readonly review: Review;
}

/** A machine of the window: what can be seen of it, and the hands that may change it (a dump has none). */
export interface Target {
  readonly entry: MachineEntry;
  readonly understood: readonly Understood[];
  readonly parts: readonly AssumedPart[];
  look(): Looked;
  helper(): HelperState;
  readonly hands: Hands | null;
}

/** The same walk for this computer (root's helper as a program) and for a rehearsal (the helper's code in this process). */
export interface Hands {
  /** The person's own eyes. */
  eyes(): Machine;
  draw(intent: Intent): Result<Drawn>;
  /** The same review with our own hunks of files that the person may not read. */
  reveal(intent: Intent, approved: PlanHash): Promise<Result<Review>>;
  call(ask: HelperAsk, ear: HelperEar): HelperCall;
  restart(firmware: boolean): Promise<Result<void>>;
  /** Human names of what an intent is about, for the timeline. */
  about(intent: Intent): string;
  /** Every transaction of the machine, newest first. */
  summaries(): readonly Summary[];
  /** VMs, as libvirt tells this person. */
  vms(): Promise<Result<readonly VmEntry[]>>;
  /** Boot id of the running start; null where it cannot be read. */
  boot(): string | null;
  /** The transaction's script, where this person may read it. */
  undoScript(transaction: TransactionId): string | null;
  /** libvirt and what is beside it, with the person's own rights. */
  vmSide(): VmSide;
}
