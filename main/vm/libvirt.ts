// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { vmUuid } from '../../contract/vm';
import type { VmHost } from '../../contract/vm-host';
import type { VmAct, VmEntry, VmState } from '../../contract/vm-life';
import { readDomain } from '../../core/read/virsh-domain';
import { readVmHost } from '../../core/read/virsh-host';
import { askOf, lines, nothing, onlyLooking, type Ask, type Virsh } from './ask';

export type { Virsh } from './ask';

/** What only the machine itself knows: of its processor, and which parts of QEMU are not installed. */
export type Local = Pick<VmHost, 'steadyClock' | 'apicv'> & { readonly missingScreens?: readonly string[] };

/** libvirt with the person's own rights. Every definition is checked against libvirt's schema, because without that it drops in silence what it does not know. */
export interface Libvirt {
  readonly host: () => Promise<Result<VmHost>>;
  readonly list: () => Promise<Result<readonly VmEntry[]>>;
  /** One VM as `list` tells it. */
  readonly look: (uuid: string) => Promise<Result<VmEntry>>;
  /** The stored definition, not the one of the running VM: only that is ever edited. With its passwords: defined again without them it would have none. */
  readonly xml: (uuid: string) => Promise<Result<string>>;
  /** The definition of the VM as it runs, with what libvirt chose at its start: ports, sockets, passwords. */
  readonly live: (uuid: string) => Promise<Result<string>>;
  /** Defines or redefines; gives the definition there was before, or null. */
  readonly define: (xml: string) => Promise<Result<{ readonly before: string | null }>>;
  /** NVRAM and TPM state go only when told: they hold boot entries and the keys of encrypted disks. */
  readonly undefine: (uuid: string, state: 'keep' | 'delete') => Promise<Result<void>>;
  readonly act: (uuid: string, act: VmAct) => Promise<Result<void>>;
  readonly state: (uuid: string) => Promise<Result<VmState>>;
  /** Whatever changes when a VM appears, goes, or changes its state; only ever compared. */
  readonly pulse: () => Promise<Result<string>>;
  /** For what is beside the VMs: networks, pools, the guest agent; `peek` where nothing is changed. */
  readonly ask: Ask;
  readonly peek: Ask;
}

export function openLibvirt(virsh: Virsh, connection: VmHost['connection'], local: Local): Libvirt {
  const ask = askOf(virsh, connection);
  const peek = onlyLooking(ask);
  const of = (uuid: string, then: (uuid: string) => Promise<Result<string>>): Promise<Result<string>> =>
    vmUuid.safeParse(uuid).success ? then(uuid) : Promise.resolve(failed('bad-input', { why: 'uuid' }));
  const xml = (uuid: string): Promise<Result<string>> => of(uuid, (one) => ask(['dumpxml', '--inactive', '--security-info', one]));
  return {
    host: () => lookAtHost(ask, connection, local),
    list: () => listAll(peek),
    look: (uuid) => lookAt(peek, uuid),
    xml,
    live: (uuid) => of(uuid, (one) => ask(['dumpxml', '--security-info', one])),
    define: (text) => define(ask, xml, text),
    async undefine(uuid, state) {
      const text = await xml(uuid);
      if (!text.ok) return text;
      const known = readDomain(text.value);
      // Without the second flag the TPM's state, and with it the key of an encrypted disk, would be deleted. A libvirt before 8.9 cannot keep it and refuses.
      const keep = ['--keep-nvram', ...(known.ok && !known.value.tpm ? [] : ['--keep-tpm'])];
      return nothing(await ask(['undefine', uuid, ...(state === 'keep' ? keep : ['--nvram'])]));
    },
    async act(uuid, act) {
      return nothing(await of(uuid, (one) => ask([verbs[act], one, ...(act === 'shut-down' ? ['--mode', 'acpi'] : [])])));
    },
    state: (uuid) => stateOf(peek, uuid),
    pulse: () => peek(['domstats', '--state']),
    ask,
    peek,
  };
}

const verbs: Readonly<Record<VmAct, string>> = { start: 'start', 'shut-down': 'shutdown', 'force-off': 'destroy', pause: 'suspend', resume: 'resume', restart: 'reboot' };

/** libvirt tells what it can do only to who may change something (seen on 9.0). KVM first; where libvirt says that it has none, what emulation can do. */
async function lookAtHost(ask: Ask, connection: VmHost['connection'], local: Local): Promise<Result<VmHost>> {
  const version = await ask(['version', '--daemon']);
  if (!version.ok) return version;
  const abilities = (type: 'kvm' | 'qemu'): Promise<Result<string>> => ask(['domcapabilities', '--virttype', type, '--machine', 'q35']);
  const kvm = await abilities('kvm');
  const told = kvm.ok ? kvm : await abilities('qemu');
  return told.ok ? readVmHost({ version: version.value, domainCapabilities: told.value, connection, ...local }) : told;
}

const states: Readonly<Record<string, VmState>> = { running: 'running', idle: 'running', paused: 'paused', 'shut off': 'off', 'in shutdown': 'stopping', crashed: 'crashed', pmsuspended: 'asleep' };

type Xml = (uuid: string) => Promise<Result<string>>;

/** A VM that goes away between two questions is left out; one whose XML we do not understand is listed without it. */
async function listAll(peek: Ask): Promise<Result<readonly VmEntry[]>> {
  const uuids = await peek(['list', '--all', '--uuid']);
  if (!uuids.ok) return uuids;
  const entries: VmEntry[] = [];
  for (const uuid of lines(uuids.value)) {
    const entry = await lookAt(peek, uuid);
    if (entry.ok) entries.push(entry.value);
  }
  return ok(entries);
}

/** Without its passwords, which a list has no use for. */
async function lookAt(ask: Ask, uuid: string): Promise<Result<VmEntry>> {
  if (!vmUuid.safeParse(uuid).success) return failed('bad-input', { why: 'uuid' });
  const text = await ask(['dumpxml', '--inactive', uuid]);
  if (!text.ok) return text;
  const state = await stateOf(ask, uuid);
  if (!state.ok) return state;
  const known = readDomain(text.value);
  return ok({ uuid, state: state.value, known: known.ok ? known.value : null });
}

async function stateOf(ask: Ask, uuid: string): Promise<Result<VmState>> {
  const said = await ask(['domstate', uuid]);
  return said.ok ? ok(states[said.value.trim()] ?? 'unknown') : said;
}

async function define(ask: Ask, stored: Xml, text: string): Promise<Result<{ readonly before: string | null }>> {
  const known = readDomain(text);
  if (!known.ok) return known;
  const before = known.value.uuid === null ? null : await stored(known.value.uuid);
  const defined = await ask(['define', '--validate'], text);
  return defined.ok ? ok({ before: before?.ok === true ? before.value : null }) : defined;
}
