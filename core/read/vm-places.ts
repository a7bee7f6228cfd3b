// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { vmName } from '../../contract/vm';
import { readXml, type XmlElement } from './xml';
import { attributeOf, childrenOf, find, textOf } from './xml-find';

/**
 * Folders of libvirt's system daemon. libvirt names the variables after the VM (`<name>_VARS.fd`, vm.md 1.1) and keeps a
 * TPM's state under the VM's UUID and the TPM's version (qemuTPMEmulatorStorageBuildPath of its qemu_tpm.c).
 */
export const libvirtFolder = '/var/lib/libvirt';
const nvramFolder = `${libvirtFolder}/qemu/nvram`;
const tpmFolder = `${libvirtFolder}/swtpm`;
/** A VM that sleeps on the disk has this beside its definition; its memory belongs to the firmware and TPM of then. */
const saveFolder = `${libvirtFolder}/qemu/save`;

/** Where the two files of a VM lie; null: the VM has no such thing. */
export interface VmPlaces {
  readonly nvram: string | null;
  readonly tpm: string | null;
  /** The image of a VM that sleeps. */
  readonly sleep: string;
}

/**
 * The places that follow from libvirt's own layout for the definition it holds of a VM. `refused`, with a why: the
 * definition is another VM's or none (`vm-shape`), its name has letters that no path of ours takes (`vm-name`), or a file
 * lies where its owner put it (`vm-elsewhere`): that is a disk of theirs, and no path of theirs is followed by root.
 */
export function vmPlacesOf(xml: string, uuid: string): Result<VmPlaces> {
  const document = readXml(xml);
  const root = document.ok ? document.value.root : null;
  if (root?.name !== 'domain' || textOf(find(root, 'uuid')).trim().toLowerCase() !== uuid) return failed('refused', { why: 'vm-shape' });
  const name = textOf(find(root, 'name')).trim();
  if (!vmName.safeParse(name).success) return failed('refused', { why: 'vm-name' });
  const nvram = nvramOf(root, name);
  if (!nvram.ok) return nvram;
  const tpm = tpmOf(root, uuid);
  return tpm.ok ? ok({ nvram: nvram.value, tpm: tpm.value, sleep: `${saveFolder}/${name}.save` }) : tpm;
}

const elsewhere = failed('refused', { why: 'vm-elsewhere' });

/**
 * A stateless firmware has none; one of another format than raw has another ending. Where libvirt chooses the firmware at
 * each start (seen with 9.0: the stored definition tells no path) it takes its own name.
 */
function nvramOf(root: XmlElement, name: string): Result<string | null> {
  const nvram = find(root, 'os', 'nvram');
  if (find(root, 'os', 'varstore') !== null) return elsewhere;
  const loader = find(root, 'os', 'loader');
  if (nvram === null) return ok(attributeOf(loader, 'stateless') !== 'yes' && (attributeOf(find(root, 'os'), 'firmware') === 'efi' || attributeOf(loader, 'type') === 'pflash') ? `${nvramFolder}/${name}_VARS.fd` : null);
  const path = textOf(nvram).trim() || (attributeOf(find(nvram, 'source'), 'file') ?? '');
  return path === `${nvramFolder}/${name}_VARS.fd` || path === `${nvramFolder}/${name}_VARS.qcow2` ? ok(path) : elsewhere;
}

/** Only an emulated TPM has a state on the disk; a source of its own (libvirt 10.10) is its owner's. */
function tpmOf(root: XmlElement, uuid: string): Result<string | null> {
  const devices = find(root, 'devices');
  const backend = devices === null ? null : (childrenOf(devices, 'tpm').map((tpm) => find(tpm, 'backend')).find((one) => attributeOf(one, 'type') === 'emulator') ?? null);
  if (backend === null) return ok(null);
  if (find(backend, 'source') !== null) return elsewhere;
  return ok(attributeOf(backend, 'version') === '1.2' ? `${tpmFolder}/${uuid}/tpm1.2/tpm-00.permall` : `${tpmFolder}/${uuid}/tpm2/tpm2-00.permall`);
}

const ofVm = /^\/var\/lib\/libvirt\/(?:qemu\/nvram\/[A-Za-z0-9][A-Za-z0-9._-]{0,62}_VARS\.(?:fd|qcow2)|swtpm\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/(?:tpm2\/tpm2-00|tpm1\.2\/tpm-00)\.permall)$/;
/** Whether a path is one of the two files of some VM. */
export const isVmFile = (path: string): boolean => path.startsWith(`${libvirtFolder}/`) && ofVm.test(path);

/** Both digests as one value; `-` for none. */
export const printVmState = ({ nvram, tpm }: { readonly nvram: string | null; readonly tpm: string | null }): string => `${nvram ?? '-'} ${tpm ?? '-'}`;
export function readVmState(value: string): { readonly nvram: string | null; readonly tpm: string | null } {
  const [nvram = '-', tpm = '-'] = value.split(' ');
  return { nvram: nvram === '-' ? null : nvram, tpm: tpm === '-' ? null : tpm };
}
