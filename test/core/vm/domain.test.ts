// SPDX-License-Identifier: GPL-3.0-or-later
import { DOMParser } from '@xmldom/xmldom';
import { describe, expect, test } from 'vitest';
import { vmRecipe, type VmRecipe } from '../../../contract/vm';
import type { VmHost } from '../../../contract/vm-host';
import { drawDomain } from '../../../core/vm/domain';
import { readXml, type XmlElement } from '../../../core/read/xml';
import { attributeOf, childrenOf, find, isElement, textOf } from '../../../core/read/xml-find';
import { hostWith, versions } from './hosts';
import { at, kinds, matrix, plain } from './recipes';

const host = hostWith('9.0.0', '7.2.22');
const drawn = (recipe: VmRecipe, on: VmHost = host) => {
  const result = drawDomain(vmRecipe.parse(recipe), on);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  const document = readXml(result.value.xml);
  if (!document.ok) throw new Error(JSON.stringify(document.problem));
  return { xml: result.value.xml, root: document.value.root, notes: result.value.notes.map((one) => one.code) };
};
const kind = (name: string): Partial<VmRecipe> => kinds.find(([one]) => one === name)?.[1] ?? {};
const why = (recipe: VmRecipe, on: VmHost = host): string => {
  const result = drawDomain(recipe, on);
  return result.ok ? 'drawn' : `${result.problem.code} ${result.problem.detail['why'] ?? ''}`;
};
const everywhere = (element: XmlElement): XmlElement[] => [element, ...element.children.filter(isElement).flatMap(everywhere)];

describe('every system in every graphics mode for every version', () => {
  const cases = versions.flatMap(([libvirt, qemu]) => matrix.map(([name, recipe]) => [`${name} on libvirt ${libvirt}`, recipe, hostWith(libvirt, qemu)] as const));

  test.each(cases)('%s is well-formed to two readers, and each root port carries one device', (_name, recipe, on) => {
    const { xml, root } = drawn(recipe, on);
    const errors: string[] = [];
    new DOMParser({ onError: (_level, message) => errors.push(message) }).parseFromString(xml, 'text/xml');
    expect(errors).toEqual([]);
    const ports = new Map<string, string[]>();
    for (const address of everywhere(root).filter((one) => one.name === 'address' && attributeOf(one, 'type') === 'pci' && attributeOf(one, 'bus') !== '0x00')) {
      const [bus, functionNumber] = [attributeOf(address, 'bus') ?? '', attributeOf(address, 'function') ?? ''];
      const parent = everywhere(root).find((one) => one.children.includes(address));
      if (parent?.name !== 'source') ports.set(bus, [...(ports.get(bus) ?? []), functionNumber]);
    }
    const count = childrenOf(find(root, 'devices') ?? root, 'controller').filter((one) => attributeOf(one, 'model') === 'pcie-root-port').length;
    for (const [bus, functions] of ports) {
      expect(Number(bus)).toBeLessThanOrEqual(count);
      expect(new Set(functions).size, bus).toBe(functions.length);
      if (functions.length > 1) expect(functions).toEqual(functions.map((_one, index) => `0x${index}`));
    }
  });

  test.each(versions)('nothing newer than libvirt %s is written for it', (libvirt, qemu) => {
    const words = matrix.map(([, recipe]) => drawn(recipe, hostWith(libvirt, qemu)).xml).join('');
    const since: readonly (readonly [string, number, number])[] = [
      ["mode='immediate' threads=", 8, 2],
      ["<avic state='on'/>", 8, 10],
      ["type='pipewire'", 9, 10],
      ['<xmm_input', 10, 7],
      ["<extended state='on'/>", 11, 0],
    ];
    const [major = 0, minor = 0] = libvirt.split('.').map(Number);
    for (const [word, from, after] of since) expect(words.includes(word), word).toBe(major > from || (major === from && minor >= after));
  });
});

describe('a Windows domain', () => {
  test('gets the secure loader with keys, TPM 2.0 and its machine check by libvirt, without a firmware path', () => {
    const { root, xml } = drawn(plain('windows-11'));
    const features = childrenOf(find(root, 'os', 'firmware') ?? root, 'feature').map((one) => [attributeOf(one, 'name'), attributeOf(one, 'enabled')]);
    expect(features).toEqual([['secure-boot', 'yes'], ['enrolled-keys', 'yes']]);
    expect(attributeOf(find(root, 'os', 'loader'), 'secure')).toBe('yes');
    expect(attributeOf(find(root, 'features', 'smm'), 'state')).toBe('on');
    expect(attributeOf(find(root, 'devices', 'tpm', 'backend'), 'version')).toBe('2.0');
    expect(xml).not.toMatch(/OVMF|nvram/i);
  });

  test('gets only the enlightenments its host offers, and none whose need is missing', () => {
    const without = drawn(plain('windows-11'), hostWith('9.0.0', '7.2.22', { hyperv: ['relaxed', 'vapic', 'synic', 'stimer', 'ipi', 'spinlocks'] }));
    const hyperv = find(without.root, 'features', 'hyperv');
    expect(hyperv?.children.filter(isElement).map((one) => one.name)).toEqual(['relaxed', 'vapic', 'spinlocks']);
    expect(without.notes).toContain('hyperv-partly');
    const none = drawn(plain('windows-11'), hostWith('9.0.0', '7.2.22', { hyperv: [] }));
    expect(find(none.root, 'features', 'hyperv')).toBeNull();
    expect(none.xml).not.toContain('hypervclock');
    expect(none.notes).toContain('hyperv-none');
  });

  test('is told of AVIC only where the kernel has it on', () => {
    expect(drawn(plain('windows-11')).xml).toContain('<avic');
    for (const apicv of [false, null]) expect(drawn(plain('windows-11'), hostWith('9.0.0', '7.2.22', { apicv })).xml).not.toContain('<avic');
  });

  test('does not see the processor\'s virtualisation unless wanted', () => {
    expect(drawn(plain('windows-11')).xml).toContain("policy='disable' name='svm'");
    expect(drawn(plain('windows-11'), { ...host, cpuVendor: 'intel' }).xml).toContain("policy='disable' name='vmx'");
    const nested = drawn(plain('windows-11', { cpu: { ...plain('windows-11').cpu, nested: true } }), { ...host, cpuVendor: 'intel' });
    expect(nested.xml).not.toContain("policy='disable'");
    expect(nested.xml).toContain('<evmcs');
  });

  test('shows a Radeon a vendor id of its own, and nobody else', () => {
    expect(drawn(plain('windows-11', kind('a Radeon on demand'))).xml).toContain('<vendor_id');
    expect(drawn(plain('windows-11', kind('a card set aside at boot'))).xml).not.toContain('<vendor_id');
  });

  test('keeps the battery clock in local time, Linux in UTC', () => {
    expect(attributeOf(find(drawn(plain('windows-10')).root, 'clock'), 'offset')).toBe('localtime');
    expect(attributeOf(find(drawn(plain('linux')).root, 'clock'), 'offset')).toBe('utc');
  });
});

describe('a card', () => {
  const given = drawn(plain('windows-11', kind('a card set aside at boot')));
  const hostdevs = childrenOf(find(given.root, 'devices') ?? given.root, 'hostdev');

  test('keeps its functions in one slot, the first of them marked as several', () => {
    const places = hostdevs.map((one) => find(one, 'address')).map((one) => [attributeOf(one, 'bus'), attributeOf(one, 'function'), attributeOf(one, 'multifunction')]);
    expect(new Set(places.map(([bus]) => bus)).size).toBe(1);
    expect(places.map(([, functionNumber, several]) => [functionNumber, several])).toEqual([['0x0', 'on'], ['0x1', null]]);
  });

  test('is never torn from a driver by libvirt, while a virtual function may be taken', () => {
    expect(hostdevs.map((one) => attributeOf(one, 'managed'))).toEqual(['no', 'no']);
    const vf = childrenOf(find(drawn(plain('windows-11', kind('a virtual function'))).root, 'devices') ?? given.root, 'hostdev');
    expect(vf.map((one) => [attributeOf(one, 'managed'), attributeOf(find(one, 'rom'), 'bar')])).toEqual([['yes', 'off']]);
    const vendor = childrenOf(find(drawn(plain('windows-11', kind('a virtual function of NVIDIA vGPU'))).root, 'devices') ?? given.root, 'hostdev');
    expect(vendor.map((one) => attributeOf(one, 'managed'))).toEqual(['no']);
  });

  test('in parts is shown by what can show it: pixels by every screen, buffers only with OpenGL, nothing by an emulated picture', () => {
    const seen = (name: string) => {
      const { root } = drawn(plain('linux', kind(name)));
      const part = find(root, 'devices', 'hostdev');
      const screens = childrenOf(find(root, 'devices') ?? root, 'graphics').map((one) => attributeOf(one, 'type'));
      return [screens, attributeOf(find(root, 'devices', 'video', 'model'), 'type'), attributeOf(part, 'display'), attributeOf(part, 'ramfb')];
    };
    expect(seen('a mediated device with its picture')).toEqual([['spice'], 'none', 'on', 'on']);
    expect(seen('a mediated device whose picture is buffers, in VNC')).toEqual([['vnc', 'egl-headless'], 'none', 'on', 'on']);
    expect(seen('a mediated device beside an emulated picture')).toEqual([['vnc'], 'virtio', 'off', null]);
    const buffers = plain('linux', kind('a mediated device whose picture is buffers, in VNC'));
    expect(why(buffers, hostWith('9.0.0', '7.2.22', { graphics: ['vnc'] }))).toBe('unsupported-host gl-needs-display');
  });

  test('leaves no emulated adapter and no balloon, and nothing is merged', () => {
    expect(attributeOf(find(given.root, 'devices', 'video', 'model'), 'type')).toBe('none');
    expect(attributeOf(find(given.root, 'devices', 'memballoon'), 'model')).toBe('none');
    expect(find(given.root, 'memoryBacking', 'nosharepages')).not.toBeNull();
    expect(find(given.root, 'memoryBacking', 'locked')).toBeNull();
  });

  test('reads all of its address, also one of a long domain', () => {
    const { root } = drawn(plain('linux', { graphics: { mode: 'passthrough', way: 'dedicated', functions: [at('10000:e1:1f.7')], along: [], rom: { kind: 'hidden' }, vendor: 'other' }, display: { kind: 'none' } }));
    const source = find(root, 'devices', 'hostdev', 'source', 'address');
    expect(['domain', 'bus', 'slot', 'function'].map((name) => attributeOf(source, name))).toEqual(['0x10000', '0xe1', '0x1f', '0x7']);
  });
});

describe('the rest', () => {
  test('pins every virtual CPU, the emulator and the I/O thread', () => {
    const { root } = drawn(plain('linux', kind('a card set aside at boot')));
    const tune = find(root, 'cputune') ?? root;
    expect(childrenOf(tune, 'vcpupin').map((one) => [attributeOf(one, 'vcpu'), attributeOf(one, 'cpuset')])).toEqual([['0', '2'], ['1', '10'], ['2', '3'], ['3', '11']]);
    expect(attributeOf(find(tune, 'emulatorpin'), 'cpuset')).toBe('0,8');
    expect(attributeOf(find(tune, 'iothreadpin'), 'cpuset')).toBe('1,9');
    expect(attributeOf(find(root, 'numatune', 'memory'), 'nodeset')).toBe('0');
    expect(textOf(find(root, 'vcpu'))).toBe('4');
  });

  test('paths with quotes, ampersands and angles come out as they went in', () => {
    const { root } = drawn(plain('linux', kind('block device, whole NVMe and discs')));
    const sources = childrenOf(find(root, 'devices') ?? root, 'disk').map((one) => attributeOf(find(one, 'source'), 'file') ?? attributeOf(find(one, 'source'), 'dev'));
    expect(sources).toEqual(['/dev/disk/by-id/nvme-Example_SSD_1TB', '/data/more disks/a&b <1>.raw', '/iso/system.iso', "/iso/driver's.iso", '/iso/answers.iso']);
  });

  test('without KVM the guest is emulated, and the person is told that it is slow', () => {
    const { root, notes, xml } = drawn(plain('windows-11', kind('without KVM')), hostWith('9.0.0', '7.2.22', { accelerated: false, hyperv: [] }));
    expect(attributeOf(root, 'type')).toBe('qemu');
    expect(notes).toContain('slow');
    expect(xml).not.toMatch(/host-passthrough|<kvm>|hyperv|invtsc|kvmclock/);
  });

  test('without the pipewire audio of newer versions, pipewire is reached through its PulseAudio socket, and said', () => {
    const old = drawn(plain('linux', kind('a Radeon on demand')));
    expect(old.xml).toContain("serverName='unix:/run/user/1000/pulse/native'");
    expect(old.notes).toContain('pipewire-as-pulse');
    expect(drawn(plain('linux', kind('a Radeon on demand')), hostWith('11.3.0', '10.0.13')).xml).toContain("type='pipewire'");
  });

  test('places that QEMU is usually kept from are named, for the system and not for the person alone', () => {
    const home = plain('linux', { disks: [{ kind: 'image', path: '/home/me/a.qcow2', format: 'qcow2', bus: 'virtio', boot: 1 }], networks: [{ kind: 'user', mac: '52:54:00:11:01:01' }] });
    expect(drawn(home).notes).toContain('path-in-home');
    expect(drawn(home, hostWith('9.0.0', '7.2.22', { connection: 'session' })).notes).not.toContain('path-in-home');
    const only = kind('the only card');
    expect(drawn(plain('linux', only)).notes).not.toContain('rom-place');
    const elsewhere = only.graphics?.mode === 'passthrough' ? { ...only.graphics, rom: { kind: 'file' as const, path: '/tmp/gpu.rom' } } : undefined;
    expect(drawn(plain('linux', { ...only, ...(elsewhere === undefined ? {} : { graphics: elsewhere }) })).notes).toContain('rom-place');
  });

  test('the same recipe and host give the same text', () => {
    for (const [, recipe] of matrix) expect(drawn(recipe).xml).toBe(drawn(recipe).xml);
  });
});

describe('refuses', () => {
  const linux = plain('linux');
  const card = kind('a card set aside at boot');
  const cases: readonly (readonly [string, VmRecipe, string, VmHost?])[] = [
    ['an older libvirt than 8.0', linux, 'unsupported-host too-old', hostWith('7.10.0', '6.2.0')],
    ['an older QEMU than 6.2', linux, 'unsupported-host too-old', hostWith('8.0.0', '6.1.0')],
    ['KVM where there is none', linux, 'unsupported-host no-kvm', hostWith('9.0.0', '7.2.0', { accelerated: false })],
    ['UEFI where libvirt finds no firmware', linux, 'unsupported-host no-efi', hostWith('9.0.0', '7.2.0', { efi: false })],
    ['Secure Boot where only the plain build is there', plain('windows-11'), 'unsupported-host no-secure-loader', hostWith('9.0.0', '7.2.0', { secureLoader: false })],
    ['a TPM without swtpm', plain('windows-11'), 'unsupported-host no-tpm', hostWith('9.0.0', '7.2.0', { tpmBackends: ['passthrough'] })],
    ['SPICE where QEMU has none', plain('linux', { display: { kind: 'spice' } }), 'unsupported-host no-spice', hostWith('9.0.0', '7.2.0', { graphics: ['vnc'] })],
    ['a card where VFIO does not work', plain('linux', card), 'unsupported-host no-vfio', hostWith('9.0.0', '7.2.0', { pciBackends: [] })],
    ['a card without administrator rights', plain('linux', card), 'unsupported-host session-no-device', hostWith('9.0.0', '7.2.0', { connection: 'session' })],
    ['a network of libvirt without administrator rights', linux, 'unsupported-host session-no-network', hostWith('9.0.0', '7.2.0', { connection: 'session' })],
    ['the same device twice', plain('linux', { ...card, usb: [{ kind: 'controller', address: at('0000:01:00.1') }] }), 'refused device-twice'],
    ['the same MAC address twice', plain('linux', { networks: [...linux.networks, ...linux.networks] }), 'refused mac-twice'],
    ['the same image twice', plain('linux', { disks: [...linux.disks, ...linux.disks.map((disk) => ({ ...disk, boot: 2 }))] }), 'refused path-twice'],
    ['two first boot devices', plain('linux', { discs: [{ path: '/a.iso', holds: 'system', boot: 1 }] }), 'refused boot-order-twice'],
    ['nothing to start from', plain('linux', { disks: [] }), 'refused no-boot'],
    ['fewer pins than virtual CPUs', plain('linux', { ...card, cpu: { ...linux.cpu, pinning: { vcpus: [1, 2], emulator: [0], io: [0], memory: null } } }), 'refused pins-count'],
    ['one thread for two virtual CPUs', plain('linux', { cpu: { ...linux.cpu, cores: 1, pinning: { vcpus: [1, 1], emulator: [0], io: [0], memory: null } } }), 'refused pins-twice'],
    ['threads apart without a card that is handed over', plain('linux', { cpu: { ...linux.cpu, apart: true } }), 'refused apart-needs-hook'],
    ['a viewer while the only card is away', plain('linux', { ...kind('the only card'), display: { kind: 'vnc' } }), 'refused single-card-display'],
    ['Windows on forwarded graphics', plain('windows-11', { graphics: { mode: 'virtio-3d', node: null } }), 'refused virtio-3d-system'],
    ['an emulated picture without a display', plain('linux', { display: { kind: 'none' } }), 'refused picture-needs-display'],
    ['shared memory that is no power of two', plain('linux', { ...card, display: { kind: 'looking-glass', sizeMiB: 48, through: 'shm' } }), 'refused share-not-power-of-two'],
    ['sound over SPICE without SPICE', plain('linux', { audio: { kind: 'spice' } }), 'refused audio-needs-spice'],
    ['Windows 11 on an old BIOS', plain('windows-11', { firmware: { kind: 'bios' }, tpm: false }), 'refused secure-needs-uefi'],
    ['a TPM on an old BIOS', plain('linux', { firmware: { kind: 'bios' }, tpm: true }), 'refused tpm-needs-uefi'],
    ['a limit below the memory', plain('linux', { memory: { sizeMiB: 4096, pages: 'ordinary', limitMiB: 4096 } }), 'refused limit-too-small'],
    ['gibibyte pages for half a gibibyte', plain('linux', { memory: { sizeMiB: 4608, pages: '1G', limitMiB: null } }), 'refused pages-not-whole'],
  ];
  test.each(cases.map(([name, recipe, expected, on]) => ({ name, recipe, expected, on })))('$name', ({ recipe, expected, on }) => {
    expect(why(vmRecipe.parse(recipe), on)).toBe(expected);
  });

  test.each(['../x', 'a b', 'x;y', 'x\ny', '-x', 'x'.repeat(64), ''])('the name %j', (name) => {
    expect(vmRecipe.safeParse(plain('linux', { name })).success).toBe(false);
  });

  test.each(['relative', '/a\nb', '/a\u0000', '/x'.repeat(600)])('the path %j', (path) => {
    expect(vmRecipe.safeParse(plain('linux', { discs: [{ path, holds: 'other', boot: null }] })).success).toBe(false);
  });
});
