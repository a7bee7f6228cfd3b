// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import path from 'node:path';

export const fontsFile = path.join(import.meta.dirname, '../fonts/fonts.conf');

/** Code points that one of the pinned fonts can draw, by fontconfig's own table. */
export function drawable(): (codePoint: number) => boolean {
  const families = ['Noto Sans CJK SC', 'DejaVu Sans Mono', 'DejaVu Sans'];
  const ranges = families.flatMap((family) => {
    const text = execFileSync('fc-list', [family, '--format', '%{charset}\n'], { encoding: 'utf8' });
    return text.split(/\s+/).filter((part) => part !== '').map((part) => part.split('-').map((end) => Number.parseInt(end, 16)));
  });
  if (ranges.length < 100) throw new Error('the fonts for Chinese are not installed: fonts-noto-cjk and fonts-dejavu are needed');
  return (codePoint) => ranges.some(([first = 0, last = first]) => codePoint >= first && codePoint <= last);
}
