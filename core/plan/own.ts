// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { OwnNow, OwnPlace } from '../../contract/steps-now';
import { readers } from '../step/own/all';
import { openTextOf, stateOf, type PlacesSeen } from './seen';

/** What our files hold that a plan is about. One that is not ours is somebody's work: refused, never overwritten. */
export function ownOf(seen: PlacesSeen, places: readonly OwnPlace[]): Result<OwnNow> {
  let own: OwnNow = {};
  for (const place of places) {
    const state = stateOf(seen, place);
    if (state === null || state.kind === 'hidden' || state.kind === 'stat') return failed('precondition-failed', { why: 'place-hidden', place });
    if (state.kind === 'odd') return failed('precondition-failed', { why: 'place-odd', place });
    const text = state.kind === 'absent' ? null : openTextOf(seen, place);
    if (state.kind === 'file' && text === null) return failed('precondition-failed', { why: 'place-hidden', place });
    const content = text === null ? null : readers[place](text);
    // The one file that is the administrator's may well be there without us.
    if (text !== null && content === null && place !== 'apparmor-rule') return failed('refused', { why: 'not-ours', place });
    own = { ...own, [place]: content };
  }
  return ok(own);
}
