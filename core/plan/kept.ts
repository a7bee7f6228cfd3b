// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { readDropIn } from '../step/drop-in';
import { earlyHook, readEarlyScript } from '../step/early-script';
import { blockBody } from '../step/edit/marker-block';
import { openTextOf, stateOf, type PlacesSeen } from './seen';

/**
 * What our own files promise for every start now. A file in one of our places that is not ours, byte for byte, is
 * somebody's work: refused, never overwritten.
 */
export function keptOf(seen: PlacesSeen): Result<PlanBasis['kept']> {
  const script = ours(seen, 'early-script', readEarlyScript);
  if (!script.ok) return script;
  const hook = ours(seen, 'early-hook', (text) => (text === earlyHook ? text : null));
  if (!hook.ok) return hook;
  const dropIn = ours(seen, 'grub-drop-in', readDropIn);
  if (!dropIn.ok) return dropIn;
  const custom = openTextOf(seen, 'grub-custom');
  if (custom !== null) {
    const block = blockBody(custom);
    if (!block.ok) return failed('refused', { why: 'not-ours', place: 'grub-custom' });
    if (block.value !== null) return failed('refused', { why: 'trial-left', place: 'grub-custom' });
  }
  const table = script.value?.find((candidate) => candidate.transaction === dropIn.value?.transaction) ?? null;
  return ok({ table, args: [...(dropIn.value?.args ?? [])] });
}

function ours<T>(seen: PlacesSeen, place: Place, read: (text: string) => T | null): Result<T | null> {
  if (stateOf(seen, place)?.kind === 'absent') return ok(null);
  const text = openTextOf(seen, place);
  const value = text === null ? null : read(text);
  return value === null ? failed('refused', { why: 'not-ours', place }) : ok(value);
}
