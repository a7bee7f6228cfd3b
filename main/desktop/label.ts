// SPDX-License-Identifier: GPL-3.0-or-later

/** Characters of a name in a menu: one entry is one line of the desktop's own width. */
const longest = 40;

/**
 * A VM's name as one entry of a menu may hold it. libvirt lets a name be nearly anything: what would break the line, turn it round or hide a part
 * of it goes, and what is too long is cut. A `&` marks the letter to press in Electron's menus and is doubled, so that it stands for itself;
 * underscores are doubled by Chromium on its way to the panel.
 */
export const menuName = (name: string): string => plainName(name).replaceAll('&', '&&');

/** The same for a text that is not a menu: a tip or a title. */
export function plainName(name: string): string {
  const line = name
    .replaceAll(/[\p{Zl}\p{Zp}\p{Zs}\t\r\n]+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .trim();
  const letters = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(line)].map(({ segment }) => segment);
  const kept = letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : line;
  // One letter may carry any number of marks; and of a name that is nothing else, nothing is left.
  return [...kept].slice(0, longest * 4).join('') || '…';
}

/** The same in the body of a notification, which many desktops read as markup: a name is no link and no picture. */
export const noticeName = (name: string): string => plainName(name).replaceAll('<', '‹').replaceAll('>', '›');
