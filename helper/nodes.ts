// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../contract/problem';
import type { KernelNode } from './hands';
import { programPath, waitFor } from './run';

const pci = '/sys/bus/pci';
const driver = /^(?:\n|[a-z0-9][a-z0-9_-]{0,47})$/i;

/** Path of a kernel node and the grammar of what may be written there; the only table of kernel nodes there is. */
export function nodePlace(node: KernelNode): { readonly path: string; readonly value: RegExp } {
  if (node.node === 'huge-pages') {
    const pool = `hugepages/hugepages-${String(node.sizeKiB)}kB/nr_hugepages`;
    const path = node.numa === null ? `/sys/kernel/mm/${pool}` : `/sys/devices/system/node/node${String(node.numa)}/${pool}`;
    return { path, value: /^\d{1,9}$/ };
  }
  if (node.node === 'compact-memory') return { path: '/proc/sys/vm/compact_memory', value: /^1$/ };
  // A console's name is part of the path: `nowhere` is none and opens nothing.
  if (node.node === 'console-bind') return { path: `/sys/class/vtconsole/${/^vtcon\d{1,2}$/.test(node.console) ? node.console : 'nowhere'}/bind`, value: /^[01]$/ };
  const device = `${pci}/devices/${node.device}`;
  switch (node.node) {
    case 'driver-override':
      return { path: `${device}/driver_override`, value: driver };
    case 'driver-unbind':
      return { path: `${device}/driver/unbind`, value: exactly(node.device) };
    case 'drivers-probe':
      return { path: `${pci}/drivers_probe`, value: exactly(node.device) };
    case 'power-control':
      return { path: `${device}/power/control`, value: /^(?:on|auto)$/ };
    case 'reset-method':
      return { path: `${device}/reset_method`, value: /^[a-z_]{1,32}(?: [a-z_]{1,32}){0,7}$/ };
    case 'd3cold-allowed':
      return { path: `${device}/d3cold_allowed`, value: /^[01]$/ };
    default:
      return node satisfies never;
  }
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replaceAll('.', '\\.')}$`);

/** Milliseconds a driver may take before the node is called wedged and no node of its kind is written any more by this process. */
const deadline = 15_000;

/**
 * Writes kernel nodes: O_WRONLY without O_CREAT or O_TRUNC and in one write, as dd with nocreat,notrunc does, in a child
 * of its own, because a driver may keep it in the kernel for ever (state D, immune to SIGKILL).
 */
export function nodeHands(dd: string | null = programPath('dd'), time = deadline): { writeNode(node: KernelNode, value: string): Promise<Result<void>> } {
  // A device that hangs leaves the text console alone, which the person needs; nobody writes there again if that hangs.
  let wedged: 'nothing' | 'devices' | 'everything' = 'nothing';
  return {
    async writeNode(node, value) {
      const { path, value: grammar } = nodePlace(node);
      if (!grammar.test(value)) return failed('precondition-failed', { why: 'value', place: path });
      const isDevice = path.startsWith(`${pci}/`);
      if (wedged === 'everything' || (wedged === 'devices' && isDevice)) return failed('step-failed', { why: 'wedged', place: path });
      if (dd === null) return failed('precondition-failed', { why: 'missing', program: 'dd' });
      const args = [`of=${path}`, 'conv=nocreat,notrunc', 'bs=4096', 'count=1', 'status=none'];
      const ended = await waitFor({ path: dd, args, input: value, inherit: [], limit: { time, output: 256 } });
      if ('exit' in ended) return ended.exit === 0 ? ok(undefined) : failed('step-failed', { why: 'kernel-refused', place: path });
      if (ended.why !== 'wedged' && ended.why !== 'time-limit') return failed('step-failed', { why: ended.why, place: path });
      wedged = isDevice ? 'devices' : 'everything';
      return failed('step-failed', { why: 'wedged', place: path });
    },
  };
}
