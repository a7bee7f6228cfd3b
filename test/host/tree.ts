// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll } from 'vitest';

export type Content = string | Uint8Array | { readonly link: string };

/** A recorded machine on disk: a folder whose files and links are a machine's `/`. */
export interface Tree {
  readonly root: string;
  put(path: string, content: Content): void;
  /** A PCI function with its folder, its link on the bus and (when it has one) its group and driver. */
  function(path: readonly string[], attributes: FunctionAttributes): string;
  /** An efivarfs file: four bytes of attributes and the value. */
  variable(name: string, guid: string, value: Uint8Array): void;
}

export interface FunctionAttributes {
  readonly id: string;
  readonly class: string;
  readonly subsystem?: string;
  readonly driver?: string;
  readonly group?: number;
  readonly bars?: readonly (readonly [start: bigint, size: bigint, flags: number])[];
  readonly files?: Readonly<Record<string, Content>>;
  /** Sleeps: runtime suspended in D3cold. */
  readonly asleep?: boolean;
  readonly pcie?: boolean;
}

const planted: string[] = [];
afterAll(() => {
  for (const root of planted.splice(0)) rmSync(root, { recursive: true, force: true });
});

export function plantTree(): Tree {
  const root = mkdtempSync(join(tmpdir(), 'switchyard-tree-'));
  planted.push(root);
  const put = (path: string, content: Content): void => {
    const place = root + path;
    mkdirSync(dirname(place), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(place, content);
    else symlinkSync(content.link, place);
  };
  const tree: Tree = {
    root,
    put,
    function: (path, attributes) => plantFunction(put, path, attributes),
    variable: (name, guid, value) =>
      put(`/sys/firmware/efi/efivars/${name}-${guid}`, Buffer.concat([Buffer.from([7, 0, 0, 0]), value])),
  };
  put('/sys/kernel/.keep', '');
  put('/sys/class/.keep', '');
  put('/sys/bus/.keep', '');
  return tree;
}

function plantFunction(put: Tree['put'], path: readonly string[], it: FunctionAttributes): string {
  const address = path.at(-1) ?? '';
  const folder = `/sys/devices/${path.join('/')}`;
  const bus = '/sys/bus/pci/devices';
  const text = attributesOf(address, it);
  for (const [name, value] of Object.entries(text))
    if (it.files?.[name] === undefined) put(`${folder}/${name}`, `${value}\n`);
  put(`${folder}/config`, Buffer.alloc(64));
  for (const [name, value] of Object.entries(it.files ?? {})) put(`${folder}/${name}`, value);
  put(`${bus}/${address}`, { link: posix.relative(bus, folder) });
  if (it.driver !== undefined)
    put(`${folder}/driver`, { link: posix.relative(folder, `/sys/bus/pci/drivers/${it.driver}`) });
  if (it.group !== undefined) {
    const group = `/sys/kernel/iommu_groups/${it.group}`;
    put(`${folder}/iommu_group`, { link: posix.relative(folder, group) });
    put(`${group}/devices/${address}`, { link: posix.relative(`${group}/devices`, folder) });
    try {
      put(`${group}/type`, 'DMA-FQ\n');
      put(`${group}/reserved_regions`, '0x00000000fee00000 0x00000000feefffff msi\n');
    } catch {
      // a second member of the same group
    }
  }
  return folder;
}

function attributesOf(address: string, it: FunctionAttributes): Record<string, string> {
  const [vendor = '', device = ''] = it.id.split(':');
  const [subVendor = '0000', subDevice = '0000'] = (it.subsystem ?? '').split(':');
  return {
    vendor: `0x${vendor}`,
    device: `0x${device}`,
    subsystem_vendor: `0x${subVendor || '0000'}`,
    subsystem_device: `0x${subDevice}`,
    class: `0x${it.class}`,
    revision: '0xa1',
    numa_node: '-1',
    driver_override: '(null)',
    power_state: it.asleep === true ? 'D3cold' : 'D0',
    'power/runtime_status': it.asleep === true ? 'suspended' : 'active',
    'power/control': it.asleep === true ? 'auto' : 'on',
    d3cold_allowed: '1',
    resource: resourceText(it.bars ?? []),
    uevent: ueventText(address, it),
    ...(it.pcie === false
      ? {}
      : {
          current_link_speed: '16.0 GT/s PCIe',
          current_link_width: '16',
          max_link_speed: '16.0 GT/s PCIe',
          max_link_width: '16',
        }),
  };
}

function ueventText(address: string, it: FunctionAttributes): string {
  const [vendor = '', device = ''] = it.id.toUpperCase().split(':');
  const [subVendor = '0000', subDevice = '0000'] = (it.subsystem ?? '0000:0000').toUpperCase().split(':');
  const code = it.class.toUpperCase();
  const modalias = `pci:v0000${vendor}d0000${device}sv0000${subVendor}sd0000${subDevice}bc${code.slice(0, 2)}sc${code.slice(2, 4)}i${code.slice(4)}`;
  return [
    ...(it.driver === undefined ? [] : [`DRIVER=${it.driver}`]),
    `PCI_CLASS=${code.replace(/^0/, '')}`,
    `PCI_ID=${vendor}:${device}`,
    `PCI_SUBSYS_ID=${subVendor}:${subDevice}`,
    `PCI_SLOT_NAME=${address}`,
    `MODALIAS=${modalias}`,
  ].join('\n');
}

const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;
const empty = `${hex(0n)} ${hex(0n)} ${hex(0n)}`;

function resourceText(bars: NonNullable<FunctionAttributes['bars']>): string {
  const lines = bars.map(([start, size, flags]) =>
    size === 0n ? empty : `${hex(start)} ${hex(start + size - 1n)} ${hex(BigInt(flags))}`,
  );
  while (lines.length < 13) lines.push(empty);
  return lines.join('\n');
}

export const wide = (text: string): Uint8Array => Buffer.from(`${text}\0`, 'utf16le');

/** An EFI_LOAD_OPTION with one hard-disk-less file path node. */
export function loadOption(description: string, file: string): Uint8Array {
  const path = wide(file);
  const node = Buffer.alloc(4 + path.length);
  node[0] = 4;
  node[1] = 4;
  node.writeUInt16LE(node.length, 2);
  node.set(path, 4);
  const end = Buffer.from([0x7f, 0xff, 4, 0]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(1, 0);
  head.writeUInt16LE(node.length + end.length, 4);
  return Buffer.concat([head, wide(description), node, end]);
}

/** struct boot_params with a firmware framebuffer. */
export function bootParams(kind: number, framebuffer: bigint, loader = 0x72): Uint8Array {
  const bytes = Buffer.alloc(4096);
  bytes[0x0f] = kind;
  bytes.writeUInt32LE(Number(framebuffer & 0xffffffffn), 0x18);
  bytes.writeUInt32LE(framebuffer > 0xffffffffn ? 2 : 0, 0x36);
  bytes.writeUInt32LE(Number(framebuffer >> 32n), 0x3a);
  bytes[0x1ec] = 2;
  bytes[0x210] = loader;
  return bytes;
}
