// SPDX-License-Identifier: GPL-3.0-or-later
import { pciAddress, pciFunction, type PciFunction } from '../../contract/pci';
import { unknownFacts, unknownFunction } from '../../contract/unknown-facts';
import type { HostFacts } from '../../contract/facts';

/** A function with only what a test cares about. */
export function fn(address: string, ids: string, kind: string, more: Partial<PciFunction> = {}): PciFunction {
  const [vendor, device] = ids.split(':');
  return pciFunction.parse({
    ...unknownFunction(pciAddress.parse(address), 'test'),
    vendor,
    device,
    class: kind,
    progIf: '00',
    revision: '01',
    header: kind === '0604' ? 'bridge' : 'endpoint',
    ...more,
  });
}

/** Two cards behind root ports, one of them with sound, and a network card: every situation the claims speak of. */
export function sampleFacts(): HostFacts {
  const functions = [
    fn('0000:00:00.0', '1022:14d8', '0600'),
    fn('0000:00:01.0', '1022:14db', '0604', { driver: 'pcieport' }),
    fn('0000:00:02.0', '1022:14db', '0604', { driver: 'pcieport' }),
    fn('0000:01:00.0', '10de:2206', '0300', { driver: 'nouveau', modules: ['nouveau'], bootVga: false, upstream: ['0000:00:01.0' as never] }),
    fn('0000:01:00.1', '10de:1aef', '0403', { driver: 'snd_hda_intel', modules: ['snd_hda_intel'], upstream: ['0000:00:01.0' as never] }),
    fn('0000:02:00.0', '1002:164e', '0300', { driver: 'amdgpu', modules: ['amdgpu'], bootVga: true, upstream: ['0000:00:02.0' as never] }),
    fn('0000:03:00.0', '8086:15f3', '0200', { driver: 'igc', modules: ['igc'] }),
  ];
  const base = unknownFacts('machine-file');
  const group = (id: number, ...members: string[]) => ({ id, members: members as never, type: null, reserved: [] });
  return {
    ...base,
    cpu: { ...base.cpu, vendor: { value: 'amd', from: 'test' } },
    pci: { functions, complete: true },
    iommu: { ...base.iommu, groupsComplete: true, groups: { value: [group(0, '0000:00:00.0'), group(1, '0000:00:01.0'), group(2, '0000:00:02.0'), group(3, '0000:01:00.0', '0000:01:00.1'), group(4, '0000:02:00.0'), group(5, '0000:03:00.0')], from: 'test' } },
  };
}
