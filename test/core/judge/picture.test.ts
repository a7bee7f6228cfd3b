// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import type { PciAddress } from '../../../contract/pci';
import { assess } from '../../../core/judge/assess';
import { pictureOf } from '../../../core/judge/picture';
import { countOpen } from '../../../core/judge/picture-fold';
import type { PictureNode } from '../../../core/judge/picture-node';
import { moveOf, rowsOf, treeKeys } from '../../../core/judge/picture-rows';
import { readMachineFile } from '../../../core/read/machine-file';

const folder = join(import.meta.dirname, '../../corpus/machines');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function factsOf(file: string): HostFacts {
  const facts = readMachineFile(readFileSync(join(folder, file), 'utf8'));
  if (!facts.ok) throw new Error(file);
  return facts.value;
}
const fileOf = (number: string): string => files.find((name) => name.startsWith(`${number}-`)) ?? '';
const all = (nodes: readonly PictureNode[]): PictureNode[] => nodes.flatMap((node) => [node, ...all(node.children)]);
const addressesOf = (nodes: readonly PictureNode[]): PciAddress[] => all(nodes).flatMap((node) => [...(node.address === null ? [] : [node.address]), ...node.via]);
const nodeAt = (nodes: readonly PictureNode[], address: string): PictureNode | undefined => all(nodes).find((node) => node.address === address);

describe.each(files)('the picture of %s', (file) => {
  const facts = factsOf(file);
  const assessment = assess(facts);
  const choices: readonly (PciAddress | null)[] = [null, ...assessment.cards.map((card) => card.gpu)];

  test('holds every function exactly once, whatever is chosen', () => {
    for (const chosen of choices) {
      const shown = addressesOf(pictureOf(facts, assessment, chosen).roots);
      expect([...shown].sort()).toEqual(facts.pci.functions.map((it) => it.address).sort());
    }
  });

  test('has ids that are never used twice', () => {
    for (const chosen of choices) {
      const ids = all(pictureOf(facts, assessment, chosen).roots).map((node) => node.id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test('counts in a fold what is inside it', () => {
    for (const node of all(pictureOf(facts, assessment, null).roots)) {
      if (node.kind === 'fold') expect(node.holds.functions).toBe(addressesOf(node.children).length);
    }
  });

  test('shows the chosen card, its companions and what blocks without opening anything', () => {
    for (const card of assessment.cards) {
      const { roots } = pictureOf(facts, assessment, card.gpu);
      const inView = new Set(rowsOf(roots, new Set()).flatMap((row) => (row.node.address === null ? [] : [row.node.address, ...row.node.via])));
      for (const address of [card.gpu, ...card.companions, ...card.blockers]) expect(inView.has(address)).toBe(true);
      expect(nodeAt(roots, card.gpu)?.standing).toBe('chosen');
      for (const address of card.blockers) expect(nodeAt(roots, address)?.standing).toBe('blocks');
    }
  });

  test('gives one group one colour, and the chosen group the first', () => {
    for (const chosen of choices) {
      const hues = new Map<number, Set<number | null>>();
      for (const node of all(pictureOf(facts, assessment, chosen).roots)) {
        if (node.group !== null) hues.set(node.group, (hues.get(node.group) ?? new Set()).add(node.hue));
      }
      for (const set of hues.values()) expect(set.size).toBe(1);
      const group = facts.pci.functions.find((it) => it.address === chosen)?.iommuGroup ?? null;
      if (group !== null) expect([...(hues.get(group) ?? [])]).toEqual([0]);
    }
  });
});

test('a server with 281 functions first shows no more rows than a person can take in', () => {
  const facts = factsOf(fileOf('059'));
  expect(facts.pci.functions).toHaveLength(281);
  expect(countOpen(pictureOf(facts, assess(facts), null).roots)).toBeLessThanOrEqual(30);
});

test('the way to the chosen card is marked from its root to the card and nowhere else', () => {
  const facts = factsOf(fileOf('049'));
  const assessment = assess(facts);
  const { roots } = pictureOf(facts, assessment, assessment.cards[0]?.gpu ?? null);
  const live = all(roots).filter((node) => node.onTrack);
  expect(live.map((node) => node.kind)).toEqual(['root', 'card']);
  expect(live[1]?.via).toHaveLength(1);
});

test.each([
  ['by group, where the groups are known', '027', 'group'],
  ['by its ways, where they are known', '049', 'way'],
  ['by its ways and beside them by group, where some are known', '059', 'partly'],
])('what a source says is what the picture is made of: %s', (_what, number, by) => {
  const facts = factsOf(fileOf(number));
  const picture = pictureOf(facts, assess(facts), null);
  expect(picture.arrangedBy).toBe(by);
  if (by === 'group') expect(all(picture.roots).some((node) => node.kind === 'root')).toBe(false);
});

test('without ways and without groups the devices stand under their bus numbers', () => {
  const facts = factsOf(fileOf('027'));
  const functions = facts.pci.functions.map((it) => ({ ...it, iommuGroup: null }));
  const picture = pictureOf({ ...facts, pci: { ...facts.pci, functions } }, assess(facts), null);
  expect(picture.arrangedBy).toBe('bus');
  for (const root of picture.roots.filter((node) => node.kind === 'bus')) {
    for (const child of root.children) if (child.address !== null) expect(child.address.startsWith(`${root.name ?? ''}:`)).toBe(true);
  }
});

test('where the ways are unknown, a group with company is one branch, and the card\'s comes first', () => {
  const facts = factsOf(fileOf('027'));
  const { roots } = pictureOf(facts, assess(facts), '0000:01:00.0' as PciAddress);
  expect(roots[0]).toMatchObject({ kind: 'group', hue: 0, onTrack: true });
  for (const root of roots) {
    if (root.kind === 'group') expect(new Set(all(root.children).flatMap((node) => (node.group === null ? [] : [node.group])))).toEqual(new Set([root.group]));
  }
});

test('a graphics card and its sound are one thing', () => {
  const facts = factsOf(fileOf('027'));
  const card = nodeAt(pictureOf(facts, assess(facts), null).roots, '0000:01:00.0');
  expect(card?.kind).toBe('card');
  expect(card?.children.map((child) => [child.address, child.sort])).toEqual([['0000:01:00.1', 'sound']]);
});

describe('the keyboard', () => {
  const facts = factsOf(fileOf('059'));
  const { roots } = pictureOf(facts, assess(facts), null);
  const rows = rowsOf(roots, new Set());
  const idOf = (index: number): string => rows[index]?.node.id ?? '';

  test.each(treeKeys)('%s never leaves the tree', (key) => {
    const ids = new Set(rows.map((row) => row.node.id));
    for (const row of rows) expect(ids.has(moveOf(rows, row.node.id, key).to)).toBe(true);
  });

  test('goes up and down row by row and stops at the ends', () => {
    expect(moveOf(rows, idOf(0), 'ArrowDown').to).toBe(idOf(1));
    expect(moveOf(rows, idOf(1), 'ArrowUp').to).toBe(idOf(0));
    expect(moveOf(rows, idOf(0), 'ArrowUp').to).toBe(idOf(0));
    expect(moveOf(rows, idOf(2), 'End').to).toBe(idOf(rows.length - 1));
    expect(moveOf(rows, idOf(2), 'Home').to).toBe(idOf(0));
  });

  test('opens a closed branch with the right arrow, then enters it; closes and leaves it with the left', () => {
    const closed = rows.find((row) => row.node.children.length > 0 && !row.open)?.node;
    if (closed === undefined) throw new Error('nothing is closed');
    expect(moveOf(rows, closed.id, 'ArrowRight')).toEqual({ to: closed.id, turn: true });
    const opened = rowsOf(roots, new Set([closed.id]));
    const inside = closed.children[0]?.id ?? '';
    expect(moveOf(opened, closed.id, 'ArrowRight')).toEqual({ to: inside, turn: false });
    expect(moveOf(opened, inside, 'ArrowLeft').turn || moveOf(opened, inside, 'ArrowLeft').to === closed.id).toBe(true);
    expect(moveOf(opened, closed.id, 'ArrowLeft')).toEqual({ to: closed.id, turn: true });
  });

  test('does nothing but stay on a row with nothing behind it', () => {
    const leaf = rows.find((row) => row.node.children.length === 0)?.node.id ?? '';
    expect(moveOf(rows, leaf, 'ArrowRight')).toEqual({ to: leaf, turn: false });
  });
});
