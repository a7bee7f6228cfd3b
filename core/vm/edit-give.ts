// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmEdit } from '../../contract/vm-domain';
import { failed, ok, type Result } from '../../contract/problem';
import { sourceAddress } from '../read/virsh-domain';
import type { XmlElement } from '../read/xml';
import { attributeOf, childrenOf, find, isElement } from '../read/xml-find';
import { hostFunction } from './host-function';
import { element, type Drawn } from './xml/draw';
import { appended, type Splice } from './xml/splice';

type Give = Extract<VmEdit, { kind: 'give' }>;

/** Adds a card's functions behind the devices given already, in one slot of a root port that nothing uses; a new port where none is free. */
export function giveEdit(source: string, root: XmlElement, edit: Give): Result<readonly Splice[]> {
  const devices = find(root, 'devices');
  if (devices === null) return failed('bad-input', { why: 'virsh-shape' });
  const given = childrenOf(devices, 'hostdev');
  const twice = edit.functions.find((address, at) => given.some((one) => sourceAddress(one) === address) || edit.functions.indexOf(address) !== at);
  if (twice !== undefined) return failed('refused', { why: 'device-twice', address: twice });
  const port = freePort(devices);
  const several = edit.functions.length > 1;
  const rom = edit.rom.kind === 'hidden' ? element('rom', { bar: 'off' }) : edit.rom.kind === 'file' ? element('rom', { bar: 'on', file: edit.rom.path }) : null;
  const drawn = edit.functions.map((address, at) => hostFunction({ source: address, managed: edit.managed, inside: [at === 0 ? rom : null], address: slotOn(port, at, several) }));
  const splices = [appended(source, devices, drawn, given.at(-1))];
  if (port.made === null) return ok(splices);
  return ok([appended(source, devices, [port.made], childrenOf(devices, 'controller').at(-1)), ...splices]);
}

interface Port {
  /** Null on boards without root ports: libvirt then finds the slots. */
  readonly bus: number | null;
  readonly made: Drawn | null;
}

function freePort(devices: XmlElement): Port {
  const controllers = childrenOf(devices, 'controller').filter((one) => attributeOf(one, 'type') === 'pci');
  if (!controllers.some((one) => attributeOf(one, 'model') === 'pcie-root')) return { bus: null, made: null };
  const used = new Set(addressesIn(devices).map((one) => Number(attributeOf(one, 'bus') ?? '0')));
  const ports = controllers.filter((one) => attributeOf(one, 'model') === 'pcie-root-port').map((one) => Number(attributeOf(one, 'index') ?? ''));
  const free = ports.filter((port) => Number.isInteger(port) && !used.has(port));
  if (free.length > 0) return { bus: Math.min(...free), made: null };
  const next = Math.max(0, ...controllers.map((one) => Number(attributeOf(one, 'index') ?? '0')).filter(Number.isInteger)) + 1;
  return { bus: next, made: element('controller', { type: 'pci', index: next, model: 'pcie-root-port' }) };
}

/** Addresses of the guest's devices, not those of the host's that stand inside a source. */
function addressesIn(parent: XmlElement): XmlElement[] {
  return parent.children.filter(isElement).flatMap((one) => (one.name === 'source' ? [] : one.name === 'address' && attributeOf(one, 'type') === 'pci' ? [one] : addressesIn(one)));
}

function slotOn({ bus }: Port, functionNumber: number, several: boolean): Drawn | null {
  if (bus === null) return null;
  const multifunction = several && functionNumber === 0 ? 'on' : undefined;
  return element('address', { type: 'pci', domain: '0x0000', bus: `0x${bus.toString(16).padStart(2, '0')}`, slot: '0x00', function: `0x${functionNumber}`, multifunction });
}
