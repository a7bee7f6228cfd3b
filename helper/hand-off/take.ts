// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../../contract/problem';
import { partOf } from '../../core/hand-off/drivers';
import { wayBack } from '../../core/hand-off/way-back';
import { lookAtHand } from '../../host/hand-off/look';
import { openedByVfio, vmRuns } from '../../host/holders/quiet';
import type { Hands } from '../hands';
import { restartWhenStuck, type Asked, type Ended } from './give';
import { othersStand, type HandJournal } from './journal';
import { goBack, openRound } from './round';

/** How often a card that does not come home is tried again before the timer is stopped and a person must look. */
const mostTries = 5;

/**
 * Takes a VM's cards back: everything that the journal says was begun, in the one way back, and nothing else: a function
 * that waited on vfio-pci before the VM started waits there again. The gate is the VM's own
 * journal: what another VM has is never touched, whoever this call comes from.
 */
export async function take(hands: Hands, journal: HandJournal, asked: Asked): Promise<Result<Ended | null>> {
  const story = journal.story();
  if (story.devices.length === 0 && story.begun.length === 0) return ok(null);
  const round = openRound(hands, journal, asked.began);
  const opened = round.note({ kind: 'round', schema: 1, way: 'take', vm: asked.vm, devices: [...story.devices], via: asked.via });
  // A full disk must not keep the card from coming home: what is known is in memory.
  if (opened.ok) round.phase('start', asked.began);
  const ended = (end: Ended['end'], why: string | null, device = ''): Result<Ended> => ok({ end: round.end(end, why), phase: 'back', why, detail: { device }, holders: [] });
  if (story.stuck) return ended('stuck', 'stuck');
  if (asked.via !== 'hook' && stillRuns(hands, asked, story.devices)) return ended('waiting', 'vm-runs');
  const drawing = [...lookAtHand(hands, story.devices).look.functions.values()].filter((one) => partOf(one.class) === 'display').map((one) => one.address);
  const acts = wayBack(story.begun).filter((act) => act.act !== 'timer' || !othersStand(hands, asked.vm));
  const sleep = hands.awake();
  const walked = await goBack(round, acts, { hung: null, drawing }).finally(sleep);
  if (walked.end === 'home') return ended('home', null);
  if (walked.end === 'waiting') return ended('waiting', 'vm-runs');
  if (walked.end === 'stuck') await restartWhenStuck(round, asked.cards);
  else if (story.tries + 1 >= mostTries && !othersStand(hands, asked.vm)) await hands.start({ program: 'take-back-timer-stop' });
  return ended(walked.end, walked.end, walked.left !== null && 'device' in walked.left ? walked.left.device : '');
}

/** Between libvirt's *prepare* and the moment QEMU opens the card nobody has it open: a start takes its time (host.md 6.2 row 12). */
const startTime = 300_000;

function stillRuns(hands: Hands, asked: Asked, devices: Parameters<typeof openedByVfio>[1]): boolean {
  if (vmRuns(hands, asked.vm) || openedByVfio(hands, devices).length > 0) return true;
  return asked.via === 'timer' && asked.givenAt !== undefined && hands.now() - asked.givenAt < startTime;
}
