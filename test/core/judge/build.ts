// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../../contract/facts';
import type { Assessment } from '../../../contract/verdict';
import { assess } from '../../../core/judge/assess';
import { readMachineFile } from '../../../core/read/machine-file';

interface Sketch {
  readonly form?: 'desktop' | 'laptop' | 'server' | 'sbc' | 'vm';
  readonly cpu?: string;
  readonly model?: string;
  readonly board?: string;
  readonly cmdline?: string;
  readonly complete?: boolean;
  readonly enabled?: boolean | null;
  /** One function a line: `01:00.0 0300 10de:2684 g16 nvidia "name" >02` (group, driver, name, bus behind it; `boot` marks boot_vga). */
  readonly rows: string;
}

/** A made-up machine from a few lines; everything goes through the reader of machine files. */
export function sketch(plan: Sketch): HostFacts {
  const devices = plan.rows.split('\n').map((line) => line.trim()).filter((line) => line !== '').map(deviceOf);
  const groups: Record<string, string[]> = {};
  for (const device of devices) if (device.iommu_group !== null) (groups[String(device.iommu_group)] ??= []).push(device.address);
  const enabled = plan.enabled === undefined ? (Object.keys(groups).length > 0 ? true : null) : plan.enabled;
  const read = readMachineFile(
    JSON.stringify({
      schema: 1,
      source: { completeness: plan.complete === false ? 'partial' : 'full' },
      machine: { form_factor: plan.form ?? 'desktop', board: plan.board ?? null },
      cpu: { vendor: plan.cpu ?? 'Intel', model: plan.model ?? null },
      os: { distro: 'Debian 12', kernel: '6.1.0', bootloader: 'GRUB', initramfs: 'initramfs-tools' },
      cmdline: plan.cmdline ?? null,
      iommu: { enabled, evidence: [], acs_override: null, groups_complete: plan.complete !== false && Object.keys(groups).length > 0, groups },
      devices,
    }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return read.value;
}

function deviceOf(line: string) {
  const name = /"([^"]*)"/.exec(line)?.[1] ?? null;
  const [address = '', code = '', id = '', ...rest] = line.replace(/"[^"]*"/, '').split(/\s+/).filter((word) => word !== '');
  const group = rest.find((word) => /^g\d+$/.test(word));
  const behind = rest.find((word) => word.startsWith('>'));
  const driver = rest.find((word) => /^[a-z]/.test(word) && word !== group && word !== 'boot' && word !== 'other');
  return {
    address: address.length > 7 ? address : `0000:${address}`,
    class: code,
    vendor: id.slice(0, 4),
    device: id.slice(5),
    name,
    driver: driver ?? null,
    modules: null,
    iommu_group: group === undefined ? null : Number(group.slice(1)),
    boot_vga: rest.includes('boot') ? true : rest.includes('other') ? false : null,
    ...(behind === undefined ? {} : { header_type: '01', secondary_bus: behind.slice(1, 3), subordinate_bus: behind.slice(4, 6) || behind.slice(1, 3) }),
  };
}

/** The short answers of a judged sketch, for tables. */
export function answers(facts: HostFacts) {
  const assessment: Assessment = assess(facts);
  const { verdict } = assessment;
  const short = (address: string) => address.replace(/^0000:/, '');
  return {
    assessment,
    kinds: Object.fromEntries(verdict.gpus.map((gpu) => [short(gpu.address), gpu.kind])),
    pass: Object.fromEntries(verdict.passthrough.map((card) => [short(card.gpu), card.verdict])),
    own: Object.fromEntries(verdict.passthrough.map((card) => [short(card.gpu), card.own_functions.map(short)])),
    bind: Object.fromEntries(verdict.passthrough.map((card) => [short(card.gpu), card.bind_together.map(short)])),
    leave: Object.fromEntries(verdict.passthrough.map((card) => [short(card.gpu), card.leave_on_host.map(short)])),
    why: Object.fromEntries(verdict.passthrough.map((card) => [short(card.gpu), card.reason.code])),
    boot: verdict.boot_gpu.address === null ? null : short(verdict.boot_gpu.address),
    action: verdict.recommended_action.code,
    target: verdict.recommended_action.target === null ? null : short(verdict.recommended_action.target),
    single: verdict.single_gpu.value,
    off: verdict.iommu_off.value,
    hybrid: verdict.hybrid_laptop.value,
    reset: verdict.reset_bug.value,
    vgpu: verdict.vgpu.kind,
  };
}
