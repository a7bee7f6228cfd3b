// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import { Menu, Tray, type MenuItemConstructorOptions } from 'electron';
import type { TrayEntry, TrayView } from './tray-view';

/** What a press in the panel does. */
export interface TrayActs {
  readonly open: () => void;
  readonly quit: () => void;
  readonly vm: (wish: 'over' | 'back', vm: string) => void;
}

export interface PanelIcon {
  readonly draw: (view: TrayView | null) => void;
  readonly close: () => void;
}

/**
 * The icon in the desktop's panel (StatusNotifierItem, or a status icon of X11 where nobody shows those). A desktop without either shows nothing,
 * and where Electron cannot make one at all, none is tried again: the window does everything that stands here.
 */
export function openTray(icons: string, acts: TrayActs): PanelIcon {
  let tray: Tray | null = null;
  let icon: TrayView['icon'] | null = null;
  let able = true;
  const close = (): void => {
    tray?.destroy();
    [tray, icon] = [null, null];
  };
  const make = (file: string): Tray => {
    const made = new Tray(file);
    // Which press a panel hands on is its own affair; where it is none, the menu opens the window.
    made.on('click', acts.open);
    return made;
  };
  const paint = (view: TrayView): void => {
    const file = path.join(icons, `tray-${view.icon}.png`);
    if (tray === null) tray = make(file);
    else if (icon !== view.icon) tray.setImage(file);
    icon = view.icon;
    tray.setToolTip(view.tip);
    // Linux takes a changed menu only as a new one.
    tray.setContextMenu(Menu.buildFromTemplate(view.entries.map((entry) => itemOf(entry, acts))));
  };
  return {
    close,
    draw(view) {
      if (view === null) close();
      else if (able) {
        try {
          paint(view);
        } catch (why) {
          able = false;
          close();
          console.error(`No icon in the panel: ${String(why)}`);
        }
      }
    },
  };
}

function itemOf(entry: TrayEntry, acts: TrayActs): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'line':
      return { type: 'separator' };
    case 'vm':
      return { label: entry.label, enabled: entry.enabled, click: () => { acts.vm(entry.wish, entry.vm); } };
    case 'open':
    case 'quit':
      return { label: entry.label, click: acts[entry.kind] };
  }
}
