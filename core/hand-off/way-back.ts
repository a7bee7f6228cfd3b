// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandAct } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { nvidiaModules } from './drivers';
import type { Change } from './way-out';

type ActOf<A extends HandAct['act']> = Extract<HandAct, { readonly act: A }>;
const is = <A extends HandAct['act']>(act: A) => (one: HandAct | null): one is ActOf<A> => one?.act === act;

/**
 * THE way back, whatever went before: a give that failed, a VM that stopped, a helper that was killed. From the changes
 * that were begun, finished or not: each function away from vfio-pci, its override as it was, its own driver, its power; the
 * one that draws first and whole, so that a sound or USB function that hangs after it costs nobody the picture. Then threads,
 * consoles, services, the log-in screen, and the timer last. Every change is done only where it is not true yet, so that it
 * can be walked again and again.
 */
export function wayBack(begun: readonly Change[]): readonly HandAct[] {
  const was = begun.map((one) => one.was).filter((one) => one !== null);
  // Functions leave with the drawing one last.
  const devices = [...unique(was.filter(is('override')).map((one) => one.device))].reverse();
  const modules = modulesBack(was.filter(is('module')));
  return [
    ...(devices.length === 0 ? modules : [quiet(devices)]),
    ...devices.flatMap((device, index) => functionBack(was, device, index === 0 ? modules : [])),
    ...uniqueBy(was.filter(is('threads')), (one) => one.slice),
    ...uniqueBy(was.filter(is('console')), (one) => one.console),
    ...uniqueBy([...was].reverse().filter(is('service')), (one) => one.unit),
    ...was.filter(is('timer')).slice(0, 1),
  ];
}

/** Away from vfio-pci, the override as it was before anybody gave it away, what its driver stands on, its driver, its power. */
function functionBack(was: readonly HandAct[], device: PciAddress, modules: readonly HandAct[]): readonly HandAct[] {
  const first = <A extends 'override' | 'bind' | 'power'>(act: A): readonly HandAct[] => was.filter(is(act)).filter((one) => 'device' in one && one.device === device).slice(0, 1);
  return [{ act: 'unbind', device, driver: 'vfio-pci' }, ...first('override'), ...modules, ...first('bind'), ...first('power')];
}

const quiet = (devices: readonly PciAddress[]): HandAct => ({ act: 'quiet', devices: [...devices], of: 'vfio' });

/** `nvidia` before what stands on it: the reverse of the order in which they went. */
function modulesBack(modules: readonly ActOf<'module'>[]): readonly HandAct[] {
  const order: readonly string[] = [...nvidiaModules].reverse();
  return uniqueBy([...modules].sort((a, b) => order.indexOf(a.module) - order.indexOf(b.module)), (one) => one.module);
}

const unique = <T>(list: readonly T[]): readonly T[] => [...new Set(list)];
function uniqueBy<T>(list: readonly T[], key: (one: T) => string): readonly T[] {
  const seen = new Set<string>();
  return list.filter((one) => !seen.has(key(one)) && seen.add(key(one)));
}

/** What a change touches, so that nothing more is tried on what hangs. */
export function touches(act: HandAct): 'card' | 'desktop' | 'timer' | 'threads' {
  if (act.act === 'timer' || act.act === 'threads') return act.act;
  return act.act === 'service' || act.act === 'console' ? 'desktop' : 'card';
}
