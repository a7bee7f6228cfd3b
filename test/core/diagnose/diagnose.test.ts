// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vmFailureCodes } from '../../../contract/vm-failure';
import { diagnose } from '../../../core/diagnose/diagnose';
import { libvirtSigns } from '../../../core/diagnose/libvirt-signs';
import { en } from '../../../words/en/all';
import { isKey } from '../../../words/say';
import { zh } from '../../../words/zh/all';

const folder = new URL('../../corpus/logs/', import.meta.url);
const logs = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const { id, emitter, category } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { id: string; emitter: string; category: string };
    return { id, emitter, category, text: readFileSync(new URL(file.replace('.json', '.log'), folder), 'utf8') };
  });

/** What the expert calls the causes that libvirt and QEMU tell. */
const categories: Readonly<Record<string, readonly string[]>> = {
  'group-not-viable': ['group-not-viable'],
  'iommu-off': ['no-iommu'],
  reset: ['device-unreadable'],
  'driver-in-use': ['card-busy'],
  'not-bound': ['vfio-node-missing'],
  permission: ['vfio-permission'],
  memlock: ['memory-lock'],
  'address-width': ['address-width'],
  vgpu: ['vfio-container'],
  'vm-config': ['slot-taken'],
};
const theirs = logs.filter(({ emitter, category }) => /\b(?:qemu|libvirt)\b/.test(emitter) && category in categories);

describe('errors of libvirt and QEMU', () => {
  test.each(theirs)('log $id, $category', ({ category, text }) => {
    expect(categories[category]).toContain(diagnose(text)[0]?.code);
  });

  test('harmless logs and logs of the kernel alone give no cause of a VM that is not theirs', () => {
    for (const { id, text } of logs.filter(({ category }) => ['benign', 'tool-false-positive', 'iommu-fault', 'hardware', 'power-state', 'vmm-bug'].includes(category))) expect(diagnose(text), id).toEqual([]);
  });

  test.each([
    ['error: Failed to start domain\nerror: internal error: process exited while connecting to monitor: 2026-01-01T00:00:00Z qemu-system-x86_64: -device vfio-pci: vfio 0000:01:00.0: group 12 is not viable\nPlease ensure all devices within the iommu_group are bound to their vfio bus driver.', 'group-not-viable', { address: '0000:01:00.0', group: '12' }],
    ["error: Cannot access storage file '/home/me/a b.qcow2' (as uid:64055, gid:108): Permission denied", 'image-permission', { path: '/home/me/a b.qcow2' }],
    ["error: Cannot access storage file '/x.iso': No such file or directory", 'image-missing', { path: '/x.iso' }],
    ["error: Requested operation is not valid: network 'default' is not active", 'network-inactive', { name: 'default' }],
    ['error: Failed to define domain from /tmp/text.xml\nerror: unsupported configuration: 3d acceleration is not supported by this QEMU binary', 'no-3d', {}],
    ["error: Failed to start domain 'x'\nerror: Network not found: no network with matching name 'default'", 'network-missing', { network: 'default' }],
    ['error: Requested operation is not valid: PCI device 0000:01:00.0 is in use by driver QEMU, domain win11', 'device-in-use', { address: '0000:01:00.0', name: 'win11' }],
    ["error: unsupported configuration: Emulator '/usr/bin/qemu-system-x86_64' does not support machine type 'pc-q35-99.9'", 'board-unknown', { name: 'pc-q35-99.9' }],
    ['error: internal error: process exited while connecting to monitor: qemu-system-x86_64: unable to map backing store for guest RAM: Cannot allocate memory', 'no-huge-pages', {}],
    ["error: unsupported configuration: Unable to find 'efi' firmware that is compatible with the current configuration", 'no-firmware', {}],
    ["error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory", 'libvirt-unreachable', {}],
    ["error: authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'", 'not-allowed', {}],
    ["error: operation failed: domain 'win11' already exists with uuid 0df9ed8a-3c1b-4a55-9d38-6ba7f1a4f9c0", 'name-taken', { name: 'win11' }],
    ['error: Unmanaged PCI device 0000:01:00.0 must be manually detached from the host', 'not-detached', { address: '0000:01:00.0' }],
    ['error: Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainCreate)', 'vm-busy', {}],
  ])('%s', (text, code, detail) => {
    expect(diagnose(text)[0]).toEqual({ code, detail });
  });

  test('what nobody knows gives nothing, and no text makes it throw', () => {
    expect(diagnose('error: something new happened')).toEqual([]);
    fc.assert(fc.property(fc.string({ maxLength: 5000, unit: fc.constantFrom('vfio ', '0000:01:00.0', ' ', "'", '\n', 'group ', '(', 'x', 'Cannot access storage file ', 'vfio_dma_map(') }), (text) => Array.isArray(diagnose(text))));
    expect(diagnose("Cannot access storage file '".repeat(100_000))).toEqual([]);
  });

  test('of a text without end only the last 64 KiB are read', () => {
    const sign = 'Unmanaged PCI device 0000:01:00.0 must be manually detached from the host';
    const filling = 'nothing that is known\n'.repeat(4000);
    expect(diagnose(`${filling}${sign}\n`)[0]?.code).toBe('not-detached');
    expect(diagnose(`${sign}\n${filling}`)).toEqual([]);
  });

  test('every sign has a code of the list and every code a sign', () => {
    expect([...new Set(libvirtSigns.map((one) => one.code))].sort()).toEqual([...vmFailureCodes].sort());
  });

  test.each(vmFailureCodes)('%s is said with its cause and what to do, in both languages', (code) => {
    for (const key of [`vm.failure.${code}`, `vm.failure.${code}.next`]) {
      if (!isKey(key)) throw new Error(`no sentence for ${key}`);
      expect(en[key].split(/\s+/).length).toBeLessThanOrEqual(25);
      expect(zh[key]).toMatch(/[\u4e00-\u9fff]/);
    }
  });
});
