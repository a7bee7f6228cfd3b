// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HostFacts } from '../../../contract/facts';
import type { PciFunction } from '../../../contract/pci';
import { pciAddress } from '../../../contract/pci';
import type { Intent, Place } from '../../../contract/plan';
import { unknownFacts, unknownFunction } from '../../../contract/unknown-facts';
import { placesToLook } from '../../../core/plan/basis';
import { identityOf } from '../../../core/plan/device-set';
import type { PlaceLook, PlacesSeen } from '../../../core/plan/seen';
import { isImage } from '../../../core/step/places';

export const kernel = '6.1.0-18-amd64';
export const olderKernel = '6.1.0-17-amd64';
export const transaction = '0123456789abcdef';
export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
export const fixture = (name: string): string =>
  readFileSync(new URL(`../step/fixtures/${name}`, import.meta.url), 'utf8');
export const grubEnv = (...lines: string[]): string =>
  `# GRUB Environment Block\n${lines.map((line) => `${line}\n`).join('')}`.padEnd(1024, '#');

const fact = <T>(value: T): { value: T; from: string } => ({ value, from: 'test' });

export function fn(address: string, ids: string, klass: string, more: Partial<PciFunction> = {}): PciFunction {
  const [vendor = '', device = '', subsystemVendor = null, subsystemDevice = null] = ids.split(':');
  return {
    ...unknownFunction(pciAddress.parse(address), 'test'),
    vendor,
    device,
    subsystemVendor,
    subsystemDevice,
    class: klass,
    progIf: '00',
    revision: 'a1',
    header: 'endpoint',
    ...more,
  };
}

/** A desktop with an integrated card that lights the screen and an RTX 3080 with its sound function. */
export function facts(): HostFacts {
  const base = unknownFacts('live');
  const functions = [
    fn('0000:00:00.0', '8086:4660', '0600'),
    fn('0000:00:01.0', '8086:460d', '0604', { header: 'bridge', driver: 'pcieport', modules: ['shpchp'] }),
    fn('0000:00:02.0', '8086:4680:1043:8694', '0300', { driver: 'i915', modules: ['i915'], bootVga: true }),
    fn('0000:01:00.0', '10de:2206:1043:87b8', '0300', { driver: 'nouveau', modules: ['nouveau'], bootVga: false }),
    fn('0000:01:00.1', '10de:1aef:1043:87b8', '0403', { driver: 'snd_hda_intel', modules: ['snd_hda_intel'] }),
    fn('0000:02:00.0', '144d:a80a:144d:a801', '0108', { driver: 'nvme', modules: ['nvme'] }),
  ];
  const at = (index: number): PciFunction['address'] => functions[index]!.address;
  const group = (
    id: number,
    ...members: PciFunction['address'][]
  ): NonNullable<HostFacts['iommu']['groups']['value']>[number] => ({ id, members, type: 'DMA', reserved: [] });
  return {
    ...base,
    firmware: { ...base.firmware, mode: fact('uefi' as const) },
    cpu: { ...base.cpu, architecture: fact('x86_64'), vendor: fact('intel' as const) },
    kernel: {
      ...base.kernel,
      release: fact(kernel),
      args: fact(['BOOT_IMAGE=/boot/vmlinuz', 'ro', 'quiet']),
      config: fact({ CONFIG_INTEL_IOMMU_DEFAULT_ON: 'y' }),
      bootloaderType: fact(114),
    },
    iommu: {
      ...base.iommu,
      groups: fact([group(0, at(0)), group(1, at(2)), group(14, at(1), at(3), at(4)), group(15, at(5))]),
      groupsComplete: true,
      table: fact('DMAR' as const),
    },
    pci: { functions, complete: true },
    display: {
      ...base.display,
      connectors: fact([
        { name: 'HDMI-A-1', gpu: at(2), status: 'connected' as const, enabled: true, internal: false },
      ]),
      bootDisplay: fact(at(2)),
    },
    system: {
      ...base.system,
      distribution: fact({ id: 'debian', like: [], version: '12', name: 'Debian GNU/Linux 12' }),
      immutable: fact('no'),
      bootLoader: fact('grub' as const),
      initramfs: fact('initramfs-tools' as const),
      mounts: fact([{ path: '/', kind: 'ext4', source: '/dev/nvme0n1p2', readOnly: false }]),
    },
    machine: { ...base.machine, container: fact('none') },
    virtualisation: { ...base.virtualisation, vfioModules: fact(['vfio_pci']) },
  };
}

export const identities = (from: HostFacts, ...addresses: string[]): Extract<Intent, { kind: 'dedicate' }>['devices'] =>
  addresses.map((address) => identityOf(from.pci.functions.find((candidate) => candidate.address === address)!));

export function dedicate(from = facts(), ...addresses: string[]): Extract<Intent, { kind: 'dedicate' }> {
  const chosen = addresses.length > 0 ? addresses : ['0000:01:00.0', '0000:01:00.1'];
  return { kind: 'dedicate', devices: identities(from, ...chosen), consents: [] };
}

export const texts = (): Record<Place, string | null> => ({
  'grub-default': 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n',
  'grub-config': fixture('debian.cfg'),
  'grub-env': grubEnv(),
  [`default-image:${kernel}`]: 'image 18',
  [`default-image:${olderKernel}`]: 'image 17',
});

/** Places as a look by the rights of others tells them; `closed` ones are 0600, told to root with their text. */
export function seen(
  content = texts(),
  { closed = [], asRoot = false }: { closed?: readonly Place[]; asRoot?: boolean } = {},
): PlacesSeen {
  const look = (place: Place): PlaceLook => {
    const text = content[place] ?? null;
    if (text === null) return { place, state: { kind: 'absent' }, text: null };
    const owner = { mode: closed.includes(place) ? 0o600 : 0o644, uid: 0, gid: 0 };
    if (isImage(place) || closed.includes(place))
      return {
        place,
        state: { kind: 'stat', ...owner, size: text.length, identity: '1:2' },
        text: asRoot && !isImage(place) ? text : null,
      };
    return { place, state: { kind: 'file', ...owner, digest: sha256(text) }, text };
  };
  return {
    kernels: [olderKernel, kernel],
    grubDropIns: true,
    person: { uid: 1000, user: 'user', groups: ['kvm'], there: ['libvirt', 'kvm', 'input'] },
    network: 'off',
    places: placesToLook([olderKernel, kernel], kernel).map(look),
  };
}
