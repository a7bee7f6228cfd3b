// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandPhase, HandRefusal, ManagedCard } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import type { Detail } from '../../contract/problem';
import type { DeviceIdentity } from '../../contract/plan';
import { badVersion, ruleOf } from './drivers';
import type { HandLook } from './look';
import { leaving, leavesByModules } from './way-out';

/** A hand-over that must not begin, and why. */
export interface Refused {
  readonly phase: HandPhase;
  readonly why: HandRefusal;
  readonly detail: Detail;
}

const same = (wanted: DeviceIdentity, is: DeviceIdentity): boolean =>
  wanted.vendor === is.vendor && wanted.device === is.device && wanted.subsystemVendor === is.subsystemVendor && wanted.subsystemDevice === is.subsystemDevice;

/** Decision 4: every function is the very one the table means. */
export function refuseIdentity(cards: readonly ManagedCard[], look: HandLook): Refused | null {
  for (const wanted of cards.flatMap((card) => card.functions)) {
    const now = look.functions.get(wanted.address);
    if (now === undefined) return { phase: 'identity', why: 'absent', detail: { device: wanted.address } };
    if (!same(wanted, now)) return { phase: 'identity', why: 'changed', detail: { device: wanted.address } };
  }
  return null;
}

type Check = (cards: readonly ManagedCard[], look: HandLook) => Refused | null;
const refused = (why: HandRefusal, detail: Detail = {}, phase: HandPhase = 'reset'): Refused => ({ phase, why, detail });

/** Drivers that leave DMA to whoever owns the group: host.md 3.2. */
const quietDrivers = new Set<string | null>([null, 'vfio-pci', 'pci-stub', 'pcieport']);

const group: Check = (cards, look) => {
  const moving = new Set<PciAddress>(cards.flatMap((card) => card.functions.map((one) => one.address)));
  const without = [...moving].find((address) => look.functions.get(address)?.group == null);
  if (without !== undefined) return refused('no-group', { device: without });
  const partly = look.members.find((one) => !moving.has(one.address) && !one.bridge && !quietDrivers.has(one.driver));
  return partly === undefined ? null : refused('group', { device: partly.address, driver: partly.driver ?? '' });
};

const drivers: Check = (cards, look) => {
  const functions = leaving(cards, look);
  for (const { address: device, driver, virtualFunctions } of functions) {
    if (virtualFunctions > 0) return refused('virtual-functions', { device });
    if (driver === null) continue;
    const rule = ruleOf(driver);
    if (rule.leaves === 'never') return refused('boot-only', { device, driver });
    if (rule.leaves !== 'modules' || leavesByModules(look, driver, functions)) continue;
    const version = look.modules.get(driver)?.version ?? null;
    const bad = badVersion(driver, version, 'unbind');
    if (bad !== null) return refused('known-bad', { device, driver, version: version ?? '', reason: bad });
    if (version === null) return refused('one-driver-two-cards', { device, driver });
  }
  return null;
};

/** The picture must stay somewhere, unless the person chose that it goes. */
const screens: Check = (cards, look) => {
  const onDemand = new Set<string>(cards.filter((card) => card.way === 'on-demand').flatMap((card) => card.functions.map((one) => one.address)));
  const { lit } = look;
  if (lit !== null && lit.length > 0 && lit.every((one) => onDemand.has(one))) return refused('last-screen', { device: lit[0] ?? '' });
  const single = cards.some((card) => card.way === 'single-card');
  return single && look.manager === 'unknown' ? refused('manager') : null;
};

/** Names of /proc/fb that the firmware's own picture has. */
export const isFirmwarePicture = (name: string): boolean => /^(?:EFI VGA|VESA VGA|simple|simpledrm|efidrm|vesadrm)/.test(name);
/** Before Linux 6.0 the firmware's frame buffer keeps the card's memory reserved and vfio-pci cannot have it: host.md 4.3. */
const framebuffer: Check = (cards, look) => {
  const device = look.framebuffers.find((one) => isFirmwarePicture(one.name) && cards.some((card) => card.functions.some((fn) => fn.address === one.device)))?.device ?? null;
  if (device === null) return null;
  if (look.kernel !== null && look.kernel.major < 6) return refused('old-framebuffer', { device });
  // From 6.0 on vfio-pci deletes the firmware's picture for good, and only a driver of the card's own can draw another.
  return look.functions.get(device)?.driver == null ? refused('firmware-picture', { device }) : null;
};

/**
 * A whole slot can be reset over its bus whatever each function can do by itself, and that is the usual way for a card
 * (host.md 4.6). Where a part of the slot stays behind, the part that goes must be able to reset itself.
 */
const reset: Check = (cards, look) => {
  if (look.besides.length === 0) return null;
  const stuck = cards.flatMap((card) => card.functions).find((one) => {
    const now = look.functions.get(one.address);
    return now?.class.startsWith('03') === true && (now.resetMethods ?? []).filter((method) => method !== 'bus').length === 0;
  });
  return stuck === undefined ? null : refused('no-reset', { device: stuck.address, other: look.besides[0] ?? '' });
};

const checks: readonly Check[] = [group, drivers, screens, framebuffer, reset];

/** Everything that is known against this hand-over before anything is touched; null: it may begin. */
export function refuseMove(cards: readonly ManagedCard[], look: HandLook): Refused | null {
  for (const check of checks) {
    const why = check(cards, look);
    if (why !== null) return why;
  }
  return null;
}
