// SPDX-License-Identifier: GPL-3.0-or-later
import { readCpuList, printCpuList } from '../read/sysfs/numbers';
import type { XmlElement } from '../read/xml';
import { attributeOf, childrenOf, find } from '../read/xml-find';
import type { HandLook } from './look';
import type { Change } from './way-out';

/**
 * Threads that a VM wants for itself while it runs: those its virtual CPUs are pinned to, where our own mark in its metadata
 * says so (core/vm/domain.ts). Empty: it shares them. Emulator and I/O threads run beside the host on purpose.
 */
export function threadsApart(domain: XmlElement): readonly number[] {
  const mark = find(domain, 'metadata', 'switchyard:vm');
  if (attributeOf(mark, 'threads') !== 'apart') return [];
  const pins = childrenOf(domain, 'cputune').flatMap((one) => childrenOf(one, 'vcpupin'));
  return [...new Set(pins.flatMap((pin) => readCpuList(attributeOf(pin, 'cpuset') ?? '') ?? []))];
}

/**
 * Keeps what is not a VM off these threads, slice by slice (vm.md 2.5). None where nothing would be left for the host, and
 * none where any slice is kept to some threads already: by a person, or for a VM that runs, which would lose them in between.
 * The way back names all threads: a group in which anything runs cannot be told *none* again (ENOSPC, seen in the lab;
 * kernel/cgroup/cpuset.c, validate_change), and all of them is the same.
 */
export function setApart({ processors }: HandLook, wanted: readonly number[]): readonly Change[] {
  const rest = processors.online.filter((thread) => !wanted.includes(thread));
  if (wanted.length === 0 || rest.length === 0 || rest.length === processors.online.length) return [];
  const all = printCpuList(processors.online);
  if (processors.slices.some(({ threads }) => threads !== '' && threads !== all)) return [];
  return processors.slices.map(({ slice }) => ({ act: { act: 'threads', slice, threads: printCpuList(rest) }, was: { act: 'threads', slice, threads: all } }));
}
