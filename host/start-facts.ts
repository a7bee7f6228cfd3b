// SPDX-License-Identifier: GPL-3.0-or-later
import type { StartFacts } from '../contract/trial';
import { readName } from '../core/read/sysfs/clean';
import { functionOf, lookAtConnectors, lookAtCards } from './display';
import { line } from './fact';
import type { Machine } from './machine';

/** Looks at what this start gives to the person: lit screens, network, ways to log in, failed units. Reads only; wakes nothing. */
export function lookAtStart(machine: Machine): StartFacts {
  return { screens: lookAtScreens(machine), network: lookAtNetwork(machine), login: lookAtLogin(machine), failedUnits: lookAtFailed(machine) };
}

/** Connectors with `enabled`: a picture is being sent (host.md 1.5.3). A driver without connectors says nothing, and is not taken for dark. */
export function lookAtScreens(machine: Machine): StartFacts['screens'] {
  const found = lookAtConnectors(machine, lookAtCards(machine)).value;
  if (found === null) return null;
  return found.filter((one) => one.enabled === true).map(({ name, gpu }) => ({ name, gpu }));
}

const net = '/sys/class/net';

/** Interfaces with a device behind them; bridges, tunnels and lo lie under /sys/devices/virtual. */
export function lookAtNetwork(machine: Machine): StartFacts['network'] {
  const names = machine.names(net);
  if (names.at !== 'is') return null;
  const links = names.value
    .slice(0, 1024)
    .filter((name) => isPhysical(machine, name) && isUp(machine, name))
    .map((name) => ({ name: readName(name, 64), device: functionOf(machine, `${net}/${name}/device`) }));
  const route = hasRoute(machine);
  return route === null ? null : { route, links: links.slice(0, 256) };
}

function isPhysical(machine: Machine, name: string): boolean {
  const real = machine.real(`${net}/${name}`);
  return real.at === 'is' && !real.value.includes('/devices/virtual/');
}

/** RFC 2863 operstate; a driver that does not keep it says `unknown`, and then the carrier counts. */
function isUp(machine: Machine, name: string): boolean {
  const state = line(machine, `${net}/${name}/operstate`);
  return state === 'up' || (state === 'unknown' && line(machine, `${net}/${name}/carrier`) === '1');
}

const noNetwork = '0'.repeat(32);
/** RTF_REJECT: a route that says no (linux/route.h, linux/ipv6_route.h). */
const reject = 0x0200;

/** A default route of either kind, not over lo (proc(5): net/route, net/ipv6_route). */
function hasRoute(machine: Machine): boolean | null {
  const four = machine.text('/proc/net/route');
  const six = machine.text('/proc/net/ipv6_route');
  if (four.at !== 'is' && six.at !== 'is') return null;
  const lines = (look: typeof four): readonly (readonly string[])[] => (look.at === 'is' ? look.value.split('\n').map((text) => text.trim().split(/\s+/)) : []);
  const byFour = lines(four).some(([device, to, , flags, , , , mask]) => device !== 'lo' && to === '00000000' && mask === '00000000' && !isRejecting(flags));
  return byFour || lines(six).some((words) => words[0] === noNetwork && words[1] === '00' && words[9] !== 'lo' && !isRejecting(words[8]));
}

const isRejecting = (flags: string | undefined): boolean => (Number.parseInt(flags ?? '', 16) & reject) !== 0;

const sessions = '/run/systemd/sessions';
/** Where the control groups of services are: unified, or in the hybrid layout. */
const groups = ['/sys/fs/cgroup/system.slice', '/sys/fs/cgroup/systemd/system.slice'];

/** Ways in: what logind keeps notes of, gettys that wait, an ssh server that runs or whose port is open. */
function lookAtLogin(machine: Machine): StartFacts['login'] {
  const notes = machine.names(sessions);
  const folder = groups.find((path) => machine.names(path).at === 'is');
  if (notes.at !== 'is' && folder === undefined) return null;
  const open = (notes.at === 'is' ? notes.value : []).slice(0, 256).flatMap((name) => sessionIn(machine, `${sessions}/${name}`));
  const services = folder === undefined ? [] : runningServices(machine, folder);
  return {
    graphical: open.some(({ type, remote }) => !remote && (type === 'wayland' || type === 'x11' || type === 'mir')),
    console: open.some(({ type, remote }) => !remote && type === 'tty') || services.some((name) => /^(?:serial-|console-)?getty@?.*\.service$/.test(name)),
    remote: open.some(({ remote }) => remote) || services.some((name) => /^sshd?\.service$/.test(name)) || isListening(machine, 22) === true,
  };
}

/** A session that is not on its way out: a person's, or the greeter's that waits for one. */
function sessionIn(machine: Machine, path: string): readonly { readonly type: string; readonly remote: boolean }[] {
  const note = machine.text(path, 65_536);
  if (note.at !== 'is') return [];
  const field = (key: string): string => new RegExp(`^${key}=(\\S*)$`, 'm').exec(note.value)?.[1] ?? '';
  const counts = /^(?:user|greeter)/.test(field('CLASS')) && field('STATE') !== 'closing';
  return counts ? [{ type: field('TYPE'), remote: field('REMOTE') === '1' }] : [];
}

/** Services with a process, those of template slices (getty) included. */
function runningServices(machine: Machine, folder: string): readonly string[] {
  const inside = (path: string): readonly string[] => {
    const names = machine.names(path);
    return names.at === 'is' ? names.value.slice(0, 1024) : [];
  };
  const runs = (path: string): boolean => {
    const processes = machine.text(`${path}/cgroup.procs`);
    return processes.at === 'is' && processes.value.trim() !== '';
  };
  return inside(folder).flatMap((name) => {
    if (/^system-(?:serial\\x2d|console\\x2d)?getty\.slice$/.test(name)) return inside(`${folder}/${name}`).filter((each) => runs(`${folder}/${name}/${each}`));
    return /^(?:sshd?|console-getty)\.service$/.test(name) && runs(`${folder}/${name}`) ? [name] : [];
  });
}

/** Whether somebody listens on a TCP port, on any address but the loopback ones (proc(5): net/tcp, state 0A). */
export function isListening(machine: Machine, port: number): boolean | null {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const looks = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => machine.text(path, 4 << 20));
  if (looks.every((look) => look.at !== 'is')) return null;
  return looks.some((look) => look.at === 'is' && look.value.split('\n').some((text) => {
    const [, local = '', , state] = text.trim().split(/\s+/);
    return state === '0A' && local.endsWith(`:${wanted}`) && !/^(?:0100007F|00000000000000000000000001000000):/.test(local);
  }));
}

/** `systemctl list-units --state=failed`: one unit a line, its name first. */
function lookAtFailed(machine: Machine): StartFacts['failedUnits'] {
  const said = machine.run('failed-units');
  if (said.at !== 'is') return null;
  return said.value.split('\n').flatMap((text) => {
    const [unit = ''] = text.trim().split(/\s+/);
    return /^[\w@.\\:-]{1,200}\.[a-z]+$/.test(unit) ? [unit] : [];
  }).slice(0, 256);
}
