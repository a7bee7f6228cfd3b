// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { knownDomain, type KnownDomain } from '../../contract/vm-domain';
import { pciAddress, type PciAddress } from '../../contract/pci';
import { readXml, type XmlElement } from './xml';
import { attributeOf, childrenOf, find, isElement, textOf } from './xml-find';

/** Reads `virsh dumpxml --inactive`. Fails with `bad-input` and `why`: an XmlFault, or `virsh-shape`. */
export function readDomain(xml: string): Result<KnownDomain> {
  const document = readXml(xml);
  if (!document.ok) return document;
  const { root } = document.value;
  if (root.name !== 'domain') return failed('bad-input', { why: 'virsh-shape' });
  const parsed = knownDomain.safeParse({ ...frameOf(root), ...devicesOf(root), kept: keptOf(root) });
  return parsed.success ? ok(parsed.data) : failed('bad-input', { why: 'virsh-shape' });
}

/** The address of a hostdev's source (hex with 0x, or decimal); null when it is no PCI function of this computer. */
export function sourceAddress(hostdev: XmlElement): PciAddress | null {
  const source = find(hostdev, 'source', 'address');
  const part = (name: string, digits: number): string | null => {
    const value = attributeOf(source, name) ?? (name === 'domain' ? '0' : null);
    return value !== null && /^(?:0x[0-9a-f]{1,8}|\d{1,8})$/i.test(value) ? Number(value).toString(16).padStart(digits, '0') : null;
  };
  const parsed = pciAddress.safeParse(`${part('domain', 4) ?? ''}:${part('bus', 2) ?? ''}:${part('slot', 2) ?? ''}.${part('function', 1) ?? ''}`);
  return parsed.success ? parsed.data : null;
}

/** MiB of a `<memory>`: libvirt's default unit is KiB; b, KB, MB, GB and TB are powers of ten, KiB ... and the single letters powers of two. */
export function memoryMiB(element: XmlElement | null): number {
  const unit = attributeOf(element, 'unit') ?? 'KiB';
  const amount = Number(textOf(element).trim());
  const letter = 'kmgt'.indexOf(unit[0]?.toLowerCase() ?? '') + 1;
  const bytes = unit === 'b' || unit === 'bytes' ? 1 : (/B$/.test(unit) && !/iB$/.test(unit) ? 1000 : 1024) ** letter;
  return Number.isFinite(amount) ? (amount * bytes) / 1024 / 1024 : 0;
}

function frameOf(root: XmlElement): Omit<KnownDomain, 'kept' | 'functions' | 'mediated' | 'screens' | 'video' | 'disks' | 'networks' | 'tpm'> {
  const uuid = textOf(find(root, 'uuid')).trim().toLowerCase();
  const os = find(root, 'os');
  const uefi = attributeOf(os, 'firmware') === 'efi' || attributeOf(find(root, 'os', 'loader'), 'type') === 'pflash' || find(root, 'os', 'nvram') !== null;
  const vcpus = Number(textOf(find(root, 'vcpu')).trim() || '1');
  return {
    name: textOf(find(root, 'name')),
    uuid: uuid === '' ? null : uuid,
    ours: find(root, 'metadata')?.children.some((one) => isElement(one) && one.name === 'switchyard:vm') ?? false,
    accelerated: attributeOf(root, 'type') === 'kvm',
    memoryMiB: memoryMiB(find(root, 'memory')),
    vcpus: Number.isInteger(vcpus) && vcpus >= 0 ? vcpus : 0,
    pinned: childrenOf(find(root, 'cputune') ?? root, 'vcpupin').length,
    hugePages: find(root, 'memoryBacking', 'hugepages') !== null,
    firmware: uefi ? 'uefi' : 'bios',
  };
}

type Devices = Pick<KnownDomain, 'functions' | 'mediated' | 'screens' | 'video' | 'disks' | 'networks' | 'tpm'>;

function devicesOf(root: XmlElement): Devices {
  const devices = find(root, 'devices') ?? root;
  const given = [...childrenOf(devices, 'hostdev'), ...childrenOf(devices, 'interface').filter((one) => attributeOf(one, 'type') === 'hostdev')];
  const functions = given.flatMap((one) => {
    const address = attributeOf(one, 'type') === 'mdev' ? null : sourceAddress(one);
    return address === null ? [] : [{ address, managed: attributeOf(one, 'managed') === 'yes', network: one.name === 'interface' }];
  });
  return {
    functions,
    mediated: childrenOf(devices, 'hostdev').flatMap((one) => (attributeOf(one, 'type') === 'mdev' ? [attributeOf(find(one, 'source', 'address'), 'uuid') ?? ''] : [])),
    screens: childrenOf(devices, 'graphics').map((one) => attributeOf(one, 'type') ?? ''),
    video: childrenOf(devices, 'video').map((one) => attributeOf(find(one, 'model'), 'type') ?? ''),
    disks: childrenOf(devices, 'disk').map((one) => {
      const source = find(one, 'source');
      const place = attributeOf(source, 'file') ?? attributeOf(source, 'dev') ?? attributeOf(source, 'name') ?? attributeOf(source, 'volume') ?? '';
      return { place, target: attributeOf(find(one, 'target'), 'dev') ?? '', disc: attributeOf(one, 'device') === 'cdrom' };
    }),
    networks: childrenOf(devices, 'interface').map((one) => {
      const source = find(one, 'source');
      return { kind: attributeOf(one, 'type') ?? '', source: attributeOf(source, 'network') ?? attributeOf(source, 'bridge') ?? attributeOf(source, 'dev') ?? '' };
    }),
    tpm: find(devices, 'tpm') !== null,
  };
}

const understood = new Set(
  'name uuid metadata memory currentMemory memoryBacking memtune vcpu iothreads cputune numatune os features cpu clock on_poweroff on_reboot on_crash pm devices emulator controller disk hostdev interface graphics video tpm sound audio input rng memballoon serial console channel redirdev shmem qemu:commandline title description resource seclabel'.split(
    ' ',
  ),
);

function keptOf(root: XmlElement): string[] {
  const names = [root, find(root, 'devices')].flatMap((parent) => (parent?.children ?? []).filter(isElement).map((one) => one.name));
  return [...new Set(names.filter((one) => !understood.has(one)))];
}
