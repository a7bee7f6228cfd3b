// SPDX-License-Identifier: GPL-3.0-or-later
import type { Card } from '../../contract/verdict';
import type { Gpu } from './inventory';
import { isReserved } from './pci-kind';
import type { Circumstances } from './passthrough';

/** What the card does for the host right now: the kernel's answers first, a suspicion only keeps it from being called idle. */
export function roleOf(gpu: Gpu, { machine, display, displayProven }: Circumstances): Card['role'] {
  const suspected = display === gpu.fn.address;
  const screens = machine.facts.display.connectors.value?.filter((screen) => screen.gpu === gpu.fn.address) ?? null;
  if (screens?.some((screen) => screen.enabled === true) === true) return suspected ? 'boot-display' : 'lit-screen';
  if (isReserved(gpu.fn)) return 'reserved';
  if (suspected) return displayProven ? 'boot-display' : 'unknown';
  if (gpu.setAside) return 'reserved';
  return isIdle(gpu, screens) ? 'idle' : 'unknown';
}

/** Nothing is scanned out: it has no outputs at all, every output is dark, or no driver could light one. */
function isIdle(gpu: Gpu, screens: readonly { readonly enabled: boolean | null }[] | null): boolean {
  if (gpu.fn.class === '0302' || gpu.fn.class === '1200') return true;
  if (screens !== null && screens.length > 0) return screens.every((screen) => screen.enabled === false);
  return gpu.fn.driver === null && !gpu.fn.unknown.includes('driver');
}
