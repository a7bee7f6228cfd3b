// SPDX-License-Identifier: GPL-3.0-or-later
import { transactionId, type TransactionId } from '../contract/history';
import type { DeviceIdentity, Plan } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import { expectAfterStart } from '../core/step/must-hold';
import { bindWord, trialWord } from '../core/step/tokens';
import { broken, type KernelSeen } from '../core/trial/self-check';
import type { Machine } from '../host/machine';

/** Words of the kernel command line this start was made with; null when it cannot be read. */
function words(machine: Machine): readonly string[] | null {
  const line = machine.text('/proc/cmdline');
  return line.at === 'is' ? line.value.trim().split(/\s+/) : null;
}

/** Whether this start is the trial of a transaction. */
export const isTrialOf = (machine: Machine, transaction: TransactionId): boolean => words(machine)?.includes(`${trialWord}=${transaction}`) === true;

/** Whose trial this start is; null: nobody's. */
export function trialNamed(machine: Machine): TransactionId | null {
  const word = words(machine)?.find((each) => each.startsWith(`${trialWord}=`));
  return word === undefined ? null : (transactionId.safeParse(word.slice(trialWord.length + 1)).data ?? null);
}

/** Whether this start names a transaction at all: then undoing it is true only from the next start on. */
export const isNamed = (machine: Machine, transaction: TransactionId): boolean =>
  [trialWord, bindWord].some((word) => words(machine)?.includes(`${word}=${transaction}`) === true);

/** What the plan promised of a start, looked at in this one (host.md 5.9); core judges what was found. */
export function selfCheck(machine: Machine, plan: Plan, transaction: TransactionId): Result<void> {
  const kernel = lookAtKernel(machine, plan, transaction);
  const wrong = expectAfterStart(plan, transaction, 'trial').find((check) => broken(check, kernel).length > 0);
  return wrong === undefined ? ok(undefined) : failed('precondition-failed', { why: `trial-${wrong.check}`, ...(wrong.check === 'bound' ? { device: wrong.device.address } : {}) });
}

/** What this start is, as far as the plan promised something of it. Nothing is said of the loader's one-shot. */
export function lookAtKernel(machine: Machine, plan: Plan, transaction: TransactionId): KernelSeen {
  const groups = machine.names('/sys/kernel/iommu_groups');
  const devices = expectAfterStart(plan, transaction, 'trial').flatMap((check) => (check.check === 'bound' ? [check.device] : []));
  return {
    args: words(machine),
    iommuActive: groups.at === 'is' ? groups.value.length > 0 : groups.at === 'absent' ? false : null,
    functions: devices.map((device) => ({ address: device.address, driver: driverOf(machine, device), same: isSame(machine, device) })),
    oneShot: 'unknown',
  };
}

const folderOf = (device: DeviceIdentity): string => `/sys/bus/pci/devices/${device.address}`;

function driverOf(machine: Machine, device: DeviceIdentity): string | null {
  const driver = machine.target(`${folderOf(device)}/driver`);
  return driver.at === 'is' ? driver.value.slice(driver.value.lastIndexOf('/') + 1) : null;
}

/** Decision 4: an address is the chosen device only while vendor and model are the same. */
function isSame(machine: Machine, device: DeviceIdentity): boolean {
  const id = (name: string): string => {
    const text = machine.text(`${folderOf(device)}/${name}`);
    return text.at === 'is' ? text.value.trim() : '';
  };
  return id('vendor') === `0x${device.vendor}` && id('device') === `0x${device.device}`;
}
