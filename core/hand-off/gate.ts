// SPDX-License-Identifier: GPL-3.0-or-later
import { handLimits, vmUuid, type ManagedCard } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { failed, ok, type Result } from '../../contract/problem';
import { isPciAddress } from '../read/address';
import { threadsApart } from './apart';
import { readXml, type XmlElement } from '../read/xml';
import { attributeOf, childrenOf, find, textOf } from '../read/xml-find';

/** What the gate needs of a VM's definition, and nothing else of it. */
export interface Domain {
  readonly uuid: string;
  /** Host devices of type pci, in order. */
  readonly devices: readonly PciAddress[];
  /** Threads of the host that it wants for itself while it runs. */
  readonly apart: readonly number[];
}

const mostDevices = 64;

/**
 * Reads the definition libvirt puts on a hook's standard input. `bad-input` or `too-large` for anything that is not
 * exactly such a definition: a start is then refused, because a card might be in the part that could not be read.
 */
export function readDomain(xml: string): Result<Domain> {
  if (xml.length > handLimits.xml) return failed('too-large', { what: 'xml' });
  const document = readXml(xml);
  if (!document.ok) return document;
  const { root } = document.value;
  if (root.name !== 'domain') return bad('root');
  const uuids = childrenOf(root, 'uuid');
  const uuid = vmUuid.safeParse(textOf(uuids[0] ?? null).trim());
  if (uuids.length !== 1 || !uuid.success) return bad('uuid');
  const devices: PciAddress[] = [];
  for (const host of childrenOf(root, 'devices').flatMap((one) => childrenOf(one, 'hostdev'))) {
    if (attributeOf(host, 'type') !== 'pci') continue;
    const address = addressOf(find(host, 'source', 'address'));
    if (address === null || devices.length >= mostDevices) return bad('address');
    if (!devices.includes(address)) devices.push(address);
  }
  return ok({ uuid: uuid.data, devices, apart: threadsApart(root) });
}

const bad = (why: string): Result<never> => failed('bad-input', { why: `domain-${why}` });

/** libvirt prints the four numbers in hex with `0x` (virDomainHostdevDefFormat); anything else is not its own text. */
function addressOf(element: XmlElement | null): PciAddress | null {
  const part = (name: string, digits: number): string | null => {
    const [, hex] = /^0x([0-9a-f]{1,8})$/.exec(attributeOf(element, name) ?? '') ?? [];
    return hex === undefined ? null : hex.replace(/^0+(?=.)/, '').padStart(digits, '0');
  };
  const [domain, bus, slot, fn] = [part('domain', 4), part('bus', 2), part('slot', 2), part('function', 1)];
  const text = `${domain}:${bus}:${slot}.${fn}`;
  return isPciAddress(text) ? text : null;
}

/** Cards of the table of which the VM names a function: it gets the whole card, because parts of one cannot be reset alone. */
export const concerned = (cards: readonly ManagedCard[], domain: Domain): readonly ManagedCard[] =>
  cards.filter((card) => card.functions.some((one) => domain.devices.includes(one.address)));
