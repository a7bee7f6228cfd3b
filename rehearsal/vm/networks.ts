// SPDX-License-Identifier: GPL-3.0-or-later
import { did, plain, refuses, type Call, type Said } from './answer';
import { define, defined, runs, setRuns, setStartsItself, startsItself, undefine } from './marks';

const missing = (name: string): Said => refuses(`failed to get network '${name}'`, `Network not found: no network with matching name '${name}'`);

export const networkCalls: Readonly<Record<string, (call: Call) => Said>> = {
  'net-list': ({ world, words }) =>
    did(
      defined(world, 'network')
        .filter((name) => (words.includes('--all') || runs(world, 'network', name) !== null) && (!words.includes('--autostart') || startsItself(world, 'network', name)))
        .map((name) => `${name}\n`)
        .join(''),
    ),
  'net-define'({ world, text }) {
    const name = /<name>([^<]{1,64})<\/name>/.exec(typeof text === 'string' ? text : '')?.[1];
    if (name === undefined || typeof text !== 'string') return refuses('Failed to define network', 'XML error: name');
    define(world, 'network', name, text);
    return did();
  },
  'net-start'({ world, words }) {
    const [name = ''] = plain(words);
    if (!defined(world, 'network').includes(name)) return missing(name);
    if (runs(world, 'network', name) !== null) return refuses(`Failed to start network ${name}`, 'Requested operation is not valid: network is already active');
    setRuns(world, 'network', name, '<on/>\n');
    return did();
  },
  'net-autostart'({ world, words }) {
    const [name = ''] = plain(words);
    if (!defined(world, 'network').includes(name)) return missing(name);
    setStartsItself(world, 'network', name, !words.includes('--disable'));
    return did();
  },
  'net-destroy'({ world, words }) {
    const [name = ''] = plain(words);
    if (!defined(world, 'network').includes(name)) return missing(name);
    if (runs(world, 'network', name) === null) return refuses(`Failed to destroy network ${name}`, `Requested operation is not valid: network '${name}' is not active`);
    setRuns(world, 'network', name, null);
    return did();
  },
  'net-undefine'({ world, words }) {
    const [name = ''] = plain(words);
    if (!defined(world, 'network').includes(name)) return missing(name);
    undefine(world, 'network', name);
    return did();
  },
};
