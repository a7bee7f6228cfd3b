// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { PciFunction } from '../contract/pci';
import { isPciAddress } from '../core/read/address';
import { readBootParams } from '../core/read/sysfs/boot-params';
import { known, line, unknown } from './fact';
import { bootParamsPlace } from './firmware';
import type { Machine } from './machine';

type BootDisplay = HostFacts['display']['bootDisplay'];
type Cards = NonNullable<HostFacts['display']['cards']['value']>;

/** Which function firmware showed its picture on; the first way that answers, in the order of host.md 1.5.1. */
export function lookAtBootDisplay(machine: Machine, pci: HostFacts['pci'], cards: Cards): BootDisplay {
  return (
    byDrm(machine, cards) ??
    byPlatformDevice(machine) ??
    byFramebuffer(machine, pci.functions) ??
    byFlag(pci.functions) ??
    unknown(bootParamsPlace)
  );
}

/** 6.18 and later, once a DRM driver is bound. */
function byDrm(machine: Machine, cards: Cards): BootDisplay | null {
  for (const card of cards) {
    const place = `/sys/class/drm/${card.name}/boot_display`;
    if (card.device !== null && line(machine, place) === '1') return known(card.device, place);
  }
  return null;
}

/** About 6.9 and later, while the firmware framebuffer's device exists: it hangs below the function that owns it. */
function byPlatformDevice(machine: Machine): BootDisplay | null {
  for (const name of ['efi-framebuffer.0', 'simple-framebuffer.0', 'vesa-framebuffer.0']) {
    const place = `/sys/bus/platform/devices/${name}`;
    const real = machine.real(place);
    const owner = real.at === 'is' ? real.value.split('/').filter(isPciAddress).at(-1) : undefined;
    if (owner !== undefined) return known(owner, place);
  }
  return null;
}

/** Any kernel: the memory BAR that holds the address of the firmware framebuffer. Bridges' windows are not BARs and are not asked. */
function byFramebuffer(machine: Machine, functions: readonly PciFunction[]): BootDisplay | null {
  const look = machine.bytes(bootParamsPlace, 65536);
  const base = look.at === 'is' ? (readBootParams(look.value)?.framebuffer ?? 0n) : 0n;
  if (base === 0n) return null;
  const owner = functions.find((found) =>
    found.bars.some((bar) => {
      const start = BigInt(`0x${bar.start}`);
      return bar.kind === 'memory' && start !== 0n && start <= base && base < start + BigInt(bar.size);
    }),
  );
  return owner === undefined ? null : known(owner.address, bootParamsPlace);
}

/** The weakest: the arbiter marks the only VGA-class function even when the picture was elsewhere. */
function byFlag(functions: readonly PciFunction[]): BootDisplay | null {
  const owner = functions.find((found) => found.bootVga === true);
  return owner === undefined ? null : known(owner.address, `${owner.from}/boot_vga`);
}
