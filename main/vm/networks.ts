// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../../contract/problem';
import { readXml, type XmlElement } from '../../core/read/xml';
import { attributeOf, childrenOf, find } from '../../core/read/xml-find';
import { lines, nothing, type Ask } from './ask';
import type { Libvirt } from './libvirt';

export interface Network {
  readonly name: string;
  readonly active: boolean;
  readonly autostart: boolean;
}

/** libvirt's networks, through a connection that only looks. Lists of names alone, because the columns of its tables are no promise. */
export async function listNetworks(ask: Ask): Promise<Result<readonly Network[]>> {
  const all = await ask(['net-list', '--all', '--name']);
  if (!all.ok) return all;
  const [active, autostart] = [await ask(['net-list', '--name']), await ask(['net-list', '--all', '--autostart', '--name'])];
  if (!active.ok) return active;
  if (!autostart.ok) return autostart;
  const [on, own] = [new Set(lines(active.value)), new Set(lines(autostart.value))];
  return ok(lines(all.value).map((name) => ({ name, active: on.has(name), autostart: own.has(name) })));
}

/** What of a network was changed, or is to be. */
export interface NetworkChange {
  readonly name: string;
  readonly define: boolean;
  readonly autostart: boolean;
}

/** Starts it; with a definition where there was none. */
export async function startNetwork(ask: Ask, { name, autostart }: NetworkChange, definition: string | null): Promise<Result<void>> {
  if (definition !== null) {
    const defined = await ask(['net-define'], definition);
    if (!defined.ok) return defined;
  }
  const started = await ask(['net-start', name]);
  return !started.ok || !autostart ? nothing(started) : nothing(await ask(['net-autostart', name]));
}

/** Running VMs that would lose their network with it. */
export async function usersOfNetwork(libvirt: Pick<Libvirt, 'ask' | 'live'>, name: string): Promise<Result<readonly string[]>> {
  const running = await libvirt.ask(['list', '--uuid']);
  if (!running.ok) return running;
  const users: string[] = [];
  for (const uuid of lines(running.value)) {
    const text = await libvirt.live(uuid);
    // What cannot be read may use it.
    const document = text.ok ? readXml(text.value) : null;
    if (document?.ok !== true || usesNetwork(document.value.root, name)) users.push(uuid);
  }
  return ok(users);
}

const usesNetwork = (root: XmlElement, name: string): boolean =>
  childrenOf(find(root, 'devices') ?? root, 'interface').some((one) => attributeOf(find(one, 'source'), 'network') === name);

export async function stopNetwork(ask: Ask, { name, define, autostart }: NetworkChange): Promise<Result<void>> {
  const networks = await listNetworks(ask);
  if (!networks.ok) return networks;
  const now = networks.value.find((one) => one.name === name);
  if (now?.autostart === true && autostart) {
    const quiet = await ask(['net-autostart', name, '--disable']);
    if (!quiet.ok) return quiet;
  }
  if (now?.active === true) {
    const stopped = await ask(['net-destroy', name]);
    if (!stopped.ok) return stopped;
  }
  return now === undefined || !define ? ok(undefined) : nothing(await ask(['net-undefine', name]));
}
