// SPDX-License-Identifier: GPL-3.0-or-later
import { readXml } from './xml';
import { attributeOf, childrenOf, find } from './xml-find';

/** Where the screen of a running VM is, as libvirt names it. Only this computer's own: a loopback port, or a socket. */
export type ScreenAddress =
  | { readonly kind: 'tcp'; readonly host: '127.0.0.1' | '::1'; readonly port: number; readonly password: string | null }
  | { readonly kind: 'socket'; readonly path: string; readonly password: string | null };

/** What the definition of a running VM says of where it can be seen. */
export interface RunningScreens {
  readonly vnc: ScreenAddress | null;
  readonly spice: boolean;
  /** A serial line that a terminal can be put on. */
  readonly serial: boolean;
  /** The name of the memory shared with the Looking Glass client; null: none. */
  readonly lookingGlass: string | null;
}

/** An address that also listens outside is reached from inside; one that listens outside only is not this computer's own. */
const loopback: Readonly<Record<string, '127.0.0.1' | '::1'>> = { '127.0.0.1': '127.0.0.1', localhost: '127.0.0.1', '0.0.0.0': '127.0.0.1', '::1': '::1', '::': '::1' };

/** Reads `virsh dumpxml` of a running VM; what cannot be read has no screens. */
export function readScreens(xml: string): RunningScreens {
  const document = readXml(xml);
  const devices = document.ok ? find(document.value.root, 'devices') : null;
  if (devices === null) return { vnc: null, spice: false, serial: false, lookingGlass: null };
  const graphics = childrenOf(devices, 'graphics');
  const shared = childrenOf(devices, 'shmem').find((one) => attributeOf(find(one, 'model'), 'type') === 'ivshmem-plain');
  return {
    vnc: graphics.filter((one) => attributeOf(one, 'type') === 'vnc').map(addressOf).find((one) => one !== null) ?? null,
    spice: graphics.some((one) => attributeOf(one, 'type') === 'spice'),
    serial: childrenOf(devices, 'console').length > 0 || childrenOf(devices, 'serial').length > 0,
    lookingGlass: shared === undefined ? null : attributeOf(shared, 'name'),
  };
}

function addressOf(graphics: ReturnType<typeof childrenOf>[number]): ScreenAddress | null {
  const password = attributeOf(graphics, 'passwd');
  const listens = childrenOf(graphics, 'listen');
  const first = (name: string): string | null => listens.map((one) => attributeOf(one, name)).find((one) => one !== null) ?? null;
  const path = attributeOf(graphics, 'socket') ?? first('socket');
  if (path !== null) return isSocketPath(path) ? { kind: 'socket', path, password } : null;
  const port = Number(attributeOf(graphics, 'port') ?? '');
  const named = attributeOf(graphics, 'listen') ?? first('address') ?? '127.0.0.1';
  const host = Object.hasOwn(loopback, named) ? loopback[named] : undefined;
  return host === undefined || !isOpenPort(port) ? null : { kind: 'tcp', host, port, password };
}

/** Absolute, and no longer than the kernel takes (unix(7): 108 bytes with the last zero). */
const isSocketPath = (path: string): boolean => path.startsWith('/') && path.length <= 107 && !path.includes('\0');
const isOpenPort = (port: number): boolean => Number.isInteger(port) && port >= 1024 && port <= 65_535;
