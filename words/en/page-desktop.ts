// SPDX-License-Identifier: GPL-3.0-or-later
/** What the settings say of the desktop's own doors: the key and the icon in the panel. They come when the settings are opened. */
export const pageDesktop = {
  'window.shortcut': 'Shortcut for the card',
  'window.shortcut.off': 'None',
  'window.shortcut.means': 'Hands the card over or takes it back, from any program.',
  'window.shortcut.refused': 'The desktop did not give this key. Another program may have it.',
  'window.shortcut.asked': 'Your desktop was asked for this key. It may ask you first; its own settings show the key.',
  'window.keep-running': 'Keep running when closed',
  'window.keep-running.means': 'For the icon in the panel and the shortcut. Start Switchyard again to see the window.',
} as const;
