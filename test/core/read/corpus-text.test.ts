// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { hostFacts, type HostFacts } from '../../../contract/facts';
import type { PciFunction } from '../../../contract/pci';
import { readDump } from '../../../core/read/dump';
import { readMachineFile } from '../../../core/read/machine-file';
import { corpusMachines } from '../../corpus-text/machine-json';
import { lostBy, renderMachine, styles, type Style } from '../../corpus-text/render';

const machines = corpusMachines();
type Carried = Record<string, Record<string, unknown>>;

const known = (fn: PciFunction): Record<string, unknown> => ({
  ids: `${fn.vendor}:${fn.device}`,
  class: fn.class,
  subsystem: `${fn.subsystemVendor}:${fn.subsystemDevice}`,
  revision: fn.revision,
  progIf: fn.progIf,
  name: [fn.vendorName, fn.name].filter((part) => part !== null).join(' '),
  header: fn.header,
  buses: fn.buses,
  driver: fn.driver,
  modules: fn.modules,
  iommuGroup: fn.iommuGroup,
  bootVga: fn.bootVga,
});

/** Every function by address with the fields this style can carry. */
function carried(facts: HostFacts, style: Style): Carried {
  return Object.fromEntries(
    facts.pci.functions.map((fn) => [
      fn.address,
      Object.fromEntries(Object.entries(known(fn)).filter(([field]) => !lostBy[style].includes(field))),
    ]),
  );
}

function readBoth(name: string, style: Style, seed: number): { file: HostFacts; text: HostFacts } {
  const found = machines.find((machine) => machine.name === name)!;
  const file = readMachineFile(found.json);
  const text = readDump(renderMachine(found.machine, style, seed));
  if (!file.ok) throw new Error(JSON.stringify(file.problem));
  if (!text.ok) throw new Error(JSON.stringify(text.problem));
  return { file: file.value, text: text.value.facts };
}

describe.each(styles)('a machine pasted as %s', (style) => {
  test.each(machines.map((machine) => machine.name))('%s comes out as it is in its file', (name) => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const { file, text } = readBoth(name, style, seed);
      hostFacts.parse(text);
      expect(differences(carried(text, style), carried(file, style))).toEqual([]);
      expect(text.pci.complete).toBe(file.pci.complete);
      expect(text.iommu.groups.value?.map(({ id, members }) => ({ id, members: [...members].sort() })) ?? null).toEqual(
        file.iommu.groups.value?.map(({ id, members }) => ({ id, members: [...members].sort() })) ?? null,
      );
      expect(text.iommu.groupsComplete).toBe(file.iommu.groupsComplete);
      expect(text.machine.chassis.value).toBe(file.machine.chassis.value);
      expect(text.machine.board.value).toBe(file.machine.board.value);
      expect(text.kernel.args.value ?? []).toEqual(file.kernel.args.value ?? []);
      expect(text.kernel.release.value).toBe(file.kernel.release.value);
      expect(text.cpu.vendor.value).toBe(file.cpu.vendor.value);
      expect(text.cpu.architecture.value).toBe(file.cpu.architecture.value);
      expect(text.cpu.model.value).toBe(file.cpu.model.value);
      expect(text.system.distribution.value).toEqual(file.system.distribution.value);
      const told = (file.kernel.log.value ?? [])
        .filter((line) => !/groups present|IOMMU group lines/.test(line))
        .map((line) => line.trim());
      expect(text.kernel.log.value ?? []).toEqual(expect.arrayContaining(told));
    }
  });
});

/** Text may say more than the file (a bridge's class proves its header type); what the file states is compared. */
function differences(text: Carried, file: Carried): readonly string[] {
  const found: string[] = [];
  for (const address of new Set([...Object.keys(text), ...Object.keys(file)])) {
    const [told, stated] = [text[address], file[address]];
    if (told === undefined || stated === undefined) {
      found.push(`${address} only in the ${told === undefined ? 'file' : 'text'}`);
      continue;
    }
    for (const [field, value] of Object.entries(stated)) {
      const same = JSON.stringify(told[field]) === JSON.stringify(value);
      const more = value === null && ['header', 'buses', 'progIf'].includes(field);
      const unsaid = field === 'header' && value === 'endpoint' && told[field] === null;
      if (!same && !more && !unsaid)
        found.push(`${address} ${field}: text ${JSON.stringify(told[field])}, file ${JSON.stringify(value)}`);
    }
  }
  return found;
}
