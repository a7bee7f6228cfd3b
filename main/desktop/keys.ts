// SPDX-License-Identifier: GPL-3.0-or-later

/** Chromium's own switches for keys on Wayland (docs/decisions/0155): the portal, and the portal also on GNOME. They do nothing before a key is asked for. */
export const portalFeatures = ['GlobalShortcutsPortal', 'GlobalShortcutsPortalPreferredTrigger'] as const;

/** The value of `enable-features` with ours in it: what the person started the program with stays. */
export const withPortal = (given: string): string => [...new Set([...given.split(',').filter((one) => one !== ''), ...portalFeatures])].join(',');

/** Milliseconds in which further presses are the same one: a key that is held repeats itself. */
const onePress = 1_500;

/** One press of a key that is held or bounces; each further one in time is the same still. */
export function onePressOf(act: () => void, clock: () => number): () => void {
  let last = -Infinity;
  return () => {
    const now = clock();
    const fresh = now - last > onePress;
    last = now;
    if (fresh) act();
  };
}

/** Whether the desktop's keys are a Wayland compositor's, whatever this window is drawn with. */
export const onWayland = (environment: NodeJS.ProcessEnv): boolean => environment['XDG_SESSION_TYPE'] === 'wayland' || (environment['WAYLAND_DISPLAY'] ?? '') !== '';
