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
 * Holders that stand in the way: those that nothing of the plan ends. The console lets go by itself; what belongs to the
 * desktop ends with the log-in screen of a single card; a service only where the table names it and says that it may be
 * moved. `ending`: processes that end with the log-in screen.
 */
export function inTheWay(holders: readonly CardHolder[], cards: readonly ManagedCard[], ending: ReadonlySet<number>): readonly CardHolder[] {
  return holders.filter((holder) => {
    const card = cards.find((one) => one.functions.some((fn) => fn.address === holder.device));
    return card !== undefined && !lets(holder, card, ending);
  });
}

/** Whether the plan itself ends this one. */
function lets(holder: CardHolder, { way, policy, services }: ManagedCard, ending: ReadonlySet<number>): boolean {
  switch (holder.kind) {
    case 'console':
      return true;
    case 'session':
    case 'program':
      return way === 'single-card' && holder.pid !== null && ending.has(holder.pid);
    case 'service':
      return policy.service === 'move' && services.some((unit) => unit === holder.unit);
    case 'vm':
    case 'container':
    case 'kernel':
    case 'mount':
    case 'swap':
    case 'input':
      return false;
    default:
      return holder.kind satisfies never;
  }
}

/** Whether the table wants the person asked, and not only refused, for every one of these. */
export const mayAsk = (holders: readonly CardHolder[], cards: readonly ManagedCard[]): boolean =>
  holders.length > 0 &&
  holders.every((holder) => {
    const policy = cards.find((one) => one.functions.some((fn) => fn.address === holder.device))?.policy;
    const kind = holder.kind === 'session' ? 'program' : holder.kind;
    return policy !== undefined && (kind === 'service' || kind === 'container' || kind === 'program') && policy[kind] !== 'refuse';
  });
