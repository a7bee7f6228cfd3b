// SPDX-License-Identifier: GPL-3.0-or-later
import type { CardHolder, HandEnd, HandPhase, ManagedCard } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { ok, type Detail, type Result } from '../../contract/problem';
import { partOf } from '../../core/hand-off/drivers';
import { inTheWay, mayAsk } from '../../core/hand-off/holders';
import type { HandLook } from '../../core/hand-off/look';
import { refuseIdentity, refuseMove, type Refused } from '../../core/hand-off/refuse';
import { wayBack } from '../../core/hand-off/way-back';
import { leaving, wayOut, type Change } from '../../core/hand-off/way-out';
import { lookAtHand } from '../../host/hand-off/look';
import { isTrue } from '../../host/hand-off/truth';
import { findHolders } from '../../host/holders/find';
import type { Hands } from '../hands';
import { othersStand, readStories, type HandJournal } from './journal';
import { goBack, goOn, openRound, type Round } from './round';

export interface Asked {
  readonly vm: string;
  readonly cards: readonly ManagedCard[];
  /** Threads of the host it wants for itself; only a start asks for them. */
  readonly apart?: readonly number[];
  readonly via: 'hook' | 'timer' | 'person';
  /** Milliseconds since 1970 when this process began. */
  readonly began: number;
  /** When the last thing was written of this VM; only the timer asks. */
  readonly givenAt?: number | undefined;
}

/** How a round ended, in codes; `holders` when somebody was in the way. */
export interface Ended {
  readonly end: HandEnd;
  readonly phase: HandPhase;
  readonly why: string | null;
  readonly detail: Detail;
  readonly holders: readonly CardHolder[];
}

const noHolders: readonly CardHolder[] = [];

/** Gives the cards of a VM that is about to start to vfio-pci. Refused, or failed and everything as before, or given; nothing in between but what hangs. */
export async function give(hands: Hands, journal: HandJournal, asked: Asked): Promise<Result<Ended>> {
  const round = openRound(hands, journal, asked.began);
  const devices = asked.cards.flatMap((card) => card.functions.map((one) => one.address));
  const opened = round.note({ kind: 'round', schema: 1, way: 'give', vm: asked.vm, devices, via: asked.via });
  if (!opened.ok) return opened;
  const since = round.phase('start', asked.began);
  const checked = check(round, asked, devices, since);
  if ('why' in checked) {
    const { phase, why, detail, holders } = checked;
    return ok({ end: round.end('refused', why), phase, why, detail, holders });
  }
  const sleep = hands.awake();
  try {
    return ok(await move(round, asked, checked.look));
  } finally {
    sleep();
  }
}

type Checked = { readonly look: HandLook } | (Refused & { readonly holders: readonly CardHolder[] });

/** Everything that only looks; nothing is changed before all of it said yes. */
function check(round: Round, asked: Asked, devices: readonly PciAddress[], began: number): Checked {
  const { hands } = round;
  const sight = lookAtHand(hands, devices);
  const stop = (refused: Refused, since: number): Checked => {
    round.phase(refused.phase, since);
    return { ...refused, holders: noHolders };
  };
  const other = refuseIdentity(asked.cards, sight.look);
  if (other !== null) return stop(other, began);
  let since = round.phase('identity', began);
  const taken = conflict(hands, asked.vm, devices);
  if (taken !== null) return stop(taken, since);
  since = round.phase('conflict', since);
  const refused = refuseMove(asked.cards, sight.look);
  if (refused !== null) return stop(refused, since);
  since = round.phase('reset', since);
  const found = findHolders(hands, sight.functions, sight.look);
  const standing = inTheWay(found.holders, asked.cards, found.ending);
  if (found.holders.length > 0) round.note({ kind: 'held', holders: [...found.holders] });
  round.phase('holders', since);
  if (!found.complete) return { phase: 'holders', why: 'not-searched', detail: {}, holders: noHolders };
  if (standing.length > 0) return { phase: 'holders', why: 'held', detail: { ask: mayAsk(standing, asked.cards) ? 'yes' : 'no' }, holders: standing };
  return { look: sight.look };
}

/** Who else has these cards, by what was written down in this start. */
function conflict(hands: Hands, vm: string, devices: readonly PciAddress[]): Refused | null {
  const stories = readStories(hands);
  if (!stories.ok) return { phase: 'conflict', why: 'moving', detail: {} };
  for (const { vm: other, story } of stories.value) {
    if (story === null) return { phase: 'conflict', why: 'moving', detail: { vm: other } };
    if (!story.devices.some((device) => devices.includes(device))) continue;
    if (story.stuck) return { phase: 'conflict', why: 'stuck', detail: { vm: other } };
    if (other !== vm) return { phase: 'conflict', why: 'with-vm', detail: { vm: other } };
  }
  return null;
}

async function move(round: Round, asked: Asked, look: HandLook): Promise<Ended> {
  const changes = wayOut(asked.cards, look, asked.apart);
  const begun: Change[] = [...round.journal.story().begun];
  const went = await goOn(round, changes, begun);
  if (went.at === 'done') {
    const missing = verify(round, asked);
    if (missing === null) return { end: round.end('given', null), phase: 'verify', why: null, detail: {}, holders: noHolders };
    return back(round, { begun, look, asked }, { device: missing, why: 'lied', phase: 'verify', hung: null });
  }
  const device = 'device' in went.act ? went.act.device : '';
  return back(round, { begun, look, asked }, { device, why: went.why, phase: 'back', hung: went.why === 'stuck' ? { act: went.act } : null });
}

/** Looked at once more as a whole: each function on vfio-pci. Null when all are; else the first that is not. */
function verify(round: Round, { cards }: Asked): PciAddress | null {
  const since = round.hands.now();
  const missing = cards.flatMap((card) => card.functions).find((one) => !isTrue(round.hands, { act: 'bind', device: one.address, driver: 'vfio-pci' }));
  round.phase('verify', since);
  return missing?.address ?? null;
}

interface Standing {
  readonly begun: readonly Change[];
  readonly look: HandLook;
  readonly asked: Asked;
}

async function back(round: Round, { begun, look, asked }: Standing, failure: { readonly device: string; readonly why: string; readonly phase: HandPhase; readonly hung: Parameters<typeof goBack>[2]['hung'] }): Promise<Ended> {
  const drawing = leaving(asked.cards, look).filter((one) => partOf(one.class) === 'display').map((one) => one.address);
  const walked = await goBack(round, wayBack(begun).filter((act) => act.act !== 'timer' || !othersStand(round.hands, asked.vm)), { hung: failure.hung, drawing });
  const left = walked.left !== null && 'device' in walked.left ? walked.left.device : '';
  if (walked.end === 'stuck') await restartWhenStuck(round, asked.cards);
  return { end: round.end(walked.end, failure.why), phase: failure.phase, why: failure.why, detail: { device: failure.device, left }, holders: noHolders };
}

/** Only where the person said so, and only where no screen is left that could ask. */
export async function restartWhenStuck(round: Round, cards: readonly ManagedCard[]): Promise<void> {
  if (cards.some((card) => card.restartWhenStuck && card.way === 'single-card')) await round.hands.start({ program: 'systemctl-reboot' });
}
