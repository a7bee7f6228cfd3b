// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandAct, HandEnd, HandPhase, HandTrouble, NewHandRecord } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { failed, type Result } from '../../contract/problem';
import { statusOf } from '../../core/hand-off/story';
import { touches } from '../../core/hand-off/way-back';
import { phaseOf, type Change } from '../../core/hand-off/way-out';
import { isTrue } from '../../host/hand-off/truth';
import type { Hands } from '../hands';
import { attempt, type Acted } from './act';
import { writeStatus, type HandJournal } from './journal';

/** One give or take while it goes on. */
export interface Round {
  readonly hands: Hands;
  readonly journal: HandJournal;
  /** Milliseconds since 1970 when our process began, as far as it knows. */
  readonly began: number;
  /** Notes that a phase took from `since` until now, and returns now. */
  phase(phase: HandPhase, since: number): number;
  note(record: NewHandRecord, flush?: 'flush'): Result<void>;
  end(end: HandEnd, why: string | null): HandEnd;
}

export function openRound(hands: Hands, journal: HandJournal, began: number): Round {
  /** A throw while something is written down must jump over nothing that brings a card home. */
  const note = (record: NewHandRecord, flush?: 'flush'): Result<void> => {
    try {
      return journal.note(record, flush);
    } catch {
      return failed('internal', { why: 'journal' });
    }
  };
  /** A machine that cannot show its state must still be able to give the card back: a status that fails twice is left alone. */
  const show = (): void => {
    const { last } = journal.story();
    if (last !== null && !shown(hands, last)) shown(hands, last);
  };
  return {
    hands,
    journal,
    began,
    note,
    phase(phase, since) {
      const now = hands.now();
      note({ kind: 'phase', phase, took: Math.max(0, now - since) });
      show();
      return now;
    },
    end(end, why) {
      note({ kind: 'end', end, why, took: Math.max(0, hands.now() - began) });
      show();
      return end;
    },
  };
}

function shown(hands: Hands, last: Parameters<typeof statusOf>[0]): boolean {
  try {
    return writeStatus(hands, statusOf(last)).ok;
  } catch {
    return false;
  }
}

/** What may freeze a machine is on the disk before the first of its kind is tried; each flush costs milliseconds. */
const dangerous = new Set<HandAct['act']>(['module', 'unbind', 'bind']);

export type Went = { readonly at: 'done' } | { readonly at: 'failed'; readonly act: HandAct; readonly why: HandTrouble };

/** Makes changes true, in order, until one cannot be; a throw of our own must not jump over the way back. */
export async function goOn(round: Round, changes: readonly Change[], begun: Change[]): Promise<Went> {
  try {
    return await goOneByOne(round, changes, begun);
  } catch {
    const last = begun.at(-1)?.act ?? { act: 'timer', on: true };
    return { at: 'failed', act: last, why: 'thrown' };
  }
}

/** Each is written down, with what undoes it, before it is tried. */
async function goOneByOne(round: Round, changes: readonly Change[], begun: Change[]): Promise<Went> {
  let since = round.hands.now();
  for (const [index, change] of changes.entries()) {
    const noted = round.note({ kind: 'begun', act: change.act, was: change.was }, dangerous.has(change.act.act) && changes[index - 1]?.act.act !== change.act.act ? 'flush' : undefined);
    if (!noted.ok) return { at: 'failed', act: change.act, why: 'journal' };
    begun.push(change);
    const acted = await tried(round, change.act);
    const next = changes[index + 1];
    if (next === undefined || acted.at === 'failed' || phaseOf(next.act) !== phaseOf(change.act)) since = round.phase(phaseOf(change.act), since);
    // Threads that could not be had make a VM less smooth, and are no reason not to start it; the journal says so.
    if (acted.at === 'failed' && change.act.act !== 'threads') return { at: 'failed', act: change.act, why: acted.why };
  }
  return { at: 'done' };
}

async function tried(round: Round, act: HandAct): Promise<Acted> {
  const since = round.hands.now();
  const acted = await attempt(round.hands, act);
  const took = Math.max(0, round.hands.now() - since);
  round.note(acted.at === 'true' ? { kind: 'done', act, took } : { kind: 'failed', act, why: acted.why, took });
  return acted;
}

/** How a walk back ended, and the change that did not come true. */
export interface Back {
  readonly end: Extract<HandEnd, 'home' | 'stuck' | 'adrift' | 'waiting'>;
  readonly left: HandAct | null;
}

/** What hung before the way back began. */
export interface Hung {
  readonly act: HandAct;
}

/**
 * The way back, every part of it, whatever the one before it said. What hangs is left alone, and so is everything that
 * would wait for it; the desktop comes back only while the card that draws it has its driver.
 */
export async function goBack(round: Round, acts: readonly HandAct[], how: { readonly hung: Hung | null; readonly drawing: readonly PciAddress[] }): Promise<Back> {
  const since = round.hands.now();
  let hung = how.hung?.act ?? null;
  let left: HandAct | null = hung;
  for (const act of acts) {
    // While something that does not hang is left, the timer stays and tries again.
    const still = hung === null ? act.act !== 'timer' || left === null : mayStill(round.hands, act, { hung, acts, drawing: how.drawing });
    if (!still) continue;
    const acted = await tried(round, act);
    if (acted.at === 'true') continue;
    if (act.act === 'quiet') return { end: 'waiting', left: act };
    left ??= act;
    if (acted.why === 'stuck') hung = act;
  }
  round.phase('back', since);
  if (hung !== null) return { end: 'stuck', left };
  return { end: left === null ? 'home' : 'adrift', left };
}

interface Danger {
  readonly hung: HandAct;
  readonly acts: readonly HandAct[];
  readonly drawing: readonly PciAddress[];
}

function mayStill(hands: Hands, act: HandAct, { hung, acts, drawing }: Danger): boolean {
  const kind = touches(act);
  if (kind !== 'desktop') return kind !== 'card';
  // A driver that hangs while it is loaded or unloaded, or while the drawing function moves, draws nothing any more.
  if (hung.act === 'module' || !('device' in hung) || drawing.includes(hung.device)) return false;
  return acts.every((one) => one.act !== 'bind' || !drawing.includes(one.device) || isTrue(hands, one));
}
