// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmNetwork } from '../../contract/vm';
import { hasSpice, isWindows, note, pinsMemory, type Draft } from './draft';
import { knows } from './gates';
import { addressParts, hostFunction } from './host-function';
import { element, worded, type Drawn } from './xml/draw';

export const networks = (draft: Draft): Drawn[] => draft.recipe.networks.map((network) => networkCard(draft, network));

function networkCard({ ports }: Draft, network: VmNetwork): Drawn {
  const mac = element('mac', { address: network.mac });
  const model = element('model', { type: 'virtio' });
  switch (network.kind) {
    case 'nat':
      return element('interface', { type: 'network' }, [mac, element('source', { network: network.network }), model, ports.take()]);
    case 'bridge':
      return element('interface', { type: 'bridge' }, [mac, element('source', { bridge: network.bridge }), model, ports.take()]);
    case 'direct':
      return element('interface', { type: 'direct' }, [mac, element('source', { dev: network.parent, mode: 'bridge' }), model, ports.take()]);
    case 'user':
      return element('interface', { type: 'user' }, [mac, model, ports.take()]);
    case 'function':
      // As an interface and not as a plain device: only so does libvirt set its address and VLAN.
      return element('interface', { type: 'hostdev', managed: 'yes' }, [
        mac,
        element('source', {}, [element('address', { type: 'pci', ...addressParts(network.address) })]),
        network.vlan === null ? null : element('vlan', {}, [element('tag', { id: network.vlan })]),
        ports.take(),
      ]);
    default:
      return network satisfies never;
  }
}

/** Channels and consoles between guest and computer. */
export function channels(draft: Draft): Drawn[] {
  const { recipe, ports } = draft;
  const serial = [element('serial', { type: 'pty' }, [element('target', { type: 'isa-serial', port: 0 })]), element('console', { type: 'pty' }, [element('target', { type: 'serial', port: 0 })])];
  const channel = (type: string, name: string, port: number): Drawn =>
    element('channel', { type }, [element('target', { type: 'virtio', name }), element('address', { type: 'virtio-serial', controller: 0, bus: 0, port })]);
  const agent = recipe.agent ? [channel('unix', 'org.qemu.guest_agent.0', 1)] : [];
  const spice = hasSpice(recipe) ? [channel('spicevmc', 'com.redhat.spice.0', 2)] : [];
  const carrier = agent.length + spice.length > 0 ? [element('controller', { type: 'virtio-serial', index: 0 }, [ports.take()])] : [];
  return [...carrier, ...(isWindows(recipe) ? [] : serial), ...agent, ...spice];
}

/** Keyboard and mouse. PS/2 is always there as a last resort: firmware and Setup know it. */
export function inputs({ recipe, ports }: Draft): Drawn[] {
  const { input, display } = recipe;
  if (input.kind === 'emulated') {
    // An absolute pointer follows the mouse in a window; Looking Glass moves a relative one.
    if (display.kind === 'none') return [];
    return display.kind === 'looking-glass' ? [element('input', { type: 'mouse', bus: 'ps2' }), element('input', { type: 'keyboard', bus: 'ps2' })] : [element('input', { type: 'tablet', bus: 'usb' })];
  }
  const lent = [...input.keyboards, ...input.mice].map((dev, at) =>
    element('input', { type: 'evdev' }, [
      element('source', at === 0 ? { dev, grab: 'all', grabToggle: input.toggle, repeat: 'on' } : { dev, repeat: at < input.keyboards.length ? 'on' : undefined }),
    ]),
  );
  return [...lent, element('input', { type: 'mouse', bus: 'virtio' }, [ports.take()]), element('input', { type: 'keyboard', bus: 'virtio' }, [ports.take()])];
}

/** The guest's sound, in microseconds of buffer where it has one. */
export function audio(draft: Draft): Drawn[] {
  const { recipe, host } = draft;
  const buffered = [element('input', { latency: 20_000 }), element('output', { latency: 20_000 })];
  const card = element('sound', { model: 'ich9' }, [element('audio', { id: 1 })]);
  const pulse = (socket: string): Drawn[] => [card, element('audio', { id: 1, type: 'pulseaudio', serverName: `unix:${socket}` }, buffered)];
  switch (recipe.audio.kind) {
    case 'none':
      return [element('audio', { id: 1, type: 'none' })];
    case 'spice':
      return [card, element('audio', { id: 1, type: 'spice' })];
    case 'pulseaudio':
      return pulse(recipe.audio.socket);
    case 'pipewire': {
      if (knows(host, 'audio-pipewire')) return [card, element('audio', { id: 1, type: 'pipewire', runtimeDir: recipe.audio.runtimeDir }, buffered)];
      note(draft, 'pipewire-as-pulse');
      return pulse(`${recipe.audio.runtimeDir}/pulse/native`);
    }
    default:
      return recipe.audio satisfies never;
  }
}

/** USB: one controller of the guest's own, and what is given from this computer. A missing device does not stop the start. */
export function usb({ recipe, ports }: Draft): Drawn[] {
  const own = element('controller', { type: 'usb', index: 0, model: 'qemu-xhci', ports: 15 }, [ports.take()]);
  const redirected = hasSpice(recipe) ? [element('redirdev', { bus: 'usb', type: 'spicevmc' }), element('redirdev', { bus: 'usb', type: 'spicevmc' })] : [];
  const given = recipe.usb.map((one) =>
    one.kind === 'controller'
      ? hostFunction({ source: one.address, managed: true, address: ports.take() })
      : element('hostdev', { mode: 'subsystem', type: 'usb', managed: 'yes' }, [
          element('source', { startupPolicy: 'optional' }, [element('vendor', { id: `0x${one.vendor}` }), element('product', { id: `0x${one.product}` })]),
        ]),
  );
  return [own, ...given, ...redirected];
}

/** The rest of the board: TPM, random numbers, shared memory for Looking Glass, the balloon. */
export function boardDevices(draft: Draft): Drawn[] {
  const { recipe, ports } = draft;
  const pinned = pinsMemory(recipe);
  const shared = recipe.display.kind === 'looking-glass' && recipe.display.through === 'shm' ? recipe.display.sizeMiB : null;
  if (pinned) note(draft, 'balloon-off');
  return [
    ...(recipe.tpm ? [element('tpm', { model: 'tpm-crb' }, [element('backend', { type: 'emulator', version: '2.0' })])] : []),
    ...(shared === null ? [] : [element('shmem', { name: 'looking-glass' }, [element('model', { type: 'ivshmem-plain' }), worded('size', shared, { unit: 'M' }), ports.take()])]),
    element('rng', { model: 'virtio' }, [worded('backend', '/dev/urandom', { model: 'random' }), ports.take()]),
    // Memory that a device may write to cannot be taken back.
    pinned || recipe.display.kind === 'looking-glass' ? element('memballoon', { model: 'none' }) : element('memballoon', { model: 'virtio' }, [element('stats', { period: 5 }), ports.take()]),
  ];
}
