// SPDX-License-Identifier: GPL-3.0-or-later
import { note, type Draft } from './draft';
import { element, type Drawn } from './xml/draw';

/** What libvirt has no word for and passes on to QEMU unseen; it marks such a VM as tainted (`custom-argv`), which is expected. */
export function emulatorArguments(draft: Draft): Drawn | null {
  const words = [...firmwareWindow(draft), ...lookingGlassModule(draft)];
  if (words.length === 0) return null;
  note(draft, 'custom-arguments');
  return element('qemu:commandline', {}, words.map((value) => element('qemu:arg', { value })));
}

/** libvirt refuses names of `opt/ovmf/` in its own element for firmware configuration. */
const firmwareWindow = ({ recipe }: Draft): string[] =>
  recipe.windowMiB === null ? [] : ['-fw_cfg', `name=opt/ovmf/X-PciMmio64Mb,string=${recipe.windowMiB}`];

/** JSON, because the older form lands in a slot that libvirt has given away already. The size is the module's own. */
function lookingGlassModule(draft: Draft): string[] {
  const { display } = draft.recipe;
  if (display.kind !== 'looking-glass' || display.through !== 'kvmfr') return [];
  note(draft, 'kvmfr-rights');
  const memory = { 'qom-type': 'memory-backend-file', id: 'looking-glass', 'mem-path': '/dev/kvmfr0', size: display.sizeMiB * 1024 * 1024, share: true };
  return ['-device', JSON.stringify({ driver: 'ivshmem-plain', id: 'shmem0', memdev: 'looking-glass' }), '-object', JSON.stringify(memory)];
}
