// SPDX-License-Identifier: GPL-3.0-or-later
import type { Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import type { UndoItem } from '../../core/step/undo';
import type { Begun, World } from '../../helper/engine';

/** The places where the engine touches the world. */
export const spots = ['save', 'note-begun', 'perform', 'verify', 'note-verified', 'undo-list', 'putBack', 'note-undone', 'stop', 'progress'] as const;
export type Spot = (typeof spots)[number];
export type Fault = 'refuse' | 'throw';

/** A machine that is a list: a step adds its name, undoing takes it off. Everything that happens is written down. */
export interface ListMachine {
  readonly world: World;
  readonly stands: string[];
  readonly diary: string[];
  readonly undone: string[];
  readonly left: string[];
}

export interface Trouble {
  readonly spot: Spot;
  readonly step: string;
  readonly fault: Fault;
  /** Performing did its work before it failed. */
  readonly after?: boolean;
}

export const steps: readonly Step[] = [
  { kind: 'trial-config', phase: 'prepare', id: 'one', generator: 'initramfs-tools', devices: [] },
  { kind: 'trial-entry', phase: 'prepare', id: 'two', loader: 'grub', kernel: '6.1.0', image: 'own', bind: 'this', args: [] },
  { kind: 'one-shot', phase: 'trial', id: 'three', loader: 'grub' },
];

export function listMachine(troubles: readonly Trouble[], stopAt = -1): ListMachine {
  const stands: string[] = [];
  const diary: string[] = [];
  const undone: string[] = [];
  const left: string[] = [];
  let asked = 0;
  const fault = (spot: Spot, step: string): Result<void> => {
    const trouble = troubles.find((each) => each.spot === spot && each.step === step);
    if (trouble === undefined) return ok(undefined);
    if (trouble.fault === 'throw') throw new TypeError('a bug');
    return failed('step-failed', { why: 'refused' });
  };
  const world: World = {
    save(step) {
      const done = fault('save', step.id);
      diary.push(`save ${step.id}`);
      return Promise.resolve(done.ok ? ok({ saved: [{ path: `/${step.id}`, was: null, saved: null }], settings: [] }) : done);
    },
    note(record) {
      if (record.kind !== 'begun' && record.kind !== 'verified' && record.kind !== 'undone' && record.kind !== 'left') return ok(undefined);
      const spot = record.kind === 'begun' ? 'note-begun' : record.kind === 'verified' ? 'note-verified' : 'note-undone';
      const done = fault(spot, record.step);
      if (!done.ok) return done;
      diary.push(`${record.kind} ${record.step}`);
      if (record.kind === 'undone') undone.push(record.step);
      if (record.kind === 'left') left.push(record.step);
      return done;
    },
    perform({ step }) {
      const trouble = troubles.find((each) => each.spot === 'perform' && each.step === step.id);
      diary.push(`perform ${step.id}`);
      if (trouble === undefined || trouble.after === true) stands.push(step.id);
      return Promise.resolve(fault('perform', step.id));
    },
    verify({ step }) {
      diary.push(`verify ${step.id}`);
      const done = fault('verify', step.id);
      if (!done.ok) return Promise.resolve(done);
      return Promise.resolve(stands.includes(step.id) ? ok([]) : failed('step-failed', { why: 'not-there' }));
    },
    undoList(begun: readonly Begun[]) {
      return [...begun].reverse().map(({ step }): UndoItem => ({ stepId: step.id, path: `/${step.id}`, was: null, ours: [], made: [], how: 'file' }));
    },
    putBack(item) {
      diary.push(`put back ${item.stepId}`);
      const done = fault('putBack', item.stepId);
      if (!done.ok) return Promise.resolve(done);
      const at = stands.lastIndexOf(item.stepId);
      if (at >= 0) stands.splice(at, 1);
      return Promise.resolve(ok(undefined));
    },
    stopAsked() {
      asked += 1;
      return Promise.resolve(asked - 1 === stopAt);
    },
    progress: () => undefined,
  };
  return { world, stands, diary, undone, left };
}
