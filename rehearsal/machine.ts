// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { Intent, Plan } from '../contract/plan';
import type { Result } from '../contract/problem';
import type { Outcome, Progress } from '../contract/progress';
import type { Desk } from '../helper/desk';
import { draw } from '../helper/draw';
import type { Hands } from '../helper/hands';
import { recover } from '../helper/recover';
import { waitingPath } from '../helper/store';
import { trialNamed } from '../helper/trial';
import { checkTrial } from '../helper/watch';
import type { Machine } from '../host/machine';
import { eyesOf } from './eyes';
import { find, listing } from './files';
import { handsOf } from './hands';
import type { Choices, Part } from './parts';
import { losePower, powerOn, shutDown, type Started } from './start';
import { buildWorld, type World } from './world';

/** Somebody at the other end of a request; nobody there says stop. */
export interface Listener {
  readonly progress?: (line: Progress) => void;
  readonly stopAsked?: () => boolean;
}

/** A recorded machine that can be started, changed, cut off and started again; everything on it runs in this process. */
export interface Rehearsal {
  readonly world: World;
  readonly parts: readonly Part[];
  /** What a person who sits at it sees. */
  eyes(uid?: number): Machine;
  /** A new process of root's. */
  hands(): Hands;
  desk(listener?: Listener): Desk;
  /** The plan as the person's own process draws it. */
  plan(intent: Intent): Result<Plan>;
  /** Shuts down cleanly and starts again, with our recover unit when something waits. */
  restart(listener?: Listener): Promise<Boot>;
  /** The plug is pulled, and the machine started again. */
  cutAndStart(listener?: Listener): Promise<Boot>;
  /** Starts a machine that is off. `listener` hears what our recover unit does in it. */
  start(listener?: Listener): Promise<Boot>;
  /** Whether our recover unit would run at the next start. */
  waits(): boolean;
  /** What must be the same again after going back: every file but our store. */
  image(): ReadonlyMap<string, string>;
}

/** A start and what our recover unit did in it; null where nothing waited, so that no process of ours ran. */
export interface Boot {
  readonly started: Started;
  readonly recovered: Result<Outcome> | null;
}

/** Builds the machine of a record and switches it on. Silent parts: chosen by the person, else by the seed, else the usual. */
export function openRehearsal(facts: HostFacts, choices: Choices, seed: number | null): Rehearsal {
  const rehearsal = rehearsalOf(buildWorld(facts, choices, seed));
  powerOn(rehearsal.world);
  return rehearsal;
}

export function rehearsalOf(world: World): Rehearsal {
  const start = async (listener: Listener = {}): Promise<Boot> => {
    const started = powerOn(world);
    const recovered = started.at === 'up' ? await runRecover(world, listener) : null;
    // The guard's self check, as its unit's ConditionKernelCommandLine= has it; nobody counts down in a rehearsal.
    if (started.at === 'up' && trialNamed(eyesOf(world, 0)) !== null) await checkTrial(deskOf(world, listener, 'systemd'));
    return { started, recovered };
  };
  return {
    world,
    parts: world.build.parts,
    eyes: (uid = 1000) => eyesOf(world, uid),
    hands: () => handsOf(world),
    desk: (listener = {}) => deskOf(world, listener, 'pkexec'),
    plan: (intent) => draw(eyesOf(world, 1000), intent),
    restart(listener) {
      shutDown(world);
      return start(listener);
    },
    cutAndStart(listener) {
      losePower(world);
      return start(listener);
    },
    start,
    waits: () => find(world.disk, waitingPath) !== null,
    image: () => new Map([...listing(world.disk, '/etc'), ...listing(world.disk, '/boot'), ...listing(world.disk, '/usr')]),
  };
}

function deskOf(world: World, listener: Listener, via: Desk['origin']['via']): Desk {
  return {
    hands: handsOf(world),
    session: { progress: (line) => listener.progress?.(line), stopAsked: () => Promise.resolve(listener.stopAsked?.() ?? false) },
    origin: { via, uid: via === 'pkexec' ? 1000 : null },
  };
}

/** switchyard-recover.service has ConditionPathExists= on the waiting mark: with nothing waiting no process of ours runs. */
async function runRecover(world: World, listener: Listener): Promise<Result<Outcome> | null> {
  return find(world.disk, waitingPath) === null ? null : recover(deskOf(world, listener, 'systemd'));
}
