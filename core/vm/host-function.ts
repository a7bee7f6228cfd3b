// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { element, type Drawn } from './xml/draw';

/** A PCI address of this computer as libvirt's attributes. */
export function addressParts(address: PciAddress): { readonly domain: string; readonly bus: string; readonly slot: string; readonly function: string } {
  const [domain = '', bus = '', rest = ''] = address.split(':');
  const [slot = '', functionNumber = ''] = rest.split('.');
  return { domain: `0x${domain}`, bus: `0x${bus}`, slot: `0x${slot}`, function: `0x${functionNumber}` };
}

/**
 * A PCI function of this computer given to the guest. `managed`: libvirt takes it from its driver and gives it back.
 * Not managed means that somebody else has done so before, and a start without that is refused instead of tearing a card from its driver.
 */
export function hostFunction(given: { readonly source: PciAddress; readonly managed: boolean; readonly inside?: readonly (Drawn | null)[]; readonly address: Drawn | null }): Drawn {
  return element('hostdev', { mode: 'subsystem', type: 'pci', managed: given.managed ? 'yes' : 'no' }, [
    element('source', {}, [element('address', addressParts(given.source))]),
    ...(given.inside ?? []),
    given.address,
  ]);
}
