// SPDX-License-Identifier: GPL-3.0-or-later
import type { Holds, PictureNode, Sort, Standing } from './picture-node';

/** Rows a person can take in without scrolling far. */
const budget = 26;

const weights: Readonly<Record<Standing, number>> = { chosen: 3, companion: 3, blocks: 3, shares: 3, card: 2, keeps: 1, plain: 0 };
const useful: readonly Sort[] = ['network', 'storage', 'usb', 'sound'];

/** How much a branch matters: the most important thing in it. */
export function weightOf(node: PictureNode): number {
  const own = node.kind === 'card' ? 2 : node.kind === 'function' && useful.includes(node.sort) ? 1 : 0;
  return Math.max(weights[node.standing], own, ...node.children.map(weightOf));
}

function addUp(parts: readonly Holds[]): Holds {
  const sorts: Partial<Record<Sort, number>> = {};
  for (const part of parts) {
    for (const sort of sortOrder) if (part.sorts[sort] !== undefined) sorts[sort] = (sorts[sort] ?? 0) + part.sorts[sort];
  }
  return {
    functions: parts.reduce((sum, part) => sum + part.functions, 0),
    groups: [...new Set(parts.flatMap((part) => part.groups))],
    alone: parts.every((part) => part.alone),
    sorts,
  };
}

/** The order in which sorts are named. */
export const sortOrder: readonly Sort[] = ['display', 'network', 'storage', 'usb', 'sound', 'bridge', 'system', 'other'];

function foldNode(parent: string, kept: readonly PictureNode[]): PictureNode {
  return {
    id: `fold ${parent}`,
    kind: 'fold',
    address: null,
    name: null,
    slot: null,
    driver: null,
    sort: 'other',
    standing: 'plain',
    group: null,
    hue: null,
    withCard: false,
    via: [],
    onTrack: false,
    open: false,
    holds: addUp(kept.map((node) => node.holds)),
    children: kept,
  };
}

/** Quietly puts aside what weighs less than `least`; a single one is not worth a fold. */
function foldUnder(parent: string, children: readonly PictureNode[], least: number): readonly PictureNode[] {
  const light = children.filter((node) => weightOf(node) < least);
  const rest = light.length > 1 ? children.filter((node) => !light.includes(node)) : children;
  const shown = rest.map((node) => (node.kind === 'card' ? node : { ...node, children: foldUnder(node.id, node.children, least) }));
  return light.length > 1 ? [...shown, foldNode(parent, light.map(shut))] : shown;
}

/** Branches inside a fold start closed, so that opening it never floods the view. */
function shut(node: PictureNode): PictureNode {
  return { ...node, open: false, children: node.children.map(shut) };
}

export const countOpen = (nodes: readonly PictureNode[]): number => nodes.reduce((sum, node) => sum + 1 + (node.open ? countOpen(node.children) : 0), 0);

/** Folds as gently as the budget of rows allows: first only system parts, then what stays anyway, then other cards. */
export function foldPicture(roots: readonly PictureNode[]): readonly PictureNode[] {
  const tries = [1, 2, 3].map((least) => foldUnder('all', roots, least));
  return tries.find((tried) => countOpen(tried) <= budget) ?? tries[1] ?? roots;
}
