// SPDX-License-Identifier: GPL-3.0-or-later
import type { PointRef } from '../../../contract/history';
import type { Compared, DriftReport, RestoreReview } from '../../../contract/point';
import type { Result } from '../../../contract/problem';
import type { HistoryEntry } from '../../../contract/ui';
import { lookStore } from '../../../host/look-store';
import { entryOf } from '../../../main/history/entry';
import { compareOn, driftOn, rememberNow, restoreOn } from '../../../main/points';
import { Scene } from '../../helper/restore-scene';
import { noon } from './machines';
import { still } from './still';

/** What main says of a machine that was changed, remembered, led back, and then edited by somebody else. */
export interface Past {
  readonly entries: readonly HistoryEntry[];
  readonly compared: Compared;
  readonly same: Compared;
  /** Back to before the first change: what somebody edited since is the person's to decide. */
  readonly conflicts: RestoreReview;
  readonly way: RestoreReview;
  readonly nothing: RestoreReview;
  readonly holds: DriftReport;
  readonly drifted: DriftReport;
  readonly point: PointRef;
}

const dropIn = '/etc/default/grub.d/60-switchyard.cfg';
const now = Date.parse(noon);

function good<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

export async function livePast(): Promise<Past> {
  const scene = new Scene();
  const known = new Map<string, string>();
  const texts = { text: (digest: string) => known.get(digest) ?? null, remember: (digest: string, text: string) => void known.set(digest, text) };
  const eyes = () => scene.rehearsal.eyes();
  const remember = () => {
    rememberNow(eyes(), texts);
  };
  remember();
  const wish = scene.wishes().find((it) => it.kind === 'dedicate');
  if (wish === undefined) throw new Error('nothing can be given away');
  good(await scene.make(wish));
  remember();
  good(await scene.point('a quiet evening'));
  const [first] = scene.kept;
  const last = scene.kept.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was kept');
  const before: PointRef = { transaction: first, side: 'before' };
  const quiet: PointRef = { transaction: last, side: 'before' };
  const way = good(restoreOn(eyes(), { kind: 'restore', to: before, choices: [] }, texts));
  const same = good(compareOn(eyes(), { from: quiet, to: null }, { texts, now }));
  const nothing = good(restoreOn(eyes(), { kind: 'restore', to: quiet, choices: [] }, texts));
  const holds = driftOn(eyes(), now);
  scene.edit(dropIn, 'GRUB_TIMEOUT=2');
  remember();
  const compared = good(compareOn(eyes(), { from: before, to: null }, { texts, now }));
  const conflicts = good(restoreOn(eyes(), { kind: 'restore', to: before, choices: [] }, texts));
  const drifted = driftOn(eyes(), now);
  const store = lookStore(eyes());
  const entries = store.map((told) => entryOf({ machine: '', about: told.summary.intent === 'dedicate' ? 'NVIDIA GeForce GT 1030' : '', summary: told.summary }, store));
  return still({ entries, compared, same, conflicts, way, nothing, holds, drifted, point: before });
}
