// SPDX-License-Identifier: GPL-3.0-or-later
import { pciAddress } from '../../../contract/pci';
import { guestSystems, type GuestSystem, type VmGraphics, type VmRecipe } from '../../../contract/vm';

export const at = (address: string) => pciAddress.parse(address);

const card = [at('0000:01:00.0'), at('0000:01:00.1')];
const passed = (way: 'dedicated' | 'on-demand' | 'single-card', vendor: 'nvidia' | 'amd' = 'nvidia'): VmGraphics => ({ mode: 'passthrough', way, functions: card, along: [], rom: { kind: 'card' }, vendor });

/** A plain VM of a system: what the draft for a person without wishes would be. */
export function plain(system: GuestSystem, change: Partial<VmRecipe> = {}): VmRecipe {
  const windows = system.startsWith('windows');
  return {
    schema: 1,
    name: `vm-${system}`,
    uuid: '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1101',
    system,
    firmware: { kind: 'uefi', secureBoot: windows ? 'enforced' : 'off' },
    tpm: windows,
    cpu: { accelerated: true, cores: 4, threads: 2, pinning: null, nested: false, hideHypervisor: false, share: 'normal', capPercent: null },
    memory: { sizeMiB: 8192, pages: 'ordinary', limitMiB: null },
    disks: [{ kind: 'image', path: `/var/lib/libvirt/images/${system}.qcow2`, format: 'qcow2', bus: 'virtio', boot: 1 }],
    discs: [],
    networks: [{ kind: 'nat', network: 'default', mac: '52:54:00:11:01:01' }],
    audio: { kind: 'none' },
    input: { kind: 'emulated' },
    usb: [],
    display: { kind: 'vnc' },
    graphics: { mode: 'vga' },
    windowMiB: null,
    agent: true,
    ...change,
  };
}

const evdev: VmRecipe['input'] = { kind: 'evdev', keyboards: ['/dev/input/by-id/usb-Example_Keyboard-event-kbd'], mice: ['/dev/input/by-id/usb-Example_Mouse-event-mouse'], toggle: 'ctrl-ctrl' };
const pinned: VmRecipe['cpu'] = {
  accelerated: true,
  cores: 2,
  threads: 2,
  pinning: { vcpus: [2, 10, 3, 11], emulator: [0, 8], io: [1, 9], memory: { node: 0, mode: 'strict' } },
  nested: false,
  hideHypervisor: false,
  share: 'high',
  capPercent: null,
};

/** Every graphics mode, and every other choice at least once, as changes to a plain VM. */
export const kinds: readonly (readonly [string, Partial<VmRecipe>])[] = [
  ['vga', {}],
  ['vga seen in the window', { display: { kind: 'vnc', password: 'aB3dEf9h' } }],
  ['vga over SPICE with sound', { display: { kind: 'spice' }, audio: { kind: 'spice' } }],
  ['virtio-gpu with 3D over VNC', { graphics: { mode: 'virtio-3d', node: '/dev/dri/renderD128' } }],
  ['virtio-gpu with 3D over SPICE', { graphics: { mode: 'virtio-3d', node: null }, display: { kind: 'spice' } }],
  ['a card set aside at boot', { graphics: passed('dedicated'), display: { kind: 'none' }, input: evdev, cpu: pinned, memory: { sizeMiB: 16_384, pages: '2M', limitMiB: null }, audio: { kind: 'pulseaudio', socket: '/run/user/1000/pulse/native' } }],
  ['a Radeon on demand', { graphics: passed('on-demand', 'amd'), display: { kind: 'none' }, input: evdev, audio: { kind: 'pipewire', runtimeDir: '/run/user/1000' } }],
  [
    'the only card',
    {
      graphics: { mode: 'passthrough', way: 'single-card', functions: card, along: [at('0000:01:00.2')], rom: { kind: 'file', path: '/usr/share/vgabios/gpu.rom' }, vendor: 'nvidia' },
      display: { kind: 'none' },
      usb: [
        { kind: 'controller', address: at('0000:0c:00.3') },
        { kind: 'device', vendor: '046d', product: 'c52b' },
      ],
    },
  ],
  ['a card through Looking Glass in shared memory', { graphics: passed('dedicated'), display: { kind: 'looking-glass', sizeMiB: 64, through: 'shm' }, audio: { kind: 'spice' } }],
  ['a card through Looking Glass with its module', { graphics: passed('dedicated'), display: { kind: 'looking-glass', sizeMiB: 128, through: 'kvmfr' } }],
  ['a card with a hidden hypervisor and a wide window', { graphics: passed('dedicated'), display: { kind: 'vnc' }, cpu: { ...pinned, hideHypervisor: true }, windowMiB: 131_072, memory: { sizeMiB: 16_384, pages: '1G', limitMiB: 20_480 } }],
  ['a mediated device with its picture', { graphics: { mode: 'mdev', uuid: 'c2177883-f1bb-47f0-914d-32a22e3a8804', picture: 'pixels' }, display: { kind: 'spice' } }],
  ['a mediated device whose picture is buffers, in VNC', { graphics: { mode: 'mdev', uuid: 'c2177883-f1bb-47f0-914d-32a22e3a8804', picture: 'buffers' }, display: { kind: 'vnc' } }],
  ['a mediated device beside an emulated picture', { graphics: { mode: 'mdev', uuid: 'c2177883-f1bb-47f0-914d-32a22e3a8804', picture: 'none' }, display: { kind: 'vnc' } }],
  ['a mediated device without a picture', { graphics: { mode: 'mdev', uuid: 'c2177883-f1bb-47f0-914d-32a22e3a8804', picture: 'none' }, display: { kind: 'none' } }],
  ['a virtual function', { graphics: { mode: 'sriov', address: at('0000:00:02.1'), driver: 'vfio' } }],
  ['a virtual function of NVIDIA vGPU', { graphics: { mode: 'sriov', address: at('0000:3d:00.4'), driver: 'vendor' } }],
  ['no graphics at all', { graphics: { mode: 'none' }, display: { kind: 'none' } }],
  [
    'block device, whole NVMe and discs',
    {
      disks: [
        { kind: 'block', path: '/dev/disk/by-id/nvme-Example_SSD_1TB', bus: 'virtio', boot: 2 },
        { kind: 'image', path: '/data/more disks/a&b <1>.raw', format: 'raw', bus: 'sata', boot: null },
        { kind: 'function', address: at('0000:02:00.0'), boot: 3 },
      ],
      discs: [
        { path: '/iso/system.iso', holds: 'system', boot: 1 },
        { path: "/iso/driver's.iso", holds: 'drivers', boot: null },
        { path: '/iso/answers.iso', holds: 'answers', boot: null },
      ],
    },
  ],
  [
    'every kind of network',
    {
      networks: [
        { kind: 'nat', network: 'default', mac: '52:54:00:11:01:01' },
        { kind: 'bridge', bridge: 'br0', mac: '52:54:00:11:01:02' },
        { kind: 'direct', parent: 'enp3s0', mac: '52:54:00:11:01:03' },
        { kind: 'function', address: at('0000:41:02.3'), vlan: 42, mac: '52:54:00:11:01:04' },
      ],
    },
  ],
  ['limits', { cpu: { ...pinned, pinning: null, share: 'low', capPercent: 50, nested: true }, memory: { sizeMiB: 4096, pages: 'ordinary', limitMiB: 6144 } }],
  ['without KVM', { cpu: { ...pinned, pinning: null, accelerated: false, share: 'normal' } }],
];

/** Every system times every kind, without the pairs that contradict themselves. */
export const matrix: readonly (readonly [string, VmRecipe])[] = guestSystems.flatMap((system) =>
  kinds
    .filter(([, change]) => !(change.graphics?.mode === 'virtio-3d' && system.startsWith('windows')))
    .map(([name, change]) => [`${system}: ${name}`, plain(system, change)] as const),
);
