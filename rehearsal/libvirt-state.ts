// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../contract/problem';
import type { ProgramEnd } from '../helper/hands';
import type { ProgramCallOf } from '../helper/programs';
import { find, folderAt, namesAt, textAt, writeAt } from './files';
import { setAttributes, unlink, type Disk } from './disk';
import type { World } from './world';

const definitions = '/etc/libvirt/qemu';
const running = '/run/libvirt/qemu';

/** A VM as libvirt's daemon keeps it: its definition, and while it runs a second one of its state (claim libvirt-keeps-vm). */
export interface PlantedVm {
  readonly uuid: string;
  readonly name: string;
  /** Content of its files; null: it was never started. */
  readonly nvram: string | null;
  readonly tpm: string | null;
}

/** Accounts that QEMU and swtpm run as on Debian: libvirt-qemu and tss. */
const qemu = { uid: 64055, gid: 64055 } as const;
const tss = { uid: 102, gid: 106 } as const;

/** Puts a VM onto a machine of memory, as libvirt would have left it after the VM was switched off. */
export function plantVm(disk: Disk, { uuid, name, nvram, tpm }: PlantedVm): void {
  const xml = `<domain type='kvm'><name>${name}</name><uuid>${uuid}</uuid><os firmware='efi'><type>hvm</type><nvram>/var/lib/libvirt/qemu/nvram/${name}_VARS.fd</nvram></os><devices><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices></domain>\n`;
  writeAt(disk, `${definitions}/${name}.xml`, xml, { mode: 0o600 });
  own(disk, '/var/lib/libvirt/qemu', { ...qemu, mode: 0o750 });
  own(disk, '/var/lib/libvirt/qemu/nvram', { ...qemu, mode: 0o755 });
  own(disk, `/var/lib/libvirt/swtpm/${uuid}/tpm2`, { ...tss, mode: 0o700 });
  if (nvram !== null) writeAt(disk, `/var/lib/libvirt/qemu/nvram/${name}_VARS.fd`, nvram, { ...qemu, mode: 0o600 });
  if (tpm !== null) writeAt(disk, `/var/lib/libvirt/swtpm/${uuid}/tpm2/tpm2-00.permall`, tpm, { ...tss, mode: 0o600 });
}

function own(disk: Disk, path: string, attributes: { readonly uid: number; readonly gid: number; readonly mode: number }): void {
  setAttributes(disk, folderAt(disk, path), attributes);
}

/** Starts or stops it, as far as anybody outside can tell. */
export function runVm(disk: Disk, name: string, runs: boolean): void {
  const folder = folderAt(disk, running);
  if (runs) writeAt(disk, `${running}/${name}.xml`, '<domstatus/>\n');
  else if (find(disk, `${running}/${name}.xml`) !== null) unlink(disk, folder, `${name}.xml`);
}

function definitionOf({ disk }: World, vm: string): { readonly name: string; readonly xml: string } | null {
  for (const file of namesAt(disk, definitions)) {
    const xml = file.endsWith('.xml') ? textAt(disk, `${definitions}/${file}`) : null;
    if (xml !== null && xml.includes(`<uuid>${vm}</uuid>`)) return { name: file.slice(0, -4), xml };
  }
  return null;
}

export function domainState(world: World, { vm }: ProgramCallOf<'virsh-domain-state'>): Result<ProgramEnd> {
  const known = definitionOf(world, vm);
  if (known === null) return ok({ exit: 1, output: '' });
  return ok({ exit: 0, output: find(world.disk, `${running}/${known.name}.xml`) === null ? 'shut off\n\n' : 'running\n\n' });
}

export function domainXml(world: World, { vm }: ProgramCallOf<'virsh-domain-xml'>): Result<ProgramEnd> {
  const known = definitionOf(world, vm);
  return known === null ? ok({ exit: 1, output: '' }) : ok({ exit: 0, output: known.xml });
}
