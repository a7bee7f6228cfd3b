// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { vmUuid } from '../../contract/vm';
import type { VmHost } from '../../contract/vm-host';
import type { VmAct, VmEntry, VmState } from '../../contract/vm-life';
import { diagnose } from '../../core/diagnose/diagnose';
import { readDomain } from '../../core/read/virsh-domain';
import { readVmHost } from '../../core/read/virsh-host';
import type { VirshRun } from '../programs';

/** Runs virsh; a text becomes a file whose path is the last word. */
export type Virsh = (words: readonly string[], text: string | null) => Promise<Result<VirshRun>>;

/** What only the machine itself knows of its processor. */
export type Processor = Pick<VmHost, 'steadyClock' | 'apicv'>;

/** libvirt with the person's own rights. Every definition is checked against libvirt's schema, because without that it drops in silence what it does not know. */
export interface Libvirt {
  readonly host: () => Promise<Result<VmHost>>;
  readonly list: () => Promise<Result<readonly VmEntry[]>>;
  /** The stored definition, not the one of the running VM: only that is ever edited. */
  readonly xml: (uuid: string) => Promise<Result<string>>;
  /** Defines or redefines; gives the definition there was before, or null. */
  readonly define: (xml: string) => Promise<Result<{ readonly before: string | null }>>;
  /** NVRAM and TPM state go only when told: they hold boot entries and the keys of encrypted disks. */
  readonly undefine: (uuid: string, state: 'keep' | 'delete') => Promise<Result<void>>;
  readonly act: (uuid: string, act: VmAct) => Promise<Result<void>>;
}

const uris = { system: 'qemu:///system', session: 'qemu:///session' } as const;

export function openLibvirt(virsh: Virsh, connection: VmHost['connection'], processor: Processor): Libvirt {
  const ask: Ask = async (words, text = null) => {
    const run = await virsh(['-q', '-c', uris[connection], ...words], text);
    if (!run.ok) return run;
    return run.value.status === 0 ? ok(run.value.out) : failed('refused', said(run.value));
  };
  const of = (uuid: string, then: (uuid: string) => Promise<Result<string>>): Promise<Result<string>> =>
    vmUuid.safeParse(uuid).success ? then(uuid) : Promise.resolve(failed('bad-input', { why: 'uuid' }));
  const xml = (uuid: string): Promise<Result<string>> => of(uuid, (one) => ask(['dumpxml', '--inactive', one]));
  return {
    host: () => lookAtHost(ask, connection, processor),
    list: () => listAll(ask, xml),
    xml,
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
  };
}

type Ask = (words: readonly string[], text?: string | null) => Promise<Result<string>>;

const verbs: Readonly<Record<VmAct, string>> = { start: 'start', 'shut-down': 'shutdown', 'force-off': 'destroy', pause: 'suspend', resume: 'resume', restart: 'reboot' };
const nothing = (result: Result<unknown>): Result<void> => (result.ok ? ok(undefined) : result);

/** The cause as a code, and libvirt's own words for who wants to copy them. */
function said(run: VirshRun): Record<string, string> {
  const text = run.err.trim();
  return { why: diagnose(text)[0]?.code ?? 'unknown', said: text.replaceAll(/^error: /gm, '').slice(0, 1000) };
}

/** KVM first; where libvirt says that it has none, what emulation can do. */
async function lookAtHost(ask: Ask, connection: VmHost['connection'], processor: Processor): Promise<Result<VmHost>> {
  const version = await ask(['version', '--daemon']);
  if (!version.ok) return version;
  const abilities = (type: 'kvm' | 'qemu'): Promise<Result<string>> => ask(['domcapabilities', '--virttype', type, '--machine', 'q35']);
  const kvm = await abilities('kvm');
  const told = kvm.ok ? kvm : await abilities('qemu');
  return told.ok ? readVmHost({ version: version.value, domainCapabilities: told.value, connection, ...processor }) : told;
}

const states: Readonly<Record<string, VmState>> = { running: 'running', idle: 'running', paused: 'paused', 'shut off': 'off', 'in shutdown': 'stopping', crashed: 'crashed', pmsuspended: 'asleep' };

/** A VM that goes away between two questions is left out; one whose XML we do not understand is listed without it. */
async function listAll(ask: Ask, xml: (uuid: string) => Promise<Result<string>>): Promise<Result<readonly VmEntry[]>> {
  const uuids = await ask(['list', '--all', '--uuid']);
  if (!uuids.ok) return uuids;
  const entries: VmEntry[] = [];
  for (const uuid of uuids.value.split('\n').map((one) => one.trim()).filter((one) => one !== '')) {
    const [state, text] = [await ask(['domstate', uuid]), await xml(uuid)];
    if (!state.ok || !text.ok) continue;
    const known = readDomain(text.value);
    entries.push({ uuid, state: states[state.value.trim()] ?? 'unknown', known: known.ok ? known.value : null });
  }
  return ok(entries);
}

async function define(ask: Ask, stored: (uuid: string) => Promise<Result<string>>, text: string): Promise<Result<{ readonly before: string | null }>> {
  const known = readDomain(text);
  if (!known.ok) return known;
  const before = known.value.uuid === null ? null : await stored(known.value.uuid);
  const defined = await ask(['define', '--validate'], text);
  return defined.ok ? ok({ before: before?.ok === true ? before.value : null }) : defined;
}
