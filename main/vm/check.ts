// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';
import type { VmChecked, VmFault } from '../../contract/vm-change';
import type { KnownDomain } from '../../contract/vm-domain';
import { readDomain } from '../../core/read/virsh-domain';
import type { VmSide } from './side';

/** An edited definition against what can be known without storing it: its form, libvirt's schema, and whose it is. */
export async function checkDefinition({ schema, libvirt }: Pick<VmSide, 'schema' | 'libvirt'>, xml: string, uuid: string | null): Promise<VmChecked> {
  const known = readDomain(xml);
  if (!known.ok) return { faults: [formFault(known.problem)], schema: false, known: null };
  const faults = uuid === null ? [] : await otherVm({ xml, known: known.value, uuid }, libvirt);
  const found = await schema(xml);
  return { faults: [...faults, ...(found ?? [])].slice(0, 64), schema: found !== null, known: known.value };
}

/** Not XML, or not a VM's: the reader tells where it stopped. */
function formFault({ code, detail: { why = code, line, ...detail } }: Problem): VmFault {
  const at = Number(line);
  return { code: why === 'virsh-shape' ? 'not-a-vm' : 'xml', line: Number.isInteger(at) && at > 0 ? at : null, detail: { ...detail, why }, said: null };
}

interface Edited {
  readonly xml: string;
  readonly known: KnownDomain;
  readonly uuid: string;
}

/** An edit that would make another VM of it. */
async function otherVm({ xml, known, uuid }: Edited, libvirt: VmSide['libvirt']): Promise<VmFault[]> {
  const lineOf = (tag: string): number | null => {
    const at = xml.split('\n').findIndex((line) => line.includes(`<${tag}>`));
    return at === -1 ? null : at + 1;
  };
  const stored = await libvirt.xml(uuid);
  const was = stored.ok ? readDomain(stored.value) : stored;
  return [
    ...(known.uuid === uuid ? [] : [{ code: 'other-uuid' as const, line: lineOf('uuid'), detail: { uuid }, said: null }]),
    ...(!was.ok || was.value.name === known.name ? [] : [{ code: 'other-name' as const, line: lineOf('name'), detail: { name: was.value.name }, said: null }]),
  ];
}
