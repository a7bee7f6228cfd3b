// SPDX-License-Identifier: GPL-3.0-or-later

/** Class names as pci.ids writes them, for listings that print the name and not the number. */
const codes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'scsi storage controller': '0100',
    'ide interface': '0101',
    'raid bus controller': '0104',
    'sata controller': '0106',
    'serial attached scsi controller': '0107',
    'non-volatile memory controller': '0108',
    'mass storage controller': '0180',
    'ethernet controller': '0200',
    'network controller': '0280',
    'vga compatible controller': '0300',
    '3d controller': '0302',
    'display controller': '0380',
    'multimedia video controller': '0400',
    'multimedia audio controller': '0401',
    'audio device': '0403',
    'multimedia controller': '0480',
    'ram memory': '0500',
    'memory controller': '0580',
    'host bridge': '0600',
    'isa bridge': '0601',
    'pci bridge': '0604',
    'cardbus bridge': '0607',
    bridge: '0680',
    'serial controller': '0700',
    'communication controller': '0780',
    pic: '0800',
    'sd host controller': '0805',
    iommu: '0806',
    'system peripheral': '0880',
    'firewire (ieee 1394)': '0c00',
    'usb controller': '0c03',
    smbus: '0c05',
    'serial bus controller': '0c80',
    'encryption controller': '1080',
    'signal processing controller': '1180',
    'processing accelerators': '1200',
    'non-essential instrumentation': '1300',
  }),
);

/** The longest class name that `text` starts with, and what follows it. */
export function splitClassName(text: string): { readonly code: string; readonly rest: string } | null {
  const lower = text.toLowerCase();
  const name = [...codes.keys()]
    .filter((known) => lower.startsWith(`${known} `) || lower.startsWith(`${known}:`))
    .sort((a, b) => b.length - a.length)[0];
  const code = name === undefined ? undefined : codes.get(name);
  return name === undefined || code === undefined ? null : { code, rest: text.slice(name.length).replace(/^:? */, '') };
}
