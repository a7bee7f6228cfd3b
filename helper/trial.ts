// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../contract/history';
import type { Plan } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import { expectAfterStart, type StartCheck } from '../core/step/must-hold';
import { bindWord, trialWord } from '../core/step/tokens';
import type { Machine } from '../host/machine';

/** Words of the kernel command line this start was made with; an unreadable one has none. */
function words(machine: Machine): readonly string[] {
  const line = machine.text('/proc/cmdline');
  return line.at === 'is' ? line.value.split(/\s+/) : [];
}

/** Whether this start is the trial of a transaction. */
export const isTrialOf = (machine: Machine, transaction: TransactionId): boolean => words(machine).includes(`${trialWord}=${transaction}`);

/** Whether this start names a transaction at all: then undoing it is true only from the next start on. */
export const isNamed = (machine: Machine, transaction: TransactionId): boolean =>
  [trialWord, bindWord].some((word) => words(machine).includes(`${word}=${transaction}`));

/** What the plan promised of a start, looked at in this one (host.md 5.9). */
export function selfCheck(machine: Machine, plan: Plan, transaction: TransactionId): Result<void> {
  const wrong = expectAfterStart(plan, transaction, 'trial').find((check) => !isTrue(machine, check));
  return wrong === undefined ? ok(undefined) : failed('precondition-failed', { why: `trial-${wrong.check}`, ...(wrong.check === 'bound' ? { device: wrong.device.address } : {}) });
}

function isTrue(machine: Machine, check: StartCheck): boolean {
  switch (check.check) {
    case 'argument':
      return words(machine).includes(check.arg);
    case 'iommu-active': {
      const groups = machine.names('/sys/kernel/iommu_groups');
      return groups.at === 'is' && groups.value.length > 0;
    }
    case 'bound': {
      const driver = machine.target(`/sys/bus/pci/devices/${check.device.address}/driver`);
      return driver.at === 'is' && driver.value.endsWith(`/${check.driver}`) && isSame(machine, check.device);
    }
    default:
      return check satisfies never;
  }
}

/** Decision 4: an address is the chosen device only while vendor and model are the same. */
function isSame(machine: Machine, device: Extract<StartCheck, { check: 'bound' }>['device']): boolean {
  const id = (name: string): string => {
    const text = machine.text(`/sys/bus/pci/devices/${device.address}/${name}`);
    return text.at === 'is' ? text.value.trim() : '';
  };
  return id('vendor') === `0x${device.vendor}` && id('device') === `0x${device.device}`;
}
