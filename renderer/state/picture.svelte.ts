// SPDX-License-Identifier: GPL-3.0-or-later
import { SvelteSet } from 'svelte/reactivity';
import type { Picture, PictureNode } from '../../core/judge/picture-node';
import { isOpen, moveOf, rowsOf, treeKeys, type TreeKey } from '../../core/judge/picture-rows';

const isTreeKey = (key: string): key is TreeKey => treeKeys.some((known) => known === key);

/** Which branches of the picture are open and which row the keyboard is on. */
export class PictureView {
  readonly turned = new SvelteSet<string>();
  private wanted = $state<string | null>(null);
  private readonly read: () => Picture;

  constructor(read: () => Picture) {
    this.read = read;
  }

  rows = $derived.by(() => rowsOf(this.read().roots, this.turned));
  /** The one row in the tab order: the last visited, else the chosen card, else the first. */
  at = $derived.by(() => {
    const found = this.rows.find((row) => row.node.id === this.wanted) ?? this.rows.find((row) => row.node.standing === 'chosen') ?? this.rows.find((row) => row.node.kind === 'card') ?? this.rows[0];
    return found?.node ?? null;
  });

  open(node: PictureNode): boolean {
    return isOpen(node, this.turned);
  }

  turn(id: string): void {
    if (this.turned.has(id)) this.turned.delete(id);
    else this.turned.add(id);
  }

  visit(id: string): void {
    this.wanted = id;
  }

  /** Follows a key; null when the key means nothing to the tree. Returns the id the focus belongs on. */
  follow(key: string): string | null {
    const from = this.at?.id;
    if (from === undefined) return null;
    if (key === 'Enter' || key === ' ') {
      if (this.at !== null && this.at.children.length > 0) this.turn(from);
      return from;
    }
    if (!isTreeKey(key)) return null;
    const move = moveOf(this.rows, from, key);
    if (move.turn) this.turn(move.to);
    this.wanted = move.to;
    return move.to;
  }
}
