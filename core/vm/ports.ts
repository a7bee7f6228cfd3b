// SPDX-License-Identifier: GPL-3.0-or-later
import { element, type Drawn } from './xml/draw';

/** Root ports the guest's board has at least: spare ones let devices be plugged in later (virt-manager makes as many). */
const least = 14;
/** Ports there can be: eight functions in each of the slots 2 to 5 of the root complex. */
export const most = 32;

/** Hands out the guest's PCIe root ports, one device each, so that addresses are ours and stay the same. */
export interface Ports {
  /** The address of the next free port; `several` when other functions of the same card will share it. */
  readonly take: (several?: boolean) => Drawn;
  readonly used: () => number;
}

export function openPorts(): Ports {
  let used = 0;
  return {
    take: (several = false) => pciAddress(++used, 0, 0, several),
    used: () => used,
  };
}

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

const pciAddress = (bus: number, slot: number, functionNumber: number, several: boolean): Drawn =>
  element('address', {
    type: 'pci',
    domain: '0x0000',
    bus: hex(bus, 2),
    slot: hex(slot, 2),
    function: hex(functionNumber, 1),
    multifunction: several ? 'on' : undefined,
  });

/** The root complex and its ports: port n is function (n-1)%8 of slot 2+(n-1)/8, numbered `slot << 3 | function`. */
export function rootPorts(ports: Ports): Drawn[] {
  const count = Math.min(most, Math.max(least, ports.used() + 4));
  const root = element('controller', { type: 'pci', index: 0, model: 'pcie-root' });
  return [root, ...Array.from({ length: count }, (_, at) => rootPort(at))];
}

function rootPort(at: number): Drawn {
  const [slot, functionNumber] = [2 + Math.floor(at / 8), at % 8];
  return element('controller', { type: 'pci', index: at + 1, model: 'pcie-root-port' }, [
    element('model', { name: 'pcie-root-port' }),
    element('target', { chassis: at + 1, port: hex(slot * 8 + functionNumber, 2) }),
    pciAddress(0, slot, functionNumber, functionNumber === 0),
  ]);
}
