// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciAddress } from '../../contract/pci';
import type { Intent } from '../../contract/plan';
import type { VmRecipe } from '../../contract/vm';
import type { VmHostNeed } from '../../contract/vm-change';
import { identityOf } from '../../core/plan/device-set';
import type { Hands } from '../target';
import type { VmTuning } from '../../contract/vm-tuning';

/** What a VM needs of root, from the recipe it was drawn from. `now`: it starts with these devices and pages, and not only after its installation. */
export interface NeedBasis {
  readonly recipe: VmRecipe;
  readonly facts: HostFacts;
  readonly tuning: VmTuning;
  readonly now: boolean;
  /** Whether its network's own start is to be asked about. */
  readonly network: boolean;
}

type Need = Omit<VmHostNeed, 'met'>;

/** Every host step of a VM, and whether this computer is so already: the planner itself is asked, so both say the same. */
export function needsOf(hands: Pick<Hands, 'draw'>, basis: NeedBasis): VmHostNeed[] {
  return wanted(basis).map((need) => {
    const drawn = hands.draw(need.intent);
    return { ...need, met: !drawn.ok ? 'unknown' : drawn.value.review.nothingToDo ? 'yes' : 'no' };
  });
}

function wanted(basis: NeedBasis): Need[] {
  const { recipe, tuning, now } = basis;
  const host = (code: Need['code'], need: Extract<Intent, { kind: 'vm-host' }>['needs'][number], beforeStart: boolean): Need => ({ code, detail: {}, intent: { kind: 'vm-host', needs: [need] }, beforeStart });
  const usual = basis.network && recipe.networks.some((one) => one.kind === 'nat' && one.network === 'default');
  return [
    host('account', 'account', false),
    ...(usual ? [host('network-autostart', 'network', false)] : []),
    ...cards(basis),
    ...(recipe.memory.pages === 'ordinary' || tuning.memory.count === 0 ? [] : [pages(recipe, tuning, now)]),
    ...(recipe.display.kind === 'looking-glass' ? [host('looking-glass', 'looking-glass', now)] : []),
    // The system's QEMU opens input devices itself; only a VM of the person's own would need the group.
  ];
}

function cards({ recipe, facts, now }: NeedBasis): Need[] {
  const { graphics } = recipe;
  if (graphics.mode !== 'passthrough') return [];
  const all: readonly PciAddress[] = [...graphics.functions, ...graphics.along];
  const devices = all.flatMap((address) => facts.pci.functions.filter((fn) => fn.address === address).map(identityOf));
  if (devices.length === 0) return [];
  const detail = { address: graphics.functions[0] ?? '' };
  if (graphics.way === 'dedicated') return [{ code: 'card-dedicated', detail, intent: { kind: 'dedicate', devices, consents: [] }, beforeStart: now }];
  const single = graphics.way === 'single-card';
  return [
    { code: single ? 'card-single' : 'card-on-demand', detail, intent: single ? { kind: 'single-card', devices, restartWhenStuck: false } : { kind: 'on-demand', devices }, beforeStart: now },
    { code: 'modules', detail: {}, intent: { kind: 'vm-host', needs: ['cards'] }, beforeStart: false },
  ];
}

function pages(recipe: VmRecipe, tuning: VmTuning, now: boolean): Need {
  const sizeKiB = recipe.memory.pages === '1G' ? 1_048_576 : 2048;
  const count = Math.ceil((recipe.memory.sizeMiB * 1024) / sizeKiB);
  return { code: 'huge-pages', detail: { count: String(count), size: recipe.memory.pages }, intent: { kind: 'huge-pages', sizeKiB, count, numa: null, when: tuning.memory.when === 'now' ? 'now' : 'always' }, beforeStart: now };
}
