// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Intent, PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { isFirmwarePicture } from '../hand-off/refuse';
import { isDisplayManager } from '../hand-off/table';
import { argName } from '../read/kernel-args';
import { stillThere } from './device-set';
import { bySysctl } from './needs';

type Of<K extends Intent['kind']> = Extract<Intent, { kind: K }>;

/** What is so at this moment and must not be for this intent. It only ever refuses: a root sees more, and may refuse more. */
export function refuseNow(facts: HostFacts, intent: Intent, kept: PlanBasis['kept']): Result<void> {
  switch (intent.kind) {
    case 'move-now':
      return refuseMove(facts, intent);
    case 'huge-pages':
      return refusePages(facts, intent, kept);
    case 'on-demand':
      return refuseFixed(intent, kept);
    case 'single-card': {
      const fixed = refuseFixed(intent, kept);
      return fixed.ok ? refuseDesktop(facts, intent) : fixed;
    }
    default:
      return ok(undefined);
  }
}

function refuseFixed({ devices }: Of<'on-demand' | 'single-card'>, kept: PlanBasis['kept']): Result<void> {
  const fixed = devices.find((device) => kept.table?.devices.some((other) => other.address === device.address));
  return fixed === undefined ? ok(undefined) : failed('refused', { why: 'dedicated', address: fixed.address });
}

/** A desktop that could not be ended in order, or that nothing would draw when the card is back. */
function refuseDesktop({ display, pci }: HostFacts, { devices }: Of<'single-card'>): Result<void> {
  const manager = display.manager.value;
  if (manager !== null && manager !== 'none' && !isDisplayManager(`${manager}.service`)) return failed('refused', { why: 'unknown-manager', name: manager });
  const undriven = new Set<string | null>(devices.map((device) => device.address).filter((address) => pci.functions.find((fn) => fn.address === address)?.driver === null));
  const drawn = display.framebuffers.value?.find((each) => undriven.has(each.device) && isFirmwarePicture(each.name));
  return drawn?.device == null ? ok(undefined) : failed('refused', { why: 'firmware-picture', address: drawn.device });
}

/** Unbinding is never refused by the kernel: it waits for whoever holds the device, or pulls it from under them (host fact 4.5). */
function refuseMove(facts: HostFacts, { devices, to }: Of<'move-now'>): Result<void> {
  const addresses = new Set(devices.map((device) => device.address));
  if (addresses.size !== devices.length) return failed('bad-input', { why: 'twice' });
  for (const device of devices) {
    const there = stillThere(facts, device);
    if (!there.ok) return there;
  }
  const holder = facts.holders.value?.find((each) => addresses.has(each.device));
  if (holder !== undefined) return failed('refused', { why: 'held', address: holder.device, command: holder.command });
  if (to === 'host') return ok(undefined);
  const lit = facts.display.connectors.value?.find((each) => each.gpu !== null && addresses.has(each.gpu) && each.status === 'connected' && each.enabled !== false);
  const drawn = facts.display.framebuffers.value?.find((each) => each.device !== null && addresses.has(each.device));
  const address = lit?.gpu ?? drawn?.device ?? null;
  return address === null ? ok(undefined) : failed('refused', { why: 'drives-screen', address });
}

/** Kept for the host: what its programs need, and never less than this (vm.md 2.7). */
const leastForHost = 4 * 2 ** 30;

function refusePages(facts: HostFacts, intent: Of<'huge-pages'>, kept: PlanBasis['kept']): Result<void> {
  const atStart = intent.when === 'always' && !bySysctl(intent);
  if (intent.count === 0) return atStart ? failed('refused', { why: 'huge-pages-undo' }) : ok(undefined);
  const fits = refuseMany(facts, intent);
  if (!fits.ok) return fits;
  if (!hasSize(facts, intent)) return failed('refused', { why: 'huge-pages-size' });
  // Two lists of pages on one command line add up in ways nobody reads off.
  const words = [...(facts.kernel.args.value ?? []), ...kept.args].map(argName);
  return atStart && words.includes('hugepages') ? failed('refused', { why: 'huge-pages-set' }) : ok(undefined);
}

/** As many as leave the host its share, of all memory or of the node's. */
function refuseMany({ memory }: HostFacts, { numa, count, sizeKiB }: Of<'huge-pages'>): Result<void> {
  const node = memory.nodes.value?.find((each) => each.id === numa);
  if (numa !== null && node === undefined && memory.nodes.value !== null) return failed('refused', { why: 'no-node', node: String(numa) });
  const all = node?.total ?? memory.total.value;
  if (all === null) return failed('precondition-failed', { why: 'memory-unknown' });
  const share = Math.max(node === undefined ? leastForHost : 0, all / 4);
  const most = Math.max(Math.floor((all - share) / (sizeKiB * 1024)), 0);
  return count > most ? failed('refused', { why: 'huge-pages-too-many', most: String(most) }) : ok(undefined);
}

/** Pages of 1 GiB are a matter of the processor; those asked for now must have a pool of theirs. */
function hasSize({ memory, cpu }: HostFacts, { when, sizeKiB }: Of<'huge-pages'>): boolean {
  const pools = memory.hugePages.value;
  if (when === 'now' && pools !== null && !pools.some((pool) => pool.sizeKiB === sizeKiB)) return false;
  return sizeKiB === 2048 || cpu.flags.value?.includes('pdpe1gb') !== false;
}
