// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes, randomUUID } from 'node:crypto';
import type { HostFacts } from '../../contract/facts';
import { failed, ok, type Result } from '../../contract/problem';
import { vmRecipe, type GuestSystem, type VmGraphics, type VmRecipe } from '../../contract/vm';
import type { VmHost } from '../../contract/vm-host';
import type { Assessment } from '../../contract/verdict';
import { cardGraphics, draftRecipe, installStage } from '../../core/vm/recipe';
import { tune } from '../../core/vm/tuning/tune';
import type { TuningWish } from '../../core/vm/tuning/wish';

export const recipeModes = ['vga', 'virtio-3d', 'passthrough', 'none'] as const;
export const recipeWays = ['dedicated', 'on-demand', 'single-card'] as const;

/** What a person says on the command line for a whole recipe. */
export interface RecipeWords {
  readonly name: string;
  readonly disk: string;
  readonly system: GuestSystem;
  readonly mode: (typeof recipeModes)[number];
  readonly way: (typeof recipeWays)[number];
  readonly card: string | undefined;
  /** Discs of an installation: then the recipe is that of its first stage. */
  readonly install: string | undefined;
  readonly drivers: string | undefined;
  readonly tuning: Omit<TuningWish, 'cardNode' | 'pinsMemory'>;
}

/** A recipe from a few words, laid out for this machine. Fails with `not-found` (no such card) or `bad-input` (a name or path that cannot be). */
export function recipeFrom(words: RecipeWords, machine: { readonly facts: HostFacts; readonly assessment: Assessment; readonly host: VmHost }): Result<VmRecipe> {
  const { facts, assessment, host } = machine;
  const graphics = graphicsFrom(words, facts, assessment);
  if (!graphics.ok) return graphics;
  const given = graphics.value.mode === 'passthrough' ? graphics.value.functions[0] : undefined;
  const cardNode = facts.pci.functions.find((fn) => fn.address === given)?.numaNode ?? null;
  const plan = tune(facts, { ...words.tuning, cardNode, pinsMemory: given !== undefined });
  const wish = { name: words.name, uuid: randomUUID(), mac: randomMac(), system: words.system, graphics: graphics.value, disk: words.disk };
  const whole = draftRecipe(wish, host, plan);
  const recipe = words.install === undefined ? whole : installStage(whole, { system: words.install, drivers: words.drivers ?? null, answers: null });
  const checked = vmRecipe.safeParse(recipe);
  return checked.success ? ok(checked.data) : failed('bad-input', { what: checked.error.issues[0]?.path.join('.') ?? '' });
}

function graphicsFrom({ mode, way, card }: RecipeWords, facts: HostFacts, assessment: Assessment): Result<VmGraphics> {
  if (mode === 'vga' || mode === 'none') return ok({ mode });
  if (mode === 'virtio-3d') return ok({ mode, node: null });
  const judged = assessment.verdict.passthrough.find((one) => one.gpu === card);
  const fn = facts.pci.functions.find((one) => one.address === card);
  if (judged === undefined || fn === undefined) return failed('not-found', { what: 'device' });
  const graphics = cardGraphics(way, judged.own_functions, fn.vendor);
  const along = judged.bind_together.filter((address) => !judged.own_functions.includes(address)).slice(0, 16);
  return ok(graphics.mode === 'passthrough' ? { ...graphics, along: [...along] } : graphics);
}

/** QEMU's own prefix and three bytes of chance. */
const randomMac = (): string => `52:54:00:${[...randomBytes(3)].map((one) => one.toString(16).padStart(2, '0')).join(':')}`;
