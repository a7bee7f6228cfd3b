// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciFunction } from '../../contract/pci';
import { openRehearsal } from '../../rehearsal/machine';
import { operate, type NodeWrite, type Seen } from './operations';
import { aloneCard } from './scenarios/cards';

const override = (one: PciFunction, value: string): NodeWrite => ({ node: 'driver-override', device: one.address, value });
const unbind = (one: PciFunction): NodeWrite => ({ node: 'driver-unbind', device: one.address, value: one.address });
const probe = (one: PciFunction): NodeWrite => ({ node: 'drivers-probe', device: one.address, value: one.address });

/** To vfio-pci and back in both orders, and each way in which the kernel says no; addresses come from the machine. vfio-pci must be loaded. */
export function writesFor(facts: HostFacts): readonly NodeWrite[] {
  const card = aloneCard(facts);
  const driven = card.filter((one) => one.driver !== null);
  const bridge = facts.pci.functions.find((one) => one.driver === 'pcieport');
  const to = (one: PciFunction): NodeWrite[] => [override(one, 'vfio-pci'), ...(one.driver === null ? [] : [unbind(one)]), probe(one)];
  const back = (one: PciFunction): NodeWrite[] => [override(one, '\n'), unbind(one), probe(one)];
  return [
    ...card.toReversed().flatMap(to),
    ...card.flatMap(back),
    // An override while a driver has it, taken away before anybody unbound it: nothing happens.
    ...driven.flatMap((one) => [override(one, 'vfio-pci'), override(one, '\n'), probe(one)]),
    // A driver that nobody has: the probe says that all is well, and there is no driver.
    ...driven.flatMap((one) => [override(one, 'switchyard-none'), unbind(one), probe(one), override(one, '\n'), probe(one)]),
    // Unbinding what has no driver.
    ...card.filter((one) => one.driver === null).map(unbind),
    // A bridge keeps its driver; vfio-pci does not take it.
    ...(bridge === undefined ? [] : [override(bridge, 'vfio-pci'), probe(bridge), override(bridge, '\n')]),
  ];
}

/** The same writes on the machine of memory that is built from the facts. */
export async function rehearse(facts: HostFacts, writes: readonly NodeWrite[]): Promise<readonly Seen[]> {
  const rehearsal = openRehearsal(facts, {}, 1);
  await rehearsal.hands().start({ program: 'modprobe', module: 'vfio-pci' });
  return operate(rehearsal.hands(), writes);
}

/** Writes at which two machines differ, told in full. */
export const differences = (lab: readonly Seen[], other: readonly Seen[]): readonly string[] =>
  lab.flatMap((one, at) => (JSON.stringify(one) === JSON.stringify(other[at]) ? [] : [`write ${at}\n  lab   ${JSON.stringify(one)}\n  other ${JSON.stringify(other[at])}`]));
