// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmGraphics, VmRecipe } from '../../contract/vm';
import { isWindows, note, type Draft } from './draft';
import { mayUse } from './gates';
import { hostFunction } from './host-function';
import { element, type Drawn } from './xml/draw';

/** Where the picture goes: nothing, a VNC socket, or SPICE. */
export function screens({ recipe }: Draft): Drawn[] {
  const { display, graphics } = recipe;
  const forwarded = graphics.mode === 'virtio-3d';
  const rendernode = graphics.mode === 'virtio-3d' ? (graphics.node ?? undefined) : undefined;
  // Buffers of the host's card, a forwarded picture's or a part's, need OpenGL to be looked at.
  const buffers = forwarded || (graphics.mode === 'mdev' && graphics.picture === 'buffers');
  const gl = buffers ? [element('gl', { enable: 'yes', rendernode })] : [];
  switch (display.kind) {
    case 'none':
      return [];
    case 'vnc':
      return [
        element('graphics', { type: 'vnc', autoport: 'yes', sharePolicy: 'force-shared', passwd: display.password }, [display.password === undefined ? element('listen', { type: 'socket' }) : element('listen', { type: 'address', address: '127.0.0.1' })]),
        // VNC carries pixels only: a second, invisible screen draws them on the card.
        ...(buffers ? [element('graphics', { type: 'egl-headless' }, [element('gl', { rendernode })])] : []),
      ];
    case 'spice':
      // Neither a drawn picture nor an mdev's can leave over the network: the viewer gets a descriptor.
      return forwarded || showsPart(graphics) ? [element('graphics', { type: 'spice', autoport: 'no' }, [element('listen', { type: 'none' }), ...gl])] : [spiceOnLoopback()];
    case 'looking-glass':
      return [spiceOnLoopback()];
    default:
      return display satisfies never;
  }
}

const spiceOnLoopback = (): Drawn =>
  element('graphics', { type: 'spice', autoport: 'yes' }, [
    element('listen', { type: 'address', address: '127.0.0.1' }),
    element('image', { compression: 'off' }),
    element('clipboard', { copypaste: 'yes' }),
    element('filetransfer', { enable: 'no' }),
  ]);

/** The emulated display adapter, or the word that there is none. */
export function adapter(draft: Draft): Drawn {
  const { recipe } = draft;
  const { graphics, display } = recipe;
  if (graphics.mode === 'virtio-3d') return video({ type: 'virtio', heads: 1, primary: 'yes' }, [element('acceleration', { accel3d: 'yes' })]);
  if (display.kind === 'none' || graphics.mode === 'none' || showsPart(graphics)) return video({ type: 'none' });
  // Looking Glass asks for plain VGA, which is also what works on every guest.
  if (graphics.mode === 'vga' || display.kind === 'looking-glass') return video({ type: plainModel(draft), vram: 65_536, heads: 1, primary: 'yes' });
  return isWindows(recipe) ? video({ type: 'bochs', vram: 65_536, heads: 1, primary: 'yes' }) : video({ type: 'virtio', heads: 1, primary: 'yes' });
}

/** A part of a card whose own picture is the guest's. */
const showsPart = (graphics: VmGraphics): boolean => graphics.mode === 'mdev' && graphics.picture !== 'none';

const video = (attributes: Drawn['attributes'], inside: readonly Drawn[] = []): Drawn => element('video', {}, [element('model', attributes, inside)]);

function plainModel(draft: Draft): string {
  const model = ['vga', 'bochs', 'virtio', 'cirrus'].find((one) => mayUse(draft.host.video, one)) ?? 'vga';
  if (model !== 'vga') note(draft, 'video-vga', { model });
  return model;
}

/** The card, or the part of a card, that is given to the guest. */
export function givenGraphics(draft: Draft): Drawn[] {
  const { graphics, display } = draft.recipe;
  switch (graphics.mode) {
    case 'passthrough':
      return givenCard(draft, graphics);
    case 'mdev': {
      const shown = showsPart(graphics) && display.kind !== 'none' ? 'on' : 'off';
      const attributes = { mode: 'subsystem', type: 'mdev', managed: 'no', model: 'vfio-pci', display: shown, ramfb: shown === 'on' ? 'on' : undefined };
      return [element('hostdev', attributes, [element('source', {}, [element('address', { uuid: graphics.uuid })]), draft.ports.take()])];
    }
    case 'sriov': {
      // Nobody drives a VF here, so libvirt may take it; one of NVIDIA's vGPU must stay with its maker's driver.
      const vfio = graphics.driver === 'vfio';
      return [hostFunction({ source: graphics.address, managed: vfio, inside: [vfio ? element('rom', { bar: 'off' }) : null], address: draft.ports.take() })];
    }
    case 'vga':
    case 'virtio-3d':
    case 'none':
      return [];
    default:
      return graphics satisfies never;
  }
}

/**
 * All functions of the card in one slot, as on the board. Never managed: bound at boot (dedicated) or moved by our hook,
 * and where neither has happened libvirt refuses the start and nothing is torn from a driver.
 */
function givenCard(draft: Draft, graphics: Extract<VmGraphics, { mode: 'passthrough' }>): Drawn[] {
  const port = draft.ports.take;
  const [first, ...rest] = graphics.functions;
  if (first === undefined) return [];
  const slot = port(rest.length > 0);
  const own = [
    hostFunction({ source: first, managed: false, inside: [rom(graphics.rom)], address: slot }),
    ...rest.map((source, at) => hostFunction({ source, managed: false, address: inSlot(slot, at + 1) })),
  ];
  return [...own, ...graphics.along.map((source) => hostFunction({ source, managed: false, address: port() }))];
}

const inSlot = (slot: Drawn, functionNumber: number): Drawn => ({ ...slot, attributes: { ...slot.attributes, function: `0x${functionNumber}`, multifunction: undefined } });

function rom(choice: Extract<VmRecipe['graphics'], { mode: 'passthrough' }>['rom']): Drawn {
  return element('rom', choice.kind === 'card' ? { bar: 'on' } : choice.kind === 'hidden' ? { bar: 'off' } : { bar: 'on', file: choice.path });
}
