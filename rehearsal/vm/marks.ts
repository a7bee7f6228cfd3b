// SPDX-License-Identifier: GPL-3.0-or-later
import { childOf, unlink } from '../disk';
import { find, folderAt, linkAt, namesAt, textAt, writeAt } from '../files';
import type { World } from '../world';

/** libvirt's daemon notes below /run what runs: these folders end with the start they were made in. */
export type Kind = 'qemu' | 'network' | 'storage';
const marks: Readonly<Record<Kind, string>> = { qemu: '/run/libvirt/qemu', network: '/run/libvirt/network', storage: '/run/libvirt/storage' };
const definitions: Readonly<Record<Kind, string>> = { qemu: '/etc/libvirt/qemu', network: '/etc/libvirt/qemu/networks', storage: '/etc/libvirt/storage' };

export const definitionPath = (kind: Kind, name: string): string => `${definitions[kind]}/${name}.xml`;

/** Names of what is defined. */
export const defined = ({ disk }: World, kind: Kind): string[] => namesAt(disk, definitions[kind]).filter((name) => name.endsWith('.xml')).map((name) => name.slice(0, -4)).sort();
export const definition = ({ disk }: World, kind: Kind, name: string): string | null => textAt(disk, definitionPath(kind, name));

export function define({ disk }: World, kind: Kind, name: string, text: string): void {
  writeAt(disk, definitionPath(kind, name), text, { mode: 0o600 });
}

export const undefine = ({ disk }: World, kind: Kind, name: string): void => {
  remove(disk, definitions[kind], name);
};

/** What is noted of it while it runs; null: it does not. */
export const runs = (world: World, kind: Kind, name: string): string | null => {
  settle(world);
  return textAt(world.disk, `${marks[kind]}/${name}.xml`);
};

export function setRuns(world: World, kind: Kind, name: string, note: string | null): void {
  settle(world);
  if (note === null) remove(world.disk, marks[kind], name);
  else writeAt(world.disk, `${marks[kind]}/${name}.xml`, note);
}

export const startsItself = ({ disk }: World, kind: 'network' | 'storage', name: string): boolean => find(disk, `${definitions[kind]}/autostart/${name}.xml`) !== null;

/** claim autostart-link */
export function setStartsItself({ disk }: World, kind: 'network' | 'storage', name: string, on: boolean): void {
  const place = `${definitions[kind]}/autostart`;
  remove(disk, place, name);
  if (on) linkAt(disk, `${place}/${name}.xml`, definitionPath(kind, name));
}

function remove(disk: World['disk'], folder: string, name: string): void {
  const parent = folderAt(disk, folder);
  if (childOf(disk, parent, `${name}.xml`) !== null) unlink(disk, parent, `${name}.xml`);
}

const started = new WeakMap<World, number>();

/** After a start nothing runs but what starts by itself (claim autostart-link). */
function settle(world: World): void {
  const before = started.get(world);
  started.set(world, world.starts);
  if (before === world.starts) return;
  for (const kind of ['qemu', 'network', 'storage'] as const) {
    // A machine that is asked for the first time may have been started with VMs running.
    if (before !== undefined || kind !== 'qemu') for (const name of namesAt(world.disk, marks[kind])) if (name.endsWith('.xml')) remove(world.disk, marks[kind], name.slice(0, -4));
    if (kind === 'qemu') continue;
    for (const name of defined(world, kind)) if (startsItself(world, kind, name)) writeAt(world.disk, `${marks[kind]}/${name}.xml`, '<on/>\n');
  }
}
