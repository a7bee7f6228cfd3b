// SPDX-License-Identifier: GPL-3.0-or-later
import { handLimits, handStatus, vmUuid, type HandStatus, type ManagedCard } from '../contract/hand-off';
import { failed, ok, type Result } from '../contract/problem';
import type { Machine } from '../host/machine';
import { readManaged } from '../core/hand-off/table';
import { hookTablePath } from '../core/step/own/hook';
import { storeFolder } from '../core/step/places';
import { lookAtReach } from '../host/reach';
import { lookAtWaysBack } from '../host/ways-back';
import { runVirsh, type VirshRun } from './programs';

/** Where root says how the round of each VM stands. */
export const statusFolder = `${storeFolder}/hand-off`;

/** What root lets everybody read of the last round of each VM, newest first; what cannot be read is passed over. */
export function readStatuses(machine: Machine): readonly HandStatus[] {
  const names = machine.names(statusFolder);
  const all = (names.at === 'is' ? names.value : []).filter((name) => name.endsWith('.json')).flatMap((name) => readStatus(machine, name.slice(0, -5)) ?? []);
  return all.sort((a, b) => b.since - a.since);
}

export function readStatus(machine: Machine, vm: string): HandStatus | null {
  const look = machine.text(`${statusFolder}/${vm}.json`, 65_536);
  if (look.at !== 'is') return null;
  try {
    return handStatus.safeParse(JSON.parse(look.value)).data ?? null;
  } catch {
    return null;
  }
}

/** Cards that our hook moves, as everybody may read; a table that cannot be understood moves nothing, and the hook says so itself. */
export function managedHere(machine: Machine): readonly ManagedCard[] {
  const look = machine.text(hookTablePath, handLimits.table);
  const table = look.at === 'is' ? readManaged(look.value) : null;
  return table?.ok === true ? table.value : [];
}

/** What to type on another computer to press the VM's power button; a name that a shell would take apart is left to the VM's number. Null: no ssh server answers, or nobody knows this computer's name. */
export function takeBackLine(machine: Machine, { name, uuid }: { readonly name: string; readonly uuid: string }): string | null {
  const reach = lookAtWaysBack(machine).sshListening === true ? lookAtReach(machine) : null;
  return reach === null ? null : `ssh ${reach} switchyard take-back ${/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/.test(name) ? name : uuid}`;
}

type VirshCommand = 'domuuid' | 'dumpxml' | 'domstate' | 'start' | 'shutdown' | 'destroy';

/** One command on the system's libvirt, whose hooks move cards; the name is data and cannot become an option. */
export const virsh = (command: VirshCommand, name: string): Promise<Result<VirshRun>> => runVirsh(['--quiet', '--connect', 'qemu:///system', command, '--', name], null);

/** The uuid of a VM by its name or uuid, as libvirt knows it. */
export async function idOf(name: string): Promise<Result<string>> {
  const ended = await virsh('domuuid', name);
  if (!ended.ok) return ended;
  const id = vmUuid.safeParse(ended.value.out.trim());
  return ended.value.status === 0 && id.success ? ok(id.data) : failed('not-found', { name });
}

/** Whether libvirt says it is off; null: it does not say. */
export async function isOff(vm: string): Promise<boolean | null> {
  const ended = await virsh('domstate', vm);
  return ended.ok && ended.value.status === 0 ? ended.value.out.trim() === 'shut off' : null;
}

/** Looks again and again, and tells each status that is new since `since`, until what is waited for has come. */
export async function follow<T>(machine: Machine, vm: string, { since, until, tell }: { readonly since: number; readonly until: Promise<T>; readonly tell: (status: HandStatus) => void }): Promise<T> {
  let last = '';
  const look = (): void => {
    const status = readStatus(machine, vm);
    const text = JSON.stringify(status);
    if (status === null || status.since < since || text === last) return;
    last = text;
    tell(status);
  };
  const again = setInterval(look, 100);
  try {
    return await until;
  } finally {
    clearInterval(again);
    look();
  }
}
