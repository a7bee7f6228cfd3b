// SPDX-License-Identifier: GPL-3.0-or-later
import { say, type Language } from '../../words/say';
import { menuName } from './label';
import type { Offer } from './offers';

/** One line of the menu behind the icon. */
export type TrayEntry =
  | { readonly kind: 'vm'; readonly vm: string; readonly wish: 'over' | 'back'; readonly label: string; readonly enabled: boolean }
  | { readonly kind: 'open' | 'quit'; readonly label: string }
  | { readonly kind: 'line' };

/** What the desktop's panel shows. */
export interface TrayView {
  readonly icon: 'home' | 'away' | 'attention';
  readonly tip: string;
  readonly entries: readonly TrayEntry[];
}

/** VMs in the menu; who has more of them with a card opens the window. */
const most = 16;

/** Null: there is nothing to show an icon for. It is there while a card can move, and while it may be the only way back to a closed window. */
export function trayOf(offers: readonly Offer[], { language, stays }: { readonly language: Language; readonly stays: boolean }): TrayView | null {
  if (offers.length === 0 && !stays) return null;
  const icon = offers.some((one) => one.attention) ? 'attention' : offers.some((one) => one.away) ? 'away' : 'home';
  const vms = offers.slice(0, most).map((one): TrayEntry => ({
    kind: 'vm',
    vm: one.uuid,
    wish: one.label === 'back' || one.label === 'taking' ? 'back' : 'over',
    label: say(language, `door.tray-${one.label}`, { name: menuName(one.name) }),
    enabled: one.press !== 'wait',
  }));
  return {
    icon,
    tip: offers.length === 0 ? 'Switchyard' : say(language, `door.tip-${icon}`),
    entries: [...vms, ...(vms.length > 0 ? [{ kind: 'line' } as const] : []), { kind: 'open', label: say(language, 'door.tray-open') }, { kind: 'quit', label: say(language, 'door.tray-quit') }],
  };
}
