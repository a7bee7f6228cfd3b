// SPDX-License-Identifier: GPL-3.0-or-later
import { summary, transactionId, type TransactionId } from '../contract/history';
import { pointFile } from '../contract/point';
import type { Told } from '../core/point/told';
import { storeFolder } from '../core/step/places';
import type { Machine } from './machine';

/** As many as root ever keeps, and room. */
const most = 1024;
const limits = { summary: 4_194_304, point: 4_194_304 };

/** What root's store tells everybody, newest first. A summary that cannot be read is left out: what it would have told then counts as somebody else's, which is asked and never overwritten. */
export function lookStore(machine: Machine): readonly Told[] {
  const names = machine.names(storeFolder);
  if (names.at !== 'is') return [];
  return names.value
    .flatMap((name) => transactionId.safeParse(name).data ?? [])
    .slice(0, most)
    .flatMap((name) => toldOf(machine, name) ?? [])
    .sort((a, b) => b.summary.opened - a.summary.opened || b.summary.changed - a.summary.changed);
}

function toldOf(machine: Machine, name: TransactionId): Told | null {
  const told = summary.safeParse(jsonAt(machine, `${storeFolder}/${name}/summary.json`, limits.summary));
  if (!told.success || told.data.transaction !== name) return null;
  const point = pointFile.safeParse(jsonAt(machine, `${storeFolder}/${name}/point.json`, limits.point));
  return { summary: told.data, moments: point.success && point.data.transaction === name ? point.data.moments : [] };
}

function jsonAt(machine: Machine, path: string, limit: number): unknown {
  const text = machine.text(path, limit);
  if (text.at !== 'is') return undefined;
  try {
    return JSON.parse(text.value);
  } catch {
    return undefined;
  }
}
