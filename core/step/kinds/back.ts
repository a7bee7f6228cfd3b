// SPDX-License-Identifier: GPL-3.0-or-later
import type { StepOf } from '../../../contract/plan';
import { failed, ok, type Result } from '../../../contract/problem';
import { grubEnvValue, printGrubEnv, readGrubEnv, withGrubEnv } from '../../read/grub-env';
import { printVmState } from '../../read/vm-places';
import { pathOf } from '../places';
import type { StartCheck, StepChange, StepRule, StepView } from '../rule';
import { trialEntryId } from '../tokens';

/** A place becomes what a restore point saw there. Its bytes are in the store alone, so nobody but root can render it. */
export const putBackPlace = (step: StepOf<'put-back'>): StepRule => ({
  places: [step.place],
  settings: [],
  does: ['put-back'],
  detail: { path: pathOf(step.place, ''), what: step.then === null ? 'gone' : 'file' },
  lines: [],
  changes: () => ok([{ change: 'put-back', place: step.place, then: step.then }]),
  afterStart: () => (step.binds ?? []).map((device): StartCheck => ({ check: 'bound', device, driver: 'vfio-pci' })),
  ...(step.phase === 'now' && isReadAtStart(step.place) ? { holdsFrom: 'start' as const } : {}),
});

const isReadAtStart = (place: string): boolean => place.startsWith('grub-') || place.startsWith('early-') || place.includes('-image:');

/** The loader and the distribution keep other words in this block; those stay as they are. */
export const putOneShot = (step: StepOf<'put-one-shot'>): StepRule => ({
  places: ['grub-env'],
  settings: [],
  does: ['write'],
  detail: {},
  lines: [],
  changes: (view) => withOneShot(step, view),
});

function withOneShot(step: StepOf<'put-one-shot'>, view: StepView): Result<readonly StepChange[]> {
  const block = view.text('grub-env');
  if (!block.ok) return block;
  const env = block.value === null ? failed('precondition-failed', { why: 'place-missing', place: 'grub-env' }) : readGrubEnv(block.value);
  if (!env.ok) return env;
  // Somebody armed another entry for the next start: theirs.
  const waiting = grubEnvValue(env.value, 'next_entry') ?? '';
  if (waiting !== '' && waiting !== trialEntryId) return failed('precondition-failed', { why: 'one-shot-taken' });
  const text = printGrubEnv(withGrubEnv(env.value, 'next_entry', step.then));
  return text.ok ? ok([{ change: 'write', place: 'grub-env', text: text.value, mode: 0o644 }]) : text;
}

/** Its guest writes there whenever it runs, so which bytes go only root sees, and undo has them. */
export const putVmState = ({ vm, then }: StepOf<'put-vm'>): StepRule => ({
  places: [],
  settings: [{ setting: 'vm-state', vm }],
  does: ['set'],
  detail: { vm },
  lines: (['nvram', 'tpm'] as const).map((which) => ({ code: `step.line.vm-${which}`, detail: { what: then[which] === null ? 'none' : 'saved' } })),
  changes: () => ok([{ change: 'set', setting: { setting: 'vm-state', vm }, to: printVmState(then) }]),
  shown: () => [{ kind: 'hidden', path: `vm-state:${vm}` }],
});
