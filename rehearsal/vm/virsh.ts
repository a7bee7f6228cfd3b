// SPDX-License-Identifier: GPL-3.0-or-later
import type { World } from '../world';
import { abilityCalls } from './abilities';
import { refuses, type Call, type Said } from './answer';
import { domainCalls } from './domains';
import { networkCalls } from './networks';
import { poolCalls } from './pools';

const calls: Readonly<Record<string, (call: Call) => Said>> = { ...abilityCalls, ...domainCalls, ...networkCalls, ...poolCalls };

/** What libvirt tells through a connection that only looks (seen on 9.0; what it can do is not among it). */
const toEverybody = ['version', 'list', 'dumpxml', 'domstate', 'domstats', 'net-list', 'pool-list', 'pool-dumpxml', 'vol-dumpxml', 'vol-list'];

/** virsh on a machine of memory: its words as main says them, its answers as libvirt 9.0 gave them; what it was never seen to do it refuses. */
export function virshIn(world: World, words: readonly string[], text: string | Uint8Array | null): Said {
  const rest = words.slice(words[0] === '-q' ? 3 : 2);
  const looks = rest[0] === '-r';
  const [verb = '', ...more] = looks ? rest.slice(1) : rest;
  if (world.kernel === null) return refuses('failed to connect to the hypervisor', "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory");
  const call = Object.hasOwn(calls, verb) ? calls[verb] : undefined;
  if (looks && (!toEverybody.includes(verb) || more.includes('--security-info'))) return refuses('operation forbidden: read only access prevents it');
  return call === undefined ? refuses(`unknown command: '${verb}'`) : call({ world, words: more, text });
}
