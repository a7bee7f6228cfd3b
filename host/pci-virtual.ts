// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../contract/pci';
import { readName } from '../core/read/sysfs/clean';
import { readInteger } from '../core/read/sysfs/numbers';
import { integer, line, listed } from './fact';
import { note, textOf, type Reading } from './pci-reading';

/** How many virtual functions a physical function can have and has. */
export function sriovOf(reading: Reading): PciFunction['sriov'] {
  if (!reading.entries.has('sriov_totalvfs')) return null;
  const total = readInteger(textOf(reading, 'sriov_totalvfs', 'sriov') ?? '');
  const now = readInteger(textOf(reading, 'sriov_numvfs', 'sriov') ?? '');
  if (total !== null && now !== null) return { total, now };
  note(reading, 'sriov');
  return null;
}

/** Mediated device types its driver offers. Counting what is left asks the driver, so a sleeping function is not counted. */
export function mdevTypesOf(reading: Reading, sleeping: boolean): PciFunction['mdevTypes'] {
  if (!reading.entries.has('mdev_supported_types')) return null;
  const folder = `${reading.folder}/mdev_supported_types`;
  const ids = listed(reading.machine, folder);
  if (ids === null) {
    note(reading, 'mdev');
    return null;
  }
  return ids.slice(0, 64).map((id) => ({
    id: readName(id, 128),
    name: readName(line(reading.machine, `${folder}/${id}/name`) ?? '', 128) || null,
    available: sleeping ? null : integer(reading.machine, `${folder}/${id}/available_instances`),
  }));
}
