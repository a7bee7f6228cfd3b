// SPDX-License-Identifier: GPL-3.0-or-later
import { globalShortcut } from 'electron';
import type { Shortcut } from '../../contract/names';
import type { ShortcutKey } from '../world';
import { onePressOf } from './keys';

/** Holds at most one key of the closed list for the whole desktop. */
export function openShortcut(press: () => void, wayland: boolean): ShortcutKey {
  let now: ReturnType<ShortcutKey['state']> = 'off';
  let held: Shortcut = 'off';
  const once = onePressOf(press, Date.now);
  const taken = (wanted: Shortcut): boolean => {
    try {
      return globalShortcut.register(wanted, once);
    } catch {
      return false;
    }
  };
  return {
    state: () => now,
    set(wanted) {
      if (held !== 'off') globalShortcut.unregister(held);
      const good = wanted !== 'off' && taken(wanted);
      held = good ? wanted : 'off';
      // On Wayland a yes means that the desktop was asked, not what it said.
      now = wanted === 'off' ? 'off' : !good ? 'refused' : wayland ? 'asked' : 'held';
    },
  };
}
