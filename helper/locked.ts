// SPDX-License-Identifier: GPL-3.0-or-later
import type { HelperVerb } from '../contract/helper';
import { failed, type Result } from '../contract/problem';
import type { Desk } from './desk';

/** Does one verb's work under the one lock. A throw here is a bug: it is said as `internal`, after everything that undoes has had its turn. */
export async function locked<T>(desk: Desk, verb: HelperVerb, work: () => Promise<Result<T>>): Promise<Result<T>> {
  const { via, uid } = desk.origin;
  const taken = await desk.hands.lock({ who: uid === null ? via : `${via} ${uid}`, what: verb, since: desk.hands.now() });
  if (!taken.ok) return taken;
  try {
    return await work();
  } catch (error) {
    return failed('internal', { why: error instanceof Error ? error.name : 'thrown' });
  } finally {
    desk.hands.unlock();
  }
}
