// SPDX-License-Identifier: GPL-3.0-or-later
import type { CardHolder, HolderAction, HolderKind, ManagedCard } from '../../contract/hand-off';

/** What helps, safest first. A session is not a program to be closed: what is open in it would be lost. */
const actions: Readonly<Record<HolderKind, readonly HolderAction[]>> = {
  vm: ['shut-down-vm', 'wait'],
  container: ['stop-container', 'wait'],
  session: ['log-out'],
  service: ['stop-service', 'wait'],
  program: ['close', 'wait'],
  console: ['wait'],
  kernel: ['wait', 'restart'],
  mount: ['unmount'],
  swap: ['swap-off'],
  input: ['replug'],
};
export const actionsFor = (holder: Pick<CardHolder, 'kind'>): readonly HolderAction[] => actions[holder.kind];

/**
 * Holders that stand in the way: those that nothing of the plan ends. The console lets go by itself; a session ends with
 * the log-in screen of a single card; a service only where the table names it and says that it may be moved.
 */
export function inTheWay(holders: readonly CardHolder[], cards: readonly ManagedCard[]): readonly CardHolder[] {
  return holders.filter((holder) => {
    const card = cards.find((one) => one.functions.some((fn) => fn.address === holder.device));
    if (card === undefined) return false;
    switch (holder.kind) {
      case 'console':
        return false;
      case 'session':
        return card.way !== 'single-card';
      case 'service':
        return !(card.policy.service === 'move' && card.services.some((unit) => unit === holder.unit));
      case 'vm':
      case 'container':
      case 'program':
      case 'kernel':
      case 'mount':
      case 'swap':
      case 'input':
        return true;
      default:
        return holder.kind satisfies never;
    }
  });
}

/** Whether the table wants the person asked, and not only refused, for every one of these. */
export const mayAsk = (holders: readonly CardHolder[], cards: readonly ManagedCard[]): boolean =>
  holders.length > 0 &&
  holders.every((holder) => {
    const policy = cards.find((one) => one.functions.some((fn) => fn.address === holder.device))?.policy;
    const kind = holder.kind === 'session' ? 'program' : holder.kind;
    return policy !== undefined && (kind === 'service' || kind === 'container' || kind === 'program') && policy[kind] !== 'refuse';
  });
