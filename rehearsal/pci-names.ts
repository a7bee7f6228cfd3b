// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';

/** The pci.ids of a rehearsed machine: just the names its record knows, so that things are called as their owner knows them. */
export function pciIdsText({ pci }: HostFacts): string {
  const vendors = new Map<string, { name: string; devices: Map<string, string> }>();
  for (const it of pci.functions) {
    const vendor = vendors.get(it.vendor) ?? { name: it.vendorName ?? `Vendor ${it.vendor}`, devices: new Map<string, string>() };
    if (it.name !== null) vendor.devices.set(it.device, it.name.replaceAll(/\s+/g, ' '));
    vendors.set(it.vendor, vendor);
  }
  const blocks = [...vendors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, { name, devices }]) => `${id}  ${name}\n${[...devices].map(([device, text]) => `\t${device}  ${text}\n`).join('')}`);
  return `${blocks.join('')}\nC 00  Unclassified device\n`;
}
