// SPDX-License-Identifier: GPL-3.0-or-later
import { displayManagers, handLimits, handPolicy, movableServices, type HandPolicy, type ManagedCard, type MovableService } from '../../contract/hand-off';
import type { DeviceIdentity } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { isPciAddress, slotOf } from '../read/address';

/** What a card is done with unless the table says otherwise. */
export const usualPolicy: HandPolicy = { service: 'refuse', container: 'refuse', program: 'refuse' };

interface Draft {
  readonly functions: DeviceIdentity[];
  way: ManagedCard['way'];
  policy: HandPolicy;
  readonly services: MovableService[];
  restartWhenStuck: boolean;
}

const most = { cards: 8, functions: 16 };
const identityLine = /^(\S{1,20}) ([0-9a-f]{4}):([0-9a-f]{4}) ([0-9a-f]{4}|----):([0-9a-f]{4}|----)$/;
const wayLine = /^single-card (\S{1,20})$/;
const restartLine = /^restart-when-stuck (\S{1,20})$/;
const policyLine = /^(service|container|program) (refuse|ask|move) (\S{1,20})$/;
const stopLine = /^stop (\S{1,64}) (\S{1,20})$/;

/**
 * The table of managed cards: one line a function (address, ids, board), as the step hook-table prints it, and after them,
 * for a card that is not simply on demand, lines that name one of its addresses. A line that is none of these is refused:
 * half a table would give half a card away.
 */
export function readManaged(text: string): Result<readonly ManagedCard[]> {
  if (text.length > handLimits.table) return failed('too-large', { what: 'hand-off-table' });
  const cards = new Map<string, Draft>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (!readIdentity(line, cards) && !readWord(line, cards)) return failed('bad-input', { why: 'table' });
  }
  if (cards.size > most.cards || [...cards.values()].some((card) => card.functions.length > most.functions)) return failed('too-large', { what: 'hand-off-table' });
  return ok([...cards.values()]);
}

function readIdentity(line: string, cards: Map<string, Draft>): boolean {
  const [, address = '', vendor = '', device = '', subVendor = '', subDevice = ''] = identityLine.exec(line) ?? [];
  if (!isPciAddress(address)) return false;
  const part = (word: string): string | null => (word === '----' ? null : word);
  const slot = slotOf(address);
  const card = cards.get(slot) ?? { functions: [], way: 'on-demand', policy: usualPolicy, services: [], restartWhenStuck: false };
  if (card.functions.some((one) => one.address === address)) return false;
  card.functions.push({ address, vendor, device, subsystemVendor: part(subVendor), subsystemDevice: part(subDevice) });
  cards.set(slot, card);
  return true;
}

function readWord(line: string, cards: Map<string, Draft>): boolean {
  const of = (address: string | undefined): Draft | undefined => (address !== undefined && isPciAddress(address) ? cards.get(slotOf(address)) : undefined);
  const single = of(wayLine.exec(line)?.[1]);
  if (single !== undefined) {
    single.way = 'single-card';
    return true;
  }
  const restarts = of(restartLine.exec(line)?.[1]);
  if (restarts !== undefined) {
    restarts.restartWhenStuck = true;
    return true;
  }
  const [, kind = '', value = '', at] = policyLine.exec(line) ?? [];
  const ruled = of(at);
  if (ruled !== undefined) {
    const policy = handPolicy.safeParse({ ...ruled.policy, [kind]: value });
    if (policy.success) ruled.policy = policy.data;
    return policy.success;
  }
  const [, unit, where] = stopLine.exec(line) ?? [];
  const stopping = of(where);
  const service = movableServices.find((one) => one === unit);
  if (stopping === undefined || service === undefined) return false;
  if (!stopping.services.includes(service)) stopping.services.push(service);
  return true;
}

/** Display managers this knows how to stop and start again, by unit. */
export const isDisplayManager = (unit: string): boolean => displayManagers.some((name) => unit === `${name}.service`) || /^ly@tty[1-9]\.service$/.test(unit);
