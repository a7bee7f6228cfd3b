// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Summary } from '../../contract/history';
import type { DeviceIdentity } from '../../contract/plan';
import type { DriftStep, Moment } from '../../contract/point';
import { trialArg } from '../step/tokens';
import { wordsOf } from './menu';

/**
 * What this very start was made with. Nothing is wrong while a restart is still to come, nor in the trial start in which it
 * was kept: that one has words of its own.
 */
export function driftOfStart({ kernel }: HostFacts, { promise }: Moment, { restart, transaction }: Summary): readonly DriftStep[] {
  const words = promise === null ? [] : wordsOf(promise);
  const args = kernel.args.value;
  if (words.length === 0 || restart || args?.includes(trialArg(transaction)) === true) return [];
  const head = { id: 'start', kind: 'start', sentence: { code: 'drift.start', detail: {} }, path: null };
  if (args === null) return [{ ...head, at: 'unknown', why: { code: 'drift.start-unknown', detail: {} } }];
  const missing = words.filter((word) => !args.includes(word));
  return [missing.length === 0 ? { ...head, at: 'holds', why: null } : { ...head, at: 'changed', why: { code: 'drift.start-without', detail: { words: missing.join(' ').slice(0, 512) } } }];
}

/** Each device that every start should give away: still there, still the same, still taken. */
export function driftOfDevices(facts: HostFacts, { promise }: Moment): readonly DriftStep[] {
  const { table } = promise ?? { table: null };
  return (table?.devices ?? []).map((device, index) => ({
    id: `device-${String(index + 1)}`,
    kind: 'device',
    sentence: { code: 'drift.device', detail: { address: device.address } },
    path: null,
    ...judge(facts, device, table?.transaction ?? ''),
  }));
}

function judge({ pci, kernel }: HostFacts, device: DeviceIdentity, transaction: string): Pick<DriftStep, 'at' | 'why'> {
  const isSame = (other: { readonly vendor: string; readonly device: string; readonly subsystemVendor: string | null; readonly subsystemDevice: string | null }): boolean =>
    other.vendor === device.vendor && other.device === device.device && other.subsystemVendor === device.subsystemVendor && other.subsystemDevice === device.subsystemDevice;
  const there = pci.functions.find(({ address }) => address === device.address);
  if (there === undefined || !isSame(there)) {
    const moved = pci.functions.find(isSame);
    const why = moved !== undefined ? { code: 'drift.device-moved', detail: { address: device.address, now: moved.address } } : { code: there === undefined ? 'drift.device-gone' : 'drift.device-other', detail: { address: device.address } };
    return { at: 'changed', why };
  }
  // A start without our word gives nothing away; that is told by itself.
  const named = (kernel.args.value ?? []).some((arg) => arg.endsWith(`=${transaction}`));
  if (!named || there.driver === 'vfio-pci') return { at: 'holds', why: null };
  return { at: 'changed', why: { code: 'drift.not-bound', detail: { address: device.address, driver: there.driver ?? '-' } } };
}
