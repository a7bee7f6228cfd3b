// SPDX-License-Identifier: GPL-3.0-or-later
import type { PictureNode } from './picture-node';

/** A row in view: the node, its depth (1 = root), its parent's id and whether it is open now. */
export interface PictureRow {
  readonly node: PictureNode;
  readonly level: number;
  readonly parent: string | null;
  readonly open: boolean;
}

/** Branches the person opened or closed against their first state. */
export type Turned = ReadonlySet<string>;

export const isOpen = (node: PictureNode, turned: Turned): boolean => node.children.length > 0 && node.open !== turned.has(node.id);

/** The rows in view, top to bottom. */
export function rowsOf(nodes: readonly PictureNode[], turned: Turned, level = 1, parent: string | null = null): readonly PictureRow[] {
  return nodes.flatMap((node) => {
    const open = isOpen(node, turned);
    return [{ node, level, parent, open }, ...(open ? rowsOf(node.children, turned, level + 1, node.id) : [])];
  });
}

export type TreeKey = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End';
export const treeKeys: readonly TreeKey[] = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'];

interface Move {
  readonly to: string;
  readonly turn: boolean;
}

/** What a key does from a row: move to another one, or turn (open or close) this one (WAI-ARIA tree pattern). */
export function moveOf(rows: readonly PictureRow[], from: string, key: TreeKey): Move {
  const at = Math.max(0, rows.findIndex((row) => row.node.id === from));
  const go = (index: number): Move => ({ to: rows[Math.min(rows.length - 1, Math.max(0, index))]?.node.id ?? from, turn: false });
  switch (key) {
    case 'ArrowUp':
      return go(at - 1);
    case 'ArrowDown':
      return go(at + 1);
    case 'Home':
      return go(0);
    case 'End':
      return go(rows.length - 1);
    case 'ArrowRight':
      return inward(rows, at);
    case 'ArrowLeft':
      return outward(rows, at);
    default:
      return key satisfies never;
  }
}

function inward(rows: readonly PictureRow[], at: number): Move {
  const row = rows[at];
  const inside = row?.open === true ? rows[at + 1] : undefined;
  return { to: inside?.node.id ?? row?.node.id ?? '', turn: row !== undefined && !row.open && row.node.children.length > 0 };
}

function outward(rows: readonly PictureRow[], at: number): Move {
  const row = rows[at];
  if (row?.open === true) return { to: row.node.id, turn: true };
  return { to: row?.parent ?? row?.node.id ?? '', turn: false };
}
