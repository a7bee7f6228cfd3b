// SPDX-License-Identifier: GPL-3.0-or-later
import type { StepOf } from '../../../contract/plan';
import { ok } from '../../../contract/problem';
import type { Change, Sentence } from '../../../contract/review';
import type { Setting } from '../../../contract/setting';
import type { StepRule } from '../rule';

/** A step that makes one setting one value. */
function sets(setting: Setting, to: string, more: Pick<StepRule, 'detail'> & { readonly shown: readonly Change[]; readonly lines?: readonly Sentence[] }): StepRule {
  return {
    places: [],
    settings: [setting],
    does: ['set'],
    detail: more.detail,
    lines: more.lines ?? [],
    changes: () => ok([{ change: 'set', setting, to }]),
    shown: () => more.shown,
  };
}

const pci = '/sys/bus/pci';
const node = (path: string, value: string): Change => ({ kind: 'node', path, value });

/** Override, unbind, probe: what libvirt does for managed devices (host fact 4.1). A line break clears the override. */
export const moveDevice = ({ device, to }: StepOf<'move-device'>): StepRule =>
  sets({ setting: 'driver', device }, to, {
    detail: { address: device.address },
    lines: [{ code: to === 'host' ? 'step.line.to-host' : 'step.line.device', detail: { address: device.address, id: `${device.vendor}:${device.device}` } }],
    shown: [
      ...(to === 'host' ? [] : [{ kind: 'command' as const, line: 'modprobe vfio_pci' }]),
      node(`${pci}/devices/${device.address}/driver_override`, to === 'host' ? '\\n' : 'vfio-pci'),
      node(`${pci}/devices/${device.address}/driver/unbind`, device.address),
      node(`${pci}/drivers_probe`, device.address),
    ],
  });

/** Path of the pool's counter; numa null: the kernel spreads the pages (kernel doc hugetlbpage.rst). */
const poolPath = (sizeKiB: number, numa: number | null): string =>
  `${numa === null ? '/sys/kernel/mm' : `/sys/devices/system/node/node${numa}`}/hugepages/hugepages-${sizeKiB}kB/nr_hugepages`;

export const hugePages = ({ sizeKiB, numa, count }: StepOf<'huge-pages'>): StepRule =>
  sets({ setting: 'huge-pages', sizeKiB, numa }, String(count), {
    detail: { count: String(count), size: String(sizeKiB / 1024) },
    shown: [node('/proc/sys/vm/compact_memory', '1'), node(poolPath(sizeKiB, numa), String(count))],
  });

export const autostart = ({ of, name, to = 'on' }: StepOf<'autostart'>): StepRule => ({
  ...sets({ setting: 'autostart', of, name }, to, {
    detail: { what: of, name, to },
    shown: [{ kind: 'command', line: `virsh --connect qemu:///system ${of === 'network' ? 'net' : 'pool'}-autostart ${to === 'on' ? '' : '--disable '}-- ${name}` }],
  }),
  holdsFrom: 'start',
});

export const membership = ({ group, uid, user, to = 'in' }: StepOf<'membership'>): StepRule => ({
  ...sets({ setting: 'membership', group, uid, user }, to, {
    detail: { user, group, to },
    shown: [{ kind: 'command', line: `gpasswd ${to === 'in' ? '-a' : '-d'} ${user} ${group}` }],
  }),
  holdsFrom: 'login',
});
