// SPDX-License-Identifier: GPL-3.0-or-later
import { copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';

/**
 * A server's sysfs of any size: root ports, each with a device of one to four functions behind it, 32 ports a domain.
 * Attributes that are alike share one inode by hard links, so that ten thousand functions fit into memory.
 */
export function growTree(root: string, count: number, pciIds: string): void {
  const grower = new Grower(root);
  mkdirSync(`${root}/usr/share/misc`, { recursive: true });
  copyFileSync(pciIds, `${root}/usr/share/misc/pci.ids`);
  for (const folder of [
    '/sys/bus/pci/devices',
    '/sys/bus/pci/drivers',
    '/sys/bus/pci/slots',
    '/sys/kernel/iommu_groups',
    '/sys/class',
  ])
    mkdirSync(root + folder, { recursive: true });
  for (let made = 0, port = 0; made < count; port++) {
    const domain = hex(Math.floor(port / 32), 4);
    const slot = port % 32;
    const bridge = `${domain}:00:${hex(slot, 2)}.0`;
    const top = `/sys/devices/pci${domain}:00/${bridge}`;
    const bus = hex(slot + 1, 2);
    grower.add(top, bridge, kinds.port, { port, secondary: slot + 1 });
    made++;
    const device = devices[port % devices.length] ?? [];
    for (const [number, kind] of device.entries()) {
      if (made === count) break;
      const address = `${domain}:${bus}:00.${number}`;
      grower.add(`${top}/${address}`, address, kind, { port, secondary: 0 });
      made++;
    }
  }
}

interface Kind {
  readonly id: string;
  readonly subsystem: string;
  readonly class: string;
  readonly revision: string;
  readonly driver: string | null;
  readonly bars: readonly (readonly [size: number, flags: number])[];
  readonly extra: Readonly<Record<string, string>>;
}

const wide = 0x14220c;
const flat = 0x40200;
const kinds = {
  port: {
    id: '1022:1483',
    subsystem: '0000:0000',
    class: '060400',
    revision: '00',
    driver: 'pcieport',
    bars: [],
    extra: {},
  },
  gpu: {
    id: '10de:2206',
    subsystem: '1043:87b3',
    class: '030000',
    revision: 'a1',
    driver: 'nouveau',
    bars: [
      [16 << 20, flat],
      [256 << 20, wide],
      [0, 0],
      [32 << 20, wide],
      [0, 0],
      [128, 0x40101],
    ],
    extra: { boot_vga: '0\n', reset_method: 'bus\n' },
  },
  sound: {
    id: '10de:1aef',
    subsystem: '1043:87b3',
    class: '040300',
    revision: 'a1',
    driver: 'snd_hda_intel',
    bars: [[16 << 10, flat]],
    extra: { reset_method: 'bus\n' },
  },
  disk: {
    id: '144d:a80a',
    subsystem: '144d:a801',
    class: '010802',
    revision: '00',
    driver: 'nvme',
    bars: [[16 << 10, wide]],
    extra: { reset_method: 'flr bus\n' },
  },
  net: {
    id: '8086:1572',
    subsystem: '8086:0001',
    class: '020000',
    revision: '02',
    driver: null,
    bars: [
      [8 << 20, wide],
      [0, 0],
      [0, 0],
      [32 << 10, wide],
    ],
    extra: { reset_method: 'flr\n', sriov_totalvfs: '64\n', sriov_numvfs: '0\n' },
  },
  usb: {
    id: '1022:149c',
    subsystem: '1043:87c0',
    class: '0c0330',
    revision: '00',
    driver: 'xhci_hcd',
    bars: [[1 << 20, wide]],
    extra: {},
  },
} as const satisfies Record<string, Kind>;
const devices: readonly (readonly Kind[])[] = [
  [kinds.gpu, kinds.sound],
  [kinds.disk],
  [kinds.net, kinds.net, kinds.net, kinds.net],
  [kinds.usb, kinds.disk, kinds.usb],
];

const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0');
const line = (start: bigint, size: number, flags: number): string =>
  size === 0 ? line0 : `0x${hex(start, 16)} 0x${hex(start + BigInt(size) - 1n, 16)} 0x${hex(flags, 16)}`;
const line0 = `0x${'0'.repeat(16)} 0x${'0'.repeat(16)} 0x${'0'.repeat(16)}`;

class Grower {
  private readonly shared = new Map<string, string>();
  private readonly root: string;
  private group = 0;
  private base = 0x100000000n;

  constructor(root: string) {
    this.root = root;
    mkdirSync(`${root}/.shared`, { recursive: true });
  }

  add(folder: string, address: string, kind: Kind, at: { readonly port: number; readonly secondary: number }): void {
    mkdirSync(`${this.root}${folder}/power`, { recursive: true });
    const resource = this.resource(kind);
    const node = at.port % 2;
    const text: Record<string, string> = {
      ...constant,
      vendor: `0x${kind.id.slice(0, 4)}\n`,
      device: `0x${kind.id.slice(5)}\n`,
      subsystem_vendor: `0x${kind.subsystem.slice(0, 4)}\n`,
      subsystem_device: `0x${kind.subsystem.slice(5)}\n`,
      class: `0x${kind.class}\n`,
      revision: `0x${kind.revision}\n`,
      numa_node: `${node}\n`,
      ...kind.extra,
      ...(at.secondary === 0
        ? {}
        : { secondary_bus_number: `${at.secondary}\n`, subordinate_bus_number: `${at.secondary}\n` }),
    };
    for (const [name, value] of Object.entries(text)) this.share(`${folder}/${name}`, value);
    this.write(`${folder}/uevent`, uevent(address, kind));
    this.write(`${folder}/resource`, `${resource.lines.join('\n')}\n`);
    this.write(`${folder}/config`, config(kind, resource.starts, at.secondary));
    this.link(`/sys/bus/pci/devices/${address}`, folder);
    if (kind.driver !== null) {
      mkdirSync(`${this.root}/sys/bus/pci/drivers/${kind.driver}`, { recursive: true });
      this.link(`${folder}/driver`, `/sys/bus/pci/drivers/${kind.driver}`);
    }
    this.link(`${folder}/subsystem`, '/sys/bus/pci');
    const group = `/sys/kernel/iommu_groups/${this.group++}`;
    mkdirSync(`${this.root}${group}/devices`, { recursive: true });
    this.share(`${group}/type`, 'DMA-FQ\n');
    this.share(`${group}/reserved_regions`, '0x00000000fee00000 0x00000000feefffff msi\n');
    this.link(`${group}/devices/${address}`, folder);
    this.link(`${folder}/iommu_group`, group);
  }

  private resource(kind: Kind): { readonly lines: string[]; readonly starts: readonly bigint[] } {
    const starts: bigint[] = [];
    const lines = kind.bars.map(([size, flags]) => {
      const step = BigInt(size);
      if (size > 0) this.base = ((this.base + step - 1n) / step) * step;
      const io = (flags & 0x100) !== 0;
      const start = io ? 0x5000n : flags === flat ? 0xa0000000n : this.base;
      starts.push(size === 0 ? 0n : start);
      if (!io) this.base += step;
      return line(start, size, flags);
    });
    while (lines.length < 13) lines.push(line0);
    return { lines, starts };
  }

  private share(path: string, value: string): void {
    let source = this.shared.get(value);
    if (source === undefined) {
      source = `${this.root}/.shared/${this.shared.size}`;
      writeFileSync(source, value);
      this.shared.set(value, source);
    }
    linkSync(source, this.root + path);
  }

  private write(path: string, content: string | Uint8Array): void {
    writeFileSync(this.root + path, content);
  }

  private link(path: string, target: string): void {
    symlinkSync(posix.relative(posix.dirname(path), target), this.root + path);
  }
}

/** What every function of a kernel 6.x lists beside the above. */
const constant: Readonly<Record<string, string>> = {
  ari_enabled: '0\n',
  broken_parity_status: '0\n',
  consistent_dma_mask_bits: '64\n',
  current_link_speed: '16.0 GT/s PCIe\n',
  current_link_width: '16\n',
  d3cold_allowed: '1\n',
  dma_mask_bits: '64\n',
  driver_override: '(null)\n',
  enable: '1\n',
  irq: '42\n',
  local_cpulist: '0-31\n',
  local_cpus: 'ffffffff\n',
  max_link_speed: '16.0 GT/s PCIe\n',
  max_link_width: '16\n',
  msi_bus: '1\n',
  power_state: 'D0\n',
  'power/autosuspend_delay_ms': '\n',
  'power/control': 'on\n',
  'power/runtime_active_time': '0\n',
  'power/runtime_status': 'active\n',
  'power/runtime_suspended_time': '0\n',
  'power/wakeup': 'disabled\n',
  remove: '',
  rescan: '',
  reset: '',
};

function uevent(address: string, kind: Kind): string {
  const [id, sub, code] = [kind.id.toUpperCase(), kind.subsystem.toUpperCase(), kind.class.toUpperCase()];
  const modalias = `pci:v0000${id.slice(0, 4)}d0000${id.slice(5)}sv0000${sub.slice(0, 4)}sd0000${sub.slice(5)}bc${code.slice(0, 2)}sc${code.slice(2, 4)}i${code.slice(4)}`;
  const driver = kind.driver === null ? '' : `DRIVER=${kind.driver}\n`;
  return `${driver}PCI_CLASS=${code.replace(/^0/, '')}\nPCI_ID=${id}\nPCI_SUBSYS_ID=${sub}\nPCI_SLOT_NAME=${address}\nMODALIAS=${modalias}\n`;
}

/** 256 bytes of config space with power management, MSI and PCI Express capabilities, so that lspci has its usual work. */
function config(kind: Kind, starts: readonly bigint[], secondary: number): Uint8Array {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt16LE(parseInt(kind.id.slice(0, 4), 16), 0);
  bytes.writeUInt16LE(parseInt(kind.id.slice(5), 16), 2);
  bytes.writeUInt16LE(0x0407, 4);
  bytes.writeUInt16LE(0x0010, 6);
  bytes[8] = parseInt(kind.revision, 16);
  bytes[9] = parseInt(kind.class.slice(4), 16);
  bytes[10] = parseInt(kind.class.slice(2, 4), 16);
  bytes[11] = parseInt(kind.class.slice(0, 2), 16);
  bytes[0x34] = 0x60;
  if (secondary > 0) {
    bytes[0x0e] = 1;
    bytes[0x19] = secondary;
    bytes[0x1a] = secondary;
  } else {
    bytes[0x0e] = 0x80;
    for (const [index, [size, flags]] of kind.bars.entries()) {
      if (size === 0) continue;
      const start = starts[index] ?? 0n;
      bytes.writeUInt32LE(Number((start & 0xfffffff0n) | BigInt(flags & 0xf)), 0x10 + index * 4);
      if (flags === wide) bytes.writeUInt32LE(Number(start >> 32n), 0x14 + index * 4);
    }
    bytes.writeUInt16LE(parseInt(kind.subsystem.slice(0, 4), 16), 0x2c);
    bytes.writeUInt16LE(parseInt(kind.subsystem.slice(5), 16), 0x2e);
  }
  bytes.set([0x01, 0x68, 0x03, 0xc8, 0x08, 0, 0, 0], 0x60);
  bytes.set([0x05, 0x78, 0x80, 0], 0x68);
  bytes.set([0x10, 0, secondary > 0 ? 0x42 : 0x02, 0], 0x78);
  bytes.writeUInt32LE(0x00000104, 0x84);
  bytes.writeUInt16LE(0x0104, 0x8a);
  return bytes;
}
