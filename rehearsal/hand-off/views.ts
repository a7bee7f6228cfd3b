// SPDX-License-Identifier: GPL-3.0-or-later
import { nvidiaModules } from '../../core/hand-off/drivers';
import type { Kernel, KernelAnswer } from '../kernel';
import { framebuffers } from '../sysfs';
import { folder, linkTo, listing, text, type View } from '../view';
import { references, type Desktop } from './desktop';

/** What a running desktop shows in /sys, /proc and /run, laid over what the kernel shows by itself. */
export function deskViews(kernel: Kernel, desktop: Desktop, below: ReadonlyMap<string, View>): ReadonlyMap<string, View> {
  const laid = new Map(below);
  laid.set('/sys', over(below.get('/sys'), { class: (was) => over(was, { vtconsole: () => consoles(kernel, desktop) }), module: (was) => modules(kernel, was), fs: () => folder({ cgroup: groups(desktop) }) }));
  laid.set('/proc', processes(desktop, below.get('/proc')));
  laid.set('/run', over(below.get('/run'), { systemd: (was) => over(was, { sessions: () => (desktop.sessions.size === 0 ? null : sessions(desktop)), transient: () => folder({ 'switchyard-take-back.timer': desktop.timer ? text('[Timer]\n') : null }) }) }));
  return laid;
}

function over(view: View | undefined | null, entries: Readonly<Record<string, (was: View | null) => View | null>>): View {
  const below = view?.kind === 'folder' ? view : null;
  const get = (name: string): View | null => (Object.hasOwn(entries, name) ? (entries[name]?.(below?.get(name) ?? null) ?? null) : (below?.get(name) ?? null));
  return listing(() => [...new Set([...(below?.names() ?? []), ...Object.keys(entries)])].filter((name) => get(name) !== null), get);
}

const line = (value: string, mode?: number): View => text(`${value}\n`, mode);

function consoles(kernel: Kernel, desktop: Desktop): View {
  const bound = desktop.consoleBound && framebuffers(kernel).length > 0;
  const [frames, dummy] = consoleNames(kernel);
  return folder({
    [frames]: folder({ name: line('(M) frame buffer device'), bind: line(desktop.consoleBound ? '1' : '0', 0o644) }),
    [dummy]: folder({ name: line(`(${kernel.firmware === 'bios' ? 'M' : 'S'}) dummy device`), bind: line(bound ? '0' : '1', 0o644) }),
  });
}

/** A driver that took the VGA text console's place leaves no console of the system's own behind (claim console-one-way). */
const consoleNames = (kernel: Kernel): readonly [string, string] => (kernel.firmware === 'bios' ? ['vtcon0', 'vtcon1'] : ['vtcon1', 'vtcon0']);

/** A write to a console's `bind`; null: it is no node of the desktop's. */
export function writeDesk(kernel: Kernel, desktop: Desktop | undefined, { path, value }: { readonly path: string; readonly value: string }): KernelAnswer | null {
  if (desktop === undefined || path !== `/sys/class/vtconsole/${consoleNames(kernel)[0]}/bind`) return null;
  if (value.trim() !== '0' && value.trim() !== '1') return 'EINVAL';
  desktop.consoleBound = value.trim() === '1' && (desktop.consoleBound || kernel.firmware !== 'bios');
  return 'done';
}

function modules(kernel: Kernel, was: View | null): View {
  const own = Object.fromEntries(nvidiaModules.map((module) => [module, () => (kernel.modules.has(module) ? folder({ refcnt: line(String(references(kernel, module))), version: line(kernel.parameters.get('nvidia-version') ?? '580.95.05'), holders: folder({}) }) : null)]));
  const held = [...kernel.functions.values()].filter((one) => one.held).length;
  return over(was, { ...own, vfio_pci: () => (kernel.modules.has('vfio_pci') ? folder({ refcnt: line(String(held)) }) : null) });
}

const sessions = (desktop: Desktop): View =>
  listing(
    () => desktop.sessions.keys(),
    (id) => {
      const found = desktop.sessions.get(id);
      if (found === undefined) return null;
      const { uid, drawn } = found;
      return text(`UID=${uid}\nUSER=user${uid}\nACTIVE=1\nSTATE=active\nREMOTE=${drawn ? '0' : '1'}\nTYPE=${drawn ? 'wayland' : 'tty'}\nCLASS=user\n${drawn ? 'SEAT=seat0\n' : ''}`);
    },
  );

/** A slice's own threads are there to read once any slice was kept to some (claim threads-kept). */
function groups(desktop: Desktop): View {
  const threads = (slice: string): View | null => (desktop.kept.size === 0 ? null : line(desktop.kept.get(slice) ?? '', 0o644));
  const unit = (name: string): View | null => (desktop.running.has(name) ? folder({ 'cgroup.events': text('populated 1\nfrozen 0\n') }) : null);
  const services = listing(() => [...desktop.running, 'cpuset.cpus'], (name) => (name === 'cpuset.cpus' ? threads('system.slice') : unit(name)));
  const plain = (slice: string): View => listing(() => ['cpuset.cpus'], () => threads(slice));
  return folder({ 'cgroup.controllers': line('cpuset cpu io memory hugetlb pids rdma misc'), 'system.slice': services, 'user.slice': plain('user.slice'), 'init.scope': plain('init.scope') });
}

function processes(desktop: Desktop, below: View | undefined): View {
  const was = below?.kind === 'folder' ? below : null;
  return listing(
    () => [...(was?.names() ?? []), ...[...desktop.processes.keys()].map(String)],
    (name) => {
      const found = desktop.processes.get(Number(name));
      if (found === undefined) return name === '1' && was !== null ? over(was.get('1'), { fd: () => folder({}), maps: () => text('') }) : (was?.get(name) ?? null);
      const files = Object.fromEntries(found.open.map((path, index) => [String(index + 3), linkTo(path)]));
      return folder({ comm: line(found.command), cgroup: line(`0::${found.group}`), cmdline: text(`${found.arguments.join('\0')}\0`), maps: text(''), fd: folder(files) });
    },
  );
}
