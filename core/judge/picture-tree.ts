// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { Assessment } from '../../contract/verdict';
import { sortOf, type Holds, type PictureNode, type Sort, type Standing } from './picture-node';
import { huesOf } from './picture-hue';

interface World {
  readonly functions: readonly PciFunction[];
  readonly assessment: Assessment;
  readonly stands: ReadonlyMap<PciAddress, Standing>;
  readonly hues: ReadonlyMap<number, number>;
  readonly below: ReadonlyMap<string, readonly PciFunction[]>;
  readonly members: ReadonlyMap<number, number>;
  readonly cardGroups: ReadonlySet<number>;
}

const busOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));
const slotOf = (address: string): string => address.slice(0, address.lastIndexOf('.'));

/** What a row of the first level is called by: its kind, and the bus or group it stands for. */
const rootKey = /^(root|group|alone|bus) ?(.*)$/;

/** The key of what a function hangs on: a bridge's address or a root bus; and what is known beside that where the source does not say. */
function parentOf(it: PciFunction, known: ReadonlySet<string>, members: ReadonlyMap<number, number>): string {
  const bridge = it.upstream.at(-1);
  // A dump may name a bridge it does not show; what hangs on it hangs nowhere then.
  if (!it.unknown.includes('topology') && (bridge === undefined || known.has(bridge))) return bridge ?? `root ${busOf(it.address)}`;
  if (it.iommuGroup === null) return `bus ${busOf(it.address)}`;
  return (members.get(it.iommuGroup) ?? 0) > 1 ? `group ${String(it.iommuGroup)}` : 'alone';
}

function gather(functions: readonly PciFunction[], members: ReadonlyMap<number, number>): Map<string, PciFunction[]> {
  const known = new Set<string>(functions.map((it) => it.address));
  const below = new Map<string, PciFunction[]>();
  for (const it of functions) {
    const parent = parentOf(it, known, members);
    below.set(parent, [...(below.get(parent) ?? []), it]);
  }
  return below;
}

/** What a set of functions holds; `members` counts each group over the whole machine. */
export function holdsOf(functions: readonly PciFunction[], members: ReadonlyMap<number, number>): Holds {
  const sorts: Partial<Record<Sort, number>> = {};
  const groups = new Set<number>();
  let alone = functions.length > 0;
  for (const it of functions) {
    const sort = sortOf(it);
    sorts[sort] = (sorts[sort] ?? 0) + 1;
    if (it.iommuGroup === null) alone = false;
    else {
      groups.add(it.iommuGroup);
      if ((members.get(it.iommuGroup) ?? 0) > 1) alone = false;
    }
  }
  return { functions: functions.length, groups: [...groups], alone, sorts };
}

function ownOf(world: World, gpu: PciAddress): readonly PciAddress[] {
  const own = world.assessment.verdict.passthrough.find((it) => it.gpu === gpu)?.own_functions ?? [];
  return own.includes(gpu) ? own : [gpu, ...own];
}

/** A function and everything behind it. */
function reach(world: World, it: PciFunction): PciFunction[] {
  return [it, ...(world.below.get(it.address) ?? []).flatMap((child) => reach(world, child))];
}

function leaf(world: World, it: PciFunction, children: readonly PictureNode[]): PictureNode {
  const standing = world.stands.get(it.address) ?? 'plain';
  return {
    id: it.address,
    kind: sortOf(it) === 'bridge' ? 'bridge' : 'function',
    address: it.address,
    name: it.name,
    slot: it.slotLabel,
    driver: it.driver,
    sort: sortOf(it),
    standing,
    group: it.iommuGroup,
    hue: it.iommuGroup === null ? null : (world.hues.get(it.iommuGroup) ?? null),
    withCard: it.iommuGroup !== null && world.cardGroups.has(it.iommuGroup),
    via: [],
    onTrack: standing === 'chosen' || children.some((child) => child.onTrack),
    open: true,
    holds: holdsOf(reach(world, it), world.members),
    children,
  };
}

/** A card is one thing: its functions are rows inside it. */
function cardNode(world: World, gpu: PciFunction, own: readonly PciFunction[]): PictureNode {
  const card = world.assessment.cards.find((it) => it.gpu === gpu.address);
  const rows = own.filter((it) => it.address !== gpu.address).map((it) => leaf(world, it, []));
  const base = leaf(world, gpu, rows);
  return { ...base, id: `card ${gpu.address}`, kind: 'card', name: card?.name ?? gpu.name, slot: card?.slot ?? gpu.slotLabel, open: true, holds: holdsOf(own, world.members) };
}

/** A bridge with one thing behind it is only a station on that thing's track. */
function bridgeNode(world: World, it: PciFunction): PictureNode {
  const children = nodesUnder(world, it.address);
  const only = children.length === 1 ? children[0] : undefined;
  if (only !== undefined) return { ...only, via: [it.address, ...only.via], slot: only.slot ?? it.slotLabel, holds: holdsOf(reach(world, it), world.members) };
  return leaf(world, it, children);
}

function nodesUnder(world: World, parent: string): PictureNode[] {
  const here = [...(world.below.get(parent) ?? [])].sort((a, b) => (a.address < b.address ? -1 : 1));
  const gpus = new Set(world.assessment.cards.map((card) => card.gpu));
  const taken = new Set<PciAddress>();
  const nodes: PictureNode[] = [];
  for (const gpu of here.filter((it) => gpus.has(it.address))) {
    const own = ownOf(world, gpu.address);
    for (const it of here) if (own.includes(it.address) && slotOf(it.address) === slotOf(gpu.address)) taken.add(it.address);
  }
  for (const it of here) {
    if (gpus.has(it.address)) {
      const own = ownOf(world, it.address);
      nodes.push(cardNode(world, it, here.filter((other) => own.includes(other.address) && slotOf(other.address) === slotOf(it.address))));
    } else if (!taken.has(it.address)) {
      nodes.push(world.below.has(it.address) ? bridgeNode(world, it) : leaf(world, it, []));
    }
  }
  return nodes;
}

const isRootKind = (kind: string | undefined): kind is 'root' | 'group' | 'alone' | 'bus' => kind === 'root' || kind === 'group' || kind === 'alone' || kind === 'bus';

function rootNode(world: World, key: string): PictureNode {
  const [, kind, name] = rootKey.exec(key) ?? [];
  const here = world.below.get(key) ?? [];
  const children = nodesUnder(world, key);
  const group = kind === 'group' ? (here[0]?.iommuGroup ?? null) : null;
  return {
    id: key,
    kind: isRootKind(kind) ? kind : 'root',
    address: null,
    name: name ?? null,
    slot: null,
    driver: null,
    sort: 'bridge',
    standing: 'plain',
    group,
    hue: group === null ? null : (world.hues.get(group) ?? null),
    withCard: group !== null && world.cardGroups.has(group),
    via: [],
    onTrack: children.some((child) => child.onTrack),
    open: true,
    holds: holdsOf(here.flatMap((it) => reach(world, it)), world.members),
    children,
  };
}

/** Root buses in order; where there are none, what a card is part of comes first, then groups, then what stands alone. */
function byImportance(a: PictureNode, b: PictureNode): number {
  const kinds = ['root', 'group', 'alone', 'bus'];
  const rank = (node: PictureNode): number => (node.kind !== 'root' && node.children.some((child) => child.kind === 'card') ? 0 : 10) + kinds.indexOf(node.kind);
  if (a.kind === 'root' && b.kind === 'root') return a.id < b.id ? -1 : 1;
  return rank(a) - rank(b) || (a.group ?? 0) - (b.group ?? 0) || (a.id < b.id ? -1 : 1);
}

/** The whole machine as a tree, nothing folded: by root bus, or by group or bus where the source does not say how buses hang together. */
export function growTree(facts: HostFacts, assessment: Assessment, stands: ReadonlyMap<PciAddress, Standing>): readonly PictureNode[] {
  const functions = facts.pci.functions;
  const members = new Map<number, number>();
  for (const it of functions) if (it.iommuGroup !== null) members.set(it.iommuGroup, (members.get(it.iommuGroup) ?? 0) + 1);
  const gpus = new Set(assessment.cards.map((it) => it.gpu));
  const cardGroups = new Set(functions.flatMap((it) => (gpus.has(it.address) && it.iommuGroup !== null ? [it.iommuGroup] : [])));
  const world: World = { functions, assessment, stands, members, cardGroups, hues: huesOf(functions, stands), below: gather(functions, members) };
  return [...world.below.keys()]
    .filter((key) => rootKey.test(key))
    .map((key) => rootNode(world, key))
    .sort(byImportance);
}
