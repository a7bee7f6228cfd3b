// SPDX-License-Identifier: GPL-3.0-or-later

/** What a basis of version 0.1 did not say, because no plan was about it. A key added to PlanBasis later gets its line here. */
const addedSince = { person: null, network: null, own: {} } as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A stored plan of any released version as today's shape reads it: an upgrade may come between trial and keep. The hash of
 * a plan is in the journal and never taken again, so what is added here changes nothing that was approved.
 */
export function planOfAnyVersion(stored: unknown): unknown {
  if (!isRecord(stored) || !isRecord(stored['basis'])) return stored;
  return { ...stored, basis: { ...addedSince, ...stored['basis'] } };
}
