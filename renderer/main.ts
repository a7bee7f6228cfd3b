// SPDX-License-Identifier: GPL-3.0-or-later
/** A page in the background gets no frames; it must come up all the same. Milliseconds. */
const withoutFrames = 150;

let begun = false;
function begin(): void {
  if (begun) return;
  begun = true;
  void import('./window');
}

// The name is painted first: styles and script of the window before the first frame would keep the page blank for as long.
requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(begin)));
setTimeout(begin, withoutFrames);

export {};
