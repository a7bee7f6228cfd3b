// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash, randomInt, randomUUID } from 'node:crypto';
import type { HostFacts } from '../../contract/facts';
import { failed, ok, type Result } from '../../contract/problem';
import type { Assessment } from '../../contract/verdict';
import { vmRecipe, type VmGraphics, type VmRecipe } from '../../contract/vm';
import type { VmDraft, VmDraftWish } from '../../contract/vm-asks';
import type { VmHost } from '../../contract/vm-host';
import type { VmTuning } from '../../contract/vm-tuning';
import { mayUse } from '../../core/vm/gates';
import { cardGraphics, draftRecipe } from '../../core/vm/recipe';
import { isolatedThreads } from '../../core/vm/tuning/isolated';
import { pictureOf, tune } from '../../core/vm/tuning/tune';
import { usualPool } from './pools';

/** A machine as far as a draft needs to know it. `folders`: where an image can lie, the best first. */
export interface DraftBasis {
  readonly facts: HostFacts;
  readonly assessment: Assessment;
  readonly host: VmHost;
  readonly folders: readonly string[];
}

/** Memory that serves a guest well where nobody says: Windows with a desktop, others with less. */
export const usualMemory = (system: VmDraftWish['system']): number => (system.startsWith('windows') ? 16_384 : 8192);

/** A whole recipe for this machine. Fails with `not-found` (no such card) or `bad-input` (`what`: the part that cannot be). */
export function draftFor(wish: VmDraftWish, basis: DraftBasis): Result<VmDraft> {
  const graphics = graphicsOf(wish.mode, basis);
  if (!graphics.ok) return graphics;
  const tuning = tuningFor(wish, basis.facts, { given: givenTo(graphics.value), cores: wish.cores, memoryMiB: wish.memoryMiB ?? usualMemory(wish.system) });
  const uuid = wish.uuid ?? randomUUID();
  const disk = diskOf(wish, basis.folders);
  const drafted = draftRecipe({ name: wish.name, uuid, mac: macOf(uuid), system: wish.system, graphics: graphics.value, disk: disk.path }, basis.host, tuning);
  const shown = drafted.display.kind === 'vnc' && basis.host.connection === 'system' ? { kind: 'vnc' as const, password: newPassword() } : drafted.display;
  const parsed = vmRecipe.safeParse({ ...drafted, display: shown, disks: [disk.disk] });
  if (!parsed.success) return failed('bad-input', { what: parsed.error.issues[0]?.path.join('.') ?? '' });
  return ok({ recipe: parsed.data, disks: disk.made, install: wish.install, tuning });
}

function diskOf(wish: VmDraftWish, folders: readonly string[]): { readonly path: string; readonly disk: VmRecipe['disks'][number]; readonly made: VmDraft['disks'] } {
  const { disk } = wish;
  switch (disk.kind) {
    case 'block':
      return { path: disk.path, disk: { kind: 'block', path: disk.path, bus: 'virtio', boot: 1 }, made: [] };
    case 'image':
      return { path: disk.path, disk: { kind: 'image', path: disk.path, format: disk.format, bus: 'virtio', boot: 1 }, made: [] };
    case 'new': {
      const path = `${disk.folder ?? folders[0] ?? usualPool.path}/${wish.name}.qcow2`;
      return { path, disk: { kind: 'image', path, format: 'qcow2', bus: 'virtio', boot: 1 }, made: [{ path, format: 'qcow2', sizeGiB: disk.sizeGiB }] };
    }
    default:
      return disk satisfies never;
  }
}

function graphicsOf(mode: VmDraftWish['mode'], { facts, assessment, host }: DraftBasis): Result<VmGraphics> {
  switch (mode.mode) {
    case 'vga':
    case 'none':
      return ok({ mode: mode.mode });
    case 'virtio-3d':
      return ok({ mode: 'virtio-3d', node: null });
    case 'mdev':
      return ok({ mode: 'mdev', uuid: mode.uuid, picture: pictureOfPart(facts, host) });
    case 'sriov': {
      const fn = facts.pci.functions.find((one) => one.address === mode.address);
      if (fn === undefined) return failed('not-found', { what: 'device' });
      // A whole function given by mistake would be torn from its driver: the network card of this computer, say.
      if (fn.physicalFunction === null && !fn.unknown.includes('physicalFunction')) return failed('refused', { why: 'not-virtual', address: fn.address });
      return ok({ mode: 'sriov', address: mode.address, driver: fn.vendor === '10de' ? 'vendor' : 'vfio' });
    }
    case 'passthrough': {
      const judged = assessment.verdict.passthrough.find((one) => one.gpu === mode.card);
      const fn = facts.pci.functions.find((one) => one.address === mode.card);
      if (judged === undefined || fn === undefined) return failed('not-found', { what: 'device' });
      const graphics = cardGraphics(mode.way, judged.own_functions, fn.vendor);
      const along = judged.bind_together.filter((address) => !judged.own_functions.includes(address)).slice(0, 16);
      return ok(graphics.mode === 'passthrough' ? { ...graphics, along: [...along] } : graphics);
    }
    default:
      return mode satisfies never;
  }
}

/** NVIDIA's driver hands out pixels, every other one buffers, which need a screen with OpenGL; without one the guest has an emulated picture beside its part. */
function pictureOfPart(facts: HostFacts, host: VmHost): Extract<VmGraphics, { mode: 'mdev' }>['picture'] {
  if (facts.pci.functions.some((fn) => fn.vendor === '10de' && fn.mdevTypes !== null)) return 'pixels';
  return mayUse(host.graphics, 'egl-headless') ? 'buffers' : 'none';
}

/** The function whose node the memory should lie next to; null: nothing of this computer is given. */
export function givenTo(graphics: VmGraphics): string | null {
  if (graphics.mode === 'passthrough') return graphics.functions[0] ?? null;
  return graphics.mode === 'sriov' ? graphics.address : null;
}

interface Ask {
  readonly given: string | null;
  readonly cores: number | null;
  readonly memoryMiB: number;
}

export function tuningFor({ use }: Pick<VmDraftWish, 'use'>, facts: HostFacts, { given, cores, memoryMiB }: Ask): VmTuning {
  const cardNode = facts.pci.functions.find((fn) => fn.address === given)?.numaNode ?? null;
  return tune(facts, { cores, profile: use === 'compute' ? 'compute' : 'play', cardNode, memoryMiB, pinsMemory: given !== null, isolated: isolatedThreads(facts) });
}

/** The layout of a recipe as it is, also where the person chose other threads than we would. */
export function tuningOf(recipe: VmRecipe, facts: HostFacts): VmTuning {
  const drawn = tuningFor({ use: 'play' }, facts, { given: givenTo(recipe.graphics), cores: recipe.cpu.cores, memoryMiB: recipe.memory.sizeMiB });
  const { pinning } = recipe.cpu;
  if (JSON.stringify(pinning) === JSON.stringify(drawn.pinning)) return drawn;
  const topology = facts.cpu.topology.value;
  const guest = new Set(pinning?.vcpus ?? []);
  const all = (topology?.threads ?? []).filter((one) => one.online && !guest.has(one.id)).map((one) => one.id);
  return {
    ...drawn,
    cores: recipe.cpu.cores,
    threads: recipe.cpu.threads,
    pinning,
    host: all,
    // Reasons of a layout that is not this one would be untrue; those of the memory stay.
    reasons: drawn.reasons.filter(({ code }) => code.startsWith('memory-') || code.startsWith('pages-')),
    picture: topology === null ? [] : pictureOf(topology, pinning),
  };
}

/** QEMU's own prefix and three bytes that stay the same for the same VM. */
export function macOf(uuid: string): string {
  const bytes = createHash('sha256').update(uuid).digest();
  return `52:54:00:${[...bytes.subarray(0, 3)].map((one) => one.toString(16).padStart(2, '0')).join(':')}`;
}

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
/** Eight letters, which is all that VNC's own way of asking looks at (RFC 6143, 7.2.2). */
const newPassword = (): string => Array.from({ length: 8 }, () => letters[randomInt(letters.length)] ?? 'x').join('');
