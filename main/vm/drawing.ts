// SPDX-License-Identifier: GPL-3.0-or-later
import type { Intent } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import type { Review } from '../../contract/review';
import type { VmAsked, VmDrawn } from '../../contract/vm-change';
import type { HostFacts } from '../../contract/facts';
import type { Hands } from '../target';
import { tuningOf } from './draft';
import { needsOf } from './needs';
import { usualNetwork } from './offers';
import { bothHalves, linesOf, reviewLimit } from './review';
import type { VmSide } from './side';
import { wantedOf, type Wanted } from './wanted';

/** A change as it can be read, and what is needed to do it. */
export interface Drawing {
  readonly wanted: Wanted;
  /** Null: no host half, or one with nothing to do. */
  readonly host: { readonly intent: Intent; readonly review: Review } | null;
  readonly review: Review;
}

export interface DrawBench {
  readonly hands: Hands;
  readonly side: VmSide;
}

/** Both halves, drawn anew from the machine and from libvirt. */
export async function drawHalves({ hands, side }: DrawBench, asked: VmAsked, host: Intent | null): Promise<Result<Drawing>> {
  if (host !== null && !mayAccompany(host)) return failed('refused', { why: 'no-host-half' });
  const wanted = await wantedOf(asked, { libvirt: side.libvirt, store: side.store, network: usualNetwork(hands.eyes()) });
  if (!wanted.ok) return wanted;
  if (linesOf(wanted.value) > reviewLimit) return failed('too-large', { what: 'xml' });
  if (host === null) return ok({ wanted: wanted.value, host: null, review: bothHalves(wanted.value, null) });
  const drawn = hands.draw(host);
  if (!drawn.ok) return drawn;
  const { review } = drawn.value;
  if (review.nothingToDo) return ok({ wanted: wanted.value, host: null, review: bothHalves(wanted.value, null) });
  // Its password is nowhere but on its disc, so it cannot wait for a restart.
  if (review.needsRestart && wanted.value.contents.answers !== null) return failed('refused', { why: 'answers-after-restart' });
  return ok({ wanted: wanted.value, host: { intent: host, review }, review: bothHalves(wanted.value, review) });
}

/** Changes that can be one with a VM's; a restore or a point is a moment of its own. */
const mayAccompany = ({ kind }: Intent): boolean => ['dedicate', 'on-demand', 'single-card', 'vm-host', 'huge-pages', 'enable-iommu'].includes(kind);

/** The same with everything the window shows beside it. */
export function drawnOf({ wanted, review }: Drawing, hands: Hands, facts: HostFacts): VmDrawn {
  const { uuid, name, before, after, known, notes, of, things } = wanted;
  const tuning = of === null ? null : tuningOf(of.recipe, facts);
  // A network that the VM half starts will start by itself.
  const network = !things.some((thing) => thing.kind === 'network' && thing.name === 'default');
  const needs = of === null || tuning === null ? [] : needsOf(hands, { recipe: of.recipe, facts, tuning, now: of.now, network });
  return { review, uuid, name, before, after, known, notes: [...notes], tuning, needs };
}
