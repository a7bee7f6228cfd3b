// SPDX-License-Identifier: GPL-3.0-or-later

const makers: readonly (readonly [mark: RegExp, name: string])[] = [
  [/^KVM\b|QEMU|Bochs/i, 'kvm'],
  [/^VMware/, 'vmware'],
  [/^innotek|VirtualBox/, 'oracle'],
  [/^Xen/, 'xen'],
  [/^Parallels/, 'parallels'],
  [/^BHYVE/, 'bhyve'],
  [/^Amazon EC2/, 'amazon'],
  [/^Google( Compute Engine)?$/, 'google'],
];

/** The hypervisor whose name stands in the machine's DMI strings; null when they name a real maker. Source: host.md 1.4. */
export function hypervisorOf(vendor: string, product: string): string | null {
  // Microsoft and Google also make real machines; their virtual ones have a product name of their own.
  if (/^Microsoft/.test(vendor)) return product === 'Virtual Machine' ? 'microsoft' : null;
  if (/^Google/.test(vendor)) return product === 'Google Compute Engine' ? 'google' : null;
  if (/^Amazon EC2/.test(vendor) && /\.metal/.test(product)) return null;
  return makers.find(([mark]) => mark.test(vendor) || mark.test(product))?.[1] ?? null;
}
