// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import type { HostFacts } from '../../contract/facts';
import { intent, type Intent } from '../../contract/plan';
import { assess } from '../../core/judge/assess';
import { identityOf } from '../../core/plan/device-set';

/** What a command line asks for, before any machine was looked at. */
export interface Wished {
  readonly words: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
  /** The person says that no screen may be left. */
  readonly dark: boolean;
  /** Restart in order where a driver hangs and no screen is left. */
  readonly restarts: boolean;
  /** The card typed by name where no way back but the power button is left. */
  readonly typed: string | undefined;
  readonly size: '2M' | '1G';
  readonly now: boolean;
}

/** Null where the options do not fit. */
export function readWished(args: readonly string[]): Wished | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { yes: { type: 'boolean' }, json: { type: 'boolean' }, 'lose-only-screen': { type: 'boolean' }, 'restart-when-stuck': { type: 'boolean' }, card: { type: 'string' }, size: { type: 'string' }, now: { type: 'boolean' } },
    });
    const size = values.size ?? '2M';
    if (size !== '2M' && size !== '1G') return null;
    return { words: positionals, yes: values.yes ?? false, json: values.json ?? false, dark: values['lose-only-screen'] ?? false, restarts: values['restart-when-stuck'] ?? false, typed: values.card, size, now: values.now ?? false };
  } catch {
    return null;
  }
}

const usualKinds = ['dedicate', 'release', 'on-demand', 'single-card'] as const;

/**
 * The intent for the words, with the functions this machine has: of a card all that moves along. Null: the words fit no
 * wish. `no-card`: there is no graphics card at that address.
 */
export function intentOf(wished: Wished, facts: HostFacts): Intent | 'no-card' | null {
  const [kind, ...rest] = wished.words;
  const usual = usualKinds.find((one) => one === kind);
  if (usual !== undefined || kind === 'move-now') return aboutCard(wished, facts, { kind: usual ?? 'move-now', rest });
  if (kind === 'enable-iommu') return rest.length === 0 ? { kind } : null;
  if (kind === 'vm-host') return shaped({ kind, needs: rest });
  if (kind !== 'huge-pages' || rest.length !== 1 || !/^\d{1,7}$/.test(rest[0] ?? '')) return null;
  return shaped({ kind, sizeKiB: wished.size === '1G' ? 1_048_576 : 2048, count: Number(rest[0]), numa: null, when: wished.now ? 'now' : 'always' });
}

function aboutCard({ dark, restarts }: Wished, facts: HostFacts, { kind, rest }: { readonly kind: (typeof usualKinds)[number] | 'move-now'; readonly rest: readonly string[] }): Intent | 'no-card' | null {
  const [address, to, ...more] = rest;
  if (address === undefined || more.length > 0 || (to !== undefined) !== (kind === 'move-now')) return null;
  const card = assess(facts).cards.find(({ gpu, companions }) => [gpu, ...companions].some((each) => each === address || each === `0000:${address}`));
  if (card === undefined) return 'no-card';
  const devices = [card.gpu, ...card.companions].flatMap((each) => facts.pci.functions.filter((one) => one.address === each)).map(identityOf);
  if (kind === 'move-now') return shaped({ kind, devices, to });
  if (kind === 'single-card') return shaped({ kind, devices, restartWhenStuck: restarts });
  return shaped({ kind, devices, ...(kind === 'dedicate' ? { consents: dark ? ['lose-only-screen'] : [] } : {}) });
}

/** The same shape that goes to root; what does not fit it is no wish. */
function shaped(wish: unknown): Intent | null {
  const read = intent.safeParse(wish);
  return read.success ? read.data : null;
}
