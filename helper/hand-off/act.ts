// SPDX-License-Identifier: GPL-3.0-or-later
import { movableServices, type HandAct, type HandTrouble } from '../../contract/hand-off';
import { failed, ok, type Problem, type Result } from '../../contract/problem';
import { nvidiaModules } from '../../core/hand-off/drivers';
import { isDisplayManager } from '../../core/hand-off/table';
import { touches } from '../../core/hand-off/way-back';
import { isTrue } from '../../host/hand-off/truth';
import type { Hands } from '../hands';
import type { ProgramCall } from '../programs';

export type Acted = { readonly at: 'true' } | { readonly at: 'failed'; readonly why: HandTrouble };

/** How long, in milliseconds, something may take to become true after it was done, and how often it is looked at. */
const settling: Readonly<Record<HandAct['act'], { readonly limit: number; readonly every: number }>> = {
  timer: { limit: 2000, every: 100 },
  service: { limit: 5000, every: 100 },
  // systemd writes the group's file after it has answered.
  threads: { limit: 2000, every: 100 },
  console: { limit: 0, every: 100 },
  override: { limit: 0, every: 100 },
  module: { limit: 1000, every: 100 },
  power: { limit: 0, every: 100 },
  // A desktop's own services end ten seconds after its session (logind.conf(5), UserStopDelaySec=), and need a while to.
  quiet: { limit: 30_000, every: 250 },
  unbind: { limit: 0, every: 100 },
  bind: { limit: 1000, every: 250 },
};

/** Makes one change true where it is not, and says so only after looking. A throw is one more way to fail. */
export async function attempt(hands: Hands, act: HandAct): Promise<Acted> {
  try {
    if (isTrue(hands, act)) return { at: 'true' };
    const done = await perform(hands, act);
    if (!done.ok && isStuck(done.problem, act)) return { at: 'failed', why: 'stuck' };
    if (await becomesTrue(hands, act)) return { at: 'true' };
    return { at: 'failed', why: done.ok ? (act.act === 'quiet' ? 'vm-runs' : 'lied') : whyOf(done.problem) };
  } catch {
    return { at: 'failed', why: 'thrown' };
  }
}

async function becomesTrue(hands: Hands, act: HandAct): Promise<boolean> {
  const { limit, every } = settling[act.act];
  for (let waited = 0; ; waited += every) {
    if (isTrue(hands, act)) return true;
    // The host's own driver may come a moment late: the modules it stands on were just loaded.
    if (waited >= limit) return false;
    await hands.pause(every);
    if (act.act === 'bind' && act.driver !== 'vfio-pci' && waited === 0) await hands.writeNode({ node: 'drivers-probe', device: act.device }, act.device);
  }
}

/** A task that sits in the kernel: nothing that waits for it would ever come back. */
const isStuck = ({ detail }: Problem, act: HandAct): boolean => touches(act) === 'card' && (detail['why'] === 'wedged' || detail['why'] === 'time-limit');

function whyOf({ code, detail }: Problem): HandTrouble {
  if (detail['why'] === 'kernel-refused') return 'refused';
  return code === 'precondition-failed' && detail['why'] === 'missing' ? 'program' : 'half';
}

const ours: readonly string[] = [...nvidiaModules, 'vfio_pci'];
const notOurs = failed('precondition-failed', { why: 'not-ours' });

type Started = Extract<HandAct, { readonly act: 'timer' | 'service' | 'module' }>;

/** The program that makes it true; null where it names a unit or module that is none of ours. */
function callOf(act: Started): ProgramCall | null {
  if (act.act === 'timer') return { program: act.on ? 'take-back-timer-start' : 'take-back-timer-stop' };
  if (act.act === 'module') return ours.includes(act.module) ? { program: act.loaded ? 'modprobe' : 'modprobe-remove', module: act.module } : null;
  const known = movableServices.some((unit) => unit === act.unit) || isDisplayManager(act.unit);
  return known ? { program: act.runs ? 'systemctl-start' : 'systemctl-stop', unit: act.unit } : null;
}

async function perform(hands: Hands, act: HandAct): Promise<Result<void>> {
  switch (act.act) {
    case 'timer':
    case 'service':
    case 'module': {
      const call = callOf(act);
      return call === null ? notOurs : exited(await hands.start(call));
    }
    case 'threads':
      return exited(await hands.start({ program: 'systemctl-allowed-threads', slice: act.slice, threads: act.threads }));
    case 'console':
      return hands.writeNode({ node: 'console-bind', console: act.console }, act.bound ? '1' : '0');
    case 'override':
      // A newline unsets it; an empty write does nothing (host.md 4.1).
      return hands.writeNode({ node: 'driver-override', device: act.device }, act.driver ?? '\n');
    case 'power':
      return hands.writeNode({ node: 'power-control', device: act.device }, act.control);
    case 'quiet':
      return ok(undefined);
    case 'unbind':
      return hands.writeNode({ node: 'driver-unbind', device: act.device }, act.device);
    case 'bind':
      return hands.writeNode({ node: 'drivers-probe', device: act.device }, act.device);
    default:
      return act satisfies never;
  }
}

const exited = (ended: Result<{ readonly exit: number }>): Result<void> => (ended.ok ? (ended.value.exit === 0 ? ok(undefined) : failed('step-failed', { why: 'exit' })) : ended);
