// SPDX-License-Identifier: GPL-3.0-or-later
import type { PictureNode, Standing } from '../../core/judge/picture-node';
import { sortOrder } from '../../core/judge/picture-fold';
import type { IconName } from '../parts/icons';
import type { Session } from './session.svelte';
import type { Looked } from './wizard.svelte';

export const standingIcons: Readonly<Record<Standing, IconName>> = {
  chosen: 'chosen',
  companion: 'companion',
  blocks: 'stop',
  shares: 'shares',
  card: 'display',
  keeps: 'keeps',
  plain: 'system',
};

/** Maker's prefixes that say nothing in a list where every row has one. */
const prefixes = /^(?:Intel Corporation|Advanced Micro Devices, Inc\.(?: \[AMD(?:\/ATI)?\])?|NVIDIA Corporation|Realtek Semiconductor Co\., Ltd\.|Broadcom Inc\. and subsidiaries)\s+/;

/** A device's name without its maker; empty when nobody named it. */
export const withoutMaker = (name: string | null): string => name?.replace(prefixes, '').replace(/^Device$/, '') ?? '';
export const bareName = (node: PictureNode): string => withoutMaker(node.name);

/** What a row is called: a card by its human name, a fold by what it holds, anything else by its device name. */
export function nameOf(session: Session, node: PictureNode): string {
  switch (node.kind) {
    case 'root':
    case 'group':
    case 'alone':
    case 'bus':
      return session.t(`window.picture.${node.kind}`, { bus: node.name ?? '', group: node.name ?? '' });
    case 'fold':
      return foldName(session, node);
    case 'bridge':
      return session.t('window.picture.bridge', { address: node.address ?? '' });
    case 'card':
      return node.name ?? session.t('window.sort.display');
    case 'function': {
      const sort = session.t(`window.sort.${node.sort}`);
      const name = bareName(node);
      return name === '' ? sort : session.t('window.picture.function', { sort, name });
    }
    default:
      return node.kind satisfies never;
  }
}

function foldName(session: Session, node: PictureNode): string {
  const { functions, groups, alone } = node.holds;
  if (alone) return session.t('window.picture.fold-alone', { count: functions });
  if (groups.length < 2) return session.t('window.picture.fold', { count: functions });
  return session.t('window.picture.fold-groups', { count: functions, groups: groups.length });
}

/** Whether the choice falls on this row although the card cannot be given away. */
export function isHeldBack(looked: Looked, node: PictureNode): boolean {
  const { cards, verdict } = looked.assessment;
  const { address, standing } = node;
  if (address === null || (standing !== 'chosen' && standing !== 'companion')) return false;
  const gpu = standing === 'chosen' ? address : cards.find((it) => it.companions.includes(address))?.gpu;
  return verdict.passthrough.some((it) => it.gpu === gpu && it.verdict === 'no');
}

/** The word beside a row: what the choice means for it. */
export function standingOf(session: Session, looked: Looked, node: PictureNode): { readonly icon: IconName; readonly word: string } | null {
  if (node.standing === 'plain') return null;
  if (node.standing === 'card') {
    const card = looked.assessment.cards.find((it) => it.gpu === node.address);
    if (card === undefined || node.kind !== 'card' && node.sort !== 'display') return null;
    return { icon: card.role === 'idle' ? 'good' : 'display', word: session.t(`window.role.${card.role}`) };
  }
  if (isHeldBack(looked, node)) return node.standing === 'chosen' ? { icon: 'stop', word: session.t('window.standing.cannot') } : { icon: standingIcons.companion, word: session.t('window.standing.would') };
  return { icon: standingIcons[node.standing], word: session.t(`window.standing.${node.standing}`) };
}

/** What the choice means for a row, in one sentence. */
export function meansOf(session: Session, looked: Looked, node: PictureNode): string | null {
  if (node.standing === 'plain' || node.standing === 'card') return null;
  if (isHeldBack(looked, node)) return session.t(node.standing === 'chosen' ? 'window.means.cannot' : 'window.means.would');
  return session.t(`window.means.${node.standing}`);
}

interface DetailRow {
  readonly term: string;
  readonly value: string;
  readonly mono: boolean;
}

/** The facts under the picture for the row the person is on. */
export function detailOf(session: Session, looked: Looked, node: PictureNode): readonly DetailRow[] {
  const rows: DetailRow[] = [];
  const add = (key: Parameters<Session['t']>[0], value: string | null, mono = false): void => {
    if (value !== null && value !== '') rows.push({ term: session.t(key), value, mono });
  };
  add('window.detail.address', node.address, true);
  add('window.detail.slot', node.slot);
  if (node.address !== null) {
    add('window.detail.driver', node.driver ?? session.t('window.detail.no-driver'), node.driver !== null);
    add('window.detail.group', node.group === null ? session.t('window.detail.no-group') : groupWords(session, looked, node.group));
  }
  add('window.detail.via', node.via.join(', '), true);
  if (node.kind !== 'card' && node.kind !== 'function' && node.kind !== 'bridge') add('window.detail.holds', holdsWords(session, node));
  return rows;
}

function groupWords(session: Session, looked: Looked, group: number): string {
  const count = looked.facts.pci.functions.filter((it) => it.iommuGroup === group).length;
  return session.t('window.detail.group-of', { group, count });
}

function holdsWords(session: Session, node: PictureNode): string {
  const parts = sortOrder.flatMap((sort) => {
    const count = node.holds.sorts[sort];
    return count === undefined ? [] : [session.t('window.detail.count', { count, sort: session.t(`window.sort.${sort}`) })];
  });
  return new Intl.ListFormat(session.language === 'zh' ? 'zh-Hans' : 'en', { type: 'unit' }).format(parts);
}
