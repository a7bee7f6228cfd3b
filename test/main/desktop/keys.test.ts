// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { shortcuts } from '../../../contract/names';
import { onePressOf, onWayland, portalFeatures, withPortal } from '../../../main/desktop/keys';

test('a key that is held or bounces is one press; the next one after a rest is another', () => {
  let now = 0;
  let pressed = 0;
  const press = onePressOf(() => (pressed += 1), () => now);
  for (const at of [0, 30, 60, 900, 1_800, 3_200]) {
    now = at;
    press();
  }
  expect(pressed).toBe(1);
  now = 6_000;
  press();
  expect(pressed).toBe(2);
});

test('the features a person started the program with stay, and ours are named once', () => {
  expect(withPortal('')).toBe(portalFeatures.join(','));
  expect(withPortal('WaylandWindowDecorations,GlobalShortcutsPortal')).toBe('WaylandWindowDecorations,GlobalShortcutsPortal,GlobalShortcutsPortalPreferredTrigger');
});

test('whose the keys are is told by the session, not by what the window is drawn with', () => {
  expect(onWayland({ XDG_SESSION_TYPE: 'wayland', DISPLAY: ':0' })).toBe(true);
  expect(onWayland({ WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  expect(onWayland({ XDG_SESSION_TYPE: 'x11', DISPLAY: ':0', WAYLAND_DISPLAY: '' })).toBe(false);
});

test('every key needs two others held, so that none is pressed by itself in a game', () => {
  for (const key of shortcuts.filter((one) => one !== 'off')) expect(key).toMatch(/^Control\+(?:Alt|Shift)\+(?:[A-Z]|F\d)$/);
});
