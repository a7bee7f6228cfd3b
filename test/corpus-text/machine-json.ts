// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DeviceJson {
  readonly address: string;
  readonly class: string;
  readonly class_name: string;
  readonly vendor: string;
  readonly device: string;
  readonly subsystem_vendor: string | null;
  readonly subsystem_device: string | null;
  readonly revision: string | null;
  readonly name: string;
  readonly driver: string | null;
  readonly modules: readonly string[] | null;
  readonly iommu_group: number | null;
  readonly boot_vga: boolean | null;
  readonly prog_if?: string;
  readonly header_type?: string;
  readonly secondary_bus?: string;
  readonly subordinate_bus?: string;
}

/** The parts of a machine file that text can carry. */
export interface MachineJson {
  readonly id: string;
  readonly slug: string;
  readonly source: { readonly completeness: 'full' | 'partial' };
  readonly machine: { readonly board: string | null; readonly form_factor: string };
  readonly cpu: { readonly vendor: string | null; readonly model: string | null };
  readonly os: { readonly distro: string | null; readonly kernel: string | null };
  readonly cmdline: string | null;
  readonly iommu: {
    readonly enabled: boolean | null;
    readonly evidence: readonly string[];
    readonly groups_complete: boolean;
    readonly groups: Readonly<Record<string, readonly string[]>>;
  };
  readonly devices: readonly DeviceJson[];
}

const folder = join(import.meta.dirname, '..', 'corpus', 'machines');

/** The recorded machines, as text and as values. */
export function corpusMachines(): readonly {
  readonly name: string;
  readonly json: string;
  readonly machine: MachineJson;
}[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const json = readFileSync(join(folder, name), 'utf8');
      return { name: name.replace('.json', ''), json, machine: JSON.parse(json) as MachineJson };
    });
}
