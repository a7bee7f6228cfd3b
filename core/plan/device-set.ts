// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { Consent, DeviceIdentity, Intent, PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { compareAddresses } from '../read/address';

/** The part of a function that must not change between choosing and use (decision 4). */
export const identityOf = (fn: PciFunction): DeviceIdentity => ({
  address: fn.address,
  vendor: fn.vendor,
  device: fn.device,
  subsystemVendor: fn.subsystemVendor,
  subsystemDevice: fn.subsystemDevice,
});

export const sameDevice = (a: DeviceIdentity, b: DeviceIdentity): boolean =>
  a.address === b.address &&
  a.vendor === b.vendor &&
  a.device === b.device &&
  a.subsystemVendor === b.subsystemVendor &&
  a.subsystemDevice === b.subsystemDevice;

/** The groups of everything an intent gives away, kept devices along; empty for intents that give nothing. */
export function deviceSets(facts: HostFacts, intent: Intent, kept: PlanBasis['kept']): Result<PlanBasis['groups']> {
  const promised = kept.table?.devices ?? [];
  switch (intent.kind) {
    case 'dedicate':
      return dedicated(facts, givenDevices(promised, intent.devices), intent.consents);
    case 'release': {
      const stay = remainingDevices(promised, intent.devices);
      return stay.length === 0 ? ok([]) : groupsOf(facts, stay);
    }
    case 'move-now':
      return intent.to === 'vfio-pci' ? groupsOf(facts, intent.devices) : ok([]);
    case 'on-demand':
    case 'single-card':
      return groupsOf(facts, intent.devices);
    default:
      return ok([]);
  }
}

function dedicated(facts: HostFacts, given: readonly DeviceIdentity[], consents: readonly Consent[]): Result<PlanBasis['groups']> {
  // Loaded modules say nothing: until somebody needs it, vfio-pci is a file on the disk.
  if (facts.kernel.config.value?.['CONFIG_VFIO_PCI'] === 'n') return failed('refused', { why: 'no-vfio' });
  const groups = groupsOf(facts, given);
  if (!groups.ok) return groups;
  return screenStays(facts, given) || consents.includes('lose-only-screen') ? groups : failed('refused', { why: 'only-screen' });
}

/** What stays given away when these are released; one that changed its identity counts as released too. */
export const remainingDevices = (promised: readonly DeviceIdentity[], released: readonly DeviceIdentity[]): readonly DeviceIdentity[] =>
  promised.filter((device) => !released.some((other) => other.address === device.address));

/** What will be given away: what is promised already and what was chosen now, by address. */
export function givenDevices<Promised extends DeviceIdentity>(
  promised: readonly Promised[],
  chosen: readonly DeviceIdentity[],
): readonly (Promised | DeviceIdentity)[] {
  const others = promised.filter((device) => !chosen.some((other) => other.address === device.address));
  return [...others, ...chosen].sort((a, b) => compareAddresses(a.address, b.address));
}

/** Storage, network, bridges, memory, system and base parts: nothing a desktop can do without may leave it. */
const hostCritical = /^(?:01|02|05|06|08|0b|0c05)/;

/**
 * Looks at a set that is to be given away: every device is the one that was chosen, may leave the host, and takes its
 * whole IOMMU group along (host fact 3.2). Gives the groups as sets of identities, without the kernel's numbers.
 */
export function groupsOf(facts: HostFacts, given: readonly DeviceIdentity[]): Result<PlanBasis['groups']> {
  if (new Set(given.map((device) => device.address)).size !== given.length)
    return failed('bad-input', { why: 'twice' });
  for (const device of given) {
    const refusal = refuseDevice(facts, device);
    if (!refusal.ok) return refusal;
  }
  const groups = facts.iommu.groups.value ?? [];
  if (groups.length === 0) return failed('refused', { why: 'iommu-off' });
  const addresses = new Set<PciAddress>(given.map((device) => device.address));
  const missing = given.find((device) => !groups.some((group) => group.members.includes(device.address)));
  if (missing !== undefined) return failed('refused', { why: 'no-group', address: missing.address });

  const sets: PlanBasis['groups'] = [];
  for (const group of groups.filter((candidate) => candidate.members.some((address) => addresses.has(address)))) {
    const set = membersOf(facts, group.members, addresses);
    if (!set.ok) return set;
    sets.push(set.value);
  }
  return ok(sets.sort((a, b) => (a[0] && b[0] ? compareAddresses(a[0].identity.address, b[0].identity.address) : 0)));
}

/** The device an identity names, if it still is that one. */
export function stillThere(facts: HostFacts, device: DeviceIdentity): Result<PciFunction> {
  const fn = facts.pci.functions.find((candidate) => candidate.address === device.address);
  if (fn === undefined) return failed('precondition-failed', { why: 'device-gone', address: device.address });
  return sameDevice(identityOf(fn), device) ? ok(fn) : failed('precondition-failed', { why: 'device-changed', address: device.address });
}

function refuseDevice(facts: HostFacts, device: DeviceIdentity): Result<void> {
  const there = stillThere(facts, device);
  if (!there.ok) return there;
  const fn = there.value;
  if (fn.header === 'bridge' || fn.header === 'cardbus')
    return failed('refused', { why: 'bridge', address: fn.address });
  if (hostCritical.test(fn.class))
    return failed('refused', { why: 'host-needs', address: fn.address, class: fn.class });
  if ((fn.sriov?.now ?? 0) > 0) return failed('refused', { why: 'virtual-functions', address: fn.address });
  return ok(undefined);
}

type Group = PlanBasis['groups'][number];

function membersOf(facts: HostFacts, members: readonly PciAddress[], given: ReadonlySet<PciAddress>): Result<Group> {
  const set: Group = [];
  for (const address of [...members].sort(compareAddresses)) {
    const fn = facts.pci.functions.find((candidate) => candidate.address === address);
    if (fn === undefined) return failed('precondition-failed', { why: 'group-unknown', address });
    const part = partOf(fn, given);
    if (part === null) return failed('refused', { why: 'split-group', address, class: fn.class });
    set.push({ identity: identityOf(fn), class: fn.class, part });
  }
  return ok(set);
}

/** Null for a device that would stay with a host driver inside a group that is given away: VFIO would not open the group. */
function partOf(fn: PciFunction, given: ReadonlySet<PciAddress>): Group[number]['part'] | null {
  if (given.has(fn.address)) return 'give';
  if (fn.header === 'bridge') return 'bridge';
  return fn.class.startsWith('06') && fn.modules.length === 0 ? 'quiet' : null;
}

/**
 * True when a screen stays with the person: some other display device has one connected, or, where nothing is known
 * of connectors, firmware's own display stays.
 */
export function screenStays(facts: HostFacts, given: readonly DeviceIdentity[]): boolean {
  const leaves = new Set<PciAddress>(given.map((device) => device.address));
  const stay = facts.pci.functions
    .filter((fn) => fn.class.startsWith('03') && !leaves.has(fn.address))
    .map((fn) => fn.address);
  const connectors = facts.display.connectors.value;
  const known = connectors !== null && connectors.some((connector) => connector.status === 'connected');
  if (known)
    return connectors.some(
      (connector) => connector.status === 'connected' && connector.gpu !== null && stay.includes(connector.gpu),
    );
  const boot = facts.display.bootDisplay.value;
  return boot === null ? stay.length > 0 : stay.includes(boot);
}
