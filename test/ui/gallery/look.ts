// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';

/** What is wrong with a screen as it stands: things a person would trip over, each as one line. */
export function troubles(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const name = (element: Element): string => `${element.tagName.toLowerCase()}.${element.className.toString().slice(0, 40)} "${(element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40)}"`;
    const hidden = (element: Element): boolean => element.closest('.unseen, [aria-hidden="true"], details:not([open]) > :not(summary)') !== null || element.getClientRects().length === 0;
    /** Words that only a screen reader hears, wherever the width makes them so. */
    const unseen = (element: Element): boolean => {
      for (let it: Element | null = element; it !== null; it = it.parentElement) if (getComputedStyle(it).clipPath === 'inset(50%)') return true;
      return false;
    };
    const clips = (element: Element): boolean => {
      const style = getComputedStyle(element);
      const cuts = style.overflowX !== 'visible' || style.textOverflow === 'ellipsis';
      return cuts && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
    };
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page scrolls sideways: ${String(root.scrollWidth)} > ${String(root.clientWidth)}`);
    for (const element of document.querySelectorAll('body *')) {
      if (hidden(element)) continue;
      if (clips(element) && !unseen(element)) found.push(`clipped: ${name(element)} ${String(element.scrollWidth)} > ${String(element.clientWidth)}`);
      const box = element.getBoundingClientRect();
      if (box.width > 0 && box.right > root.clientWidth + 1 && element.closest('dialog') === null) found.push(`out of view: ${name(element)} ends at ${String(Math.round(box.right))}`);
    }
    for (const element of document.querySelectorAll('button, select, input:not([type=file]), textarea, summary, a[href], [role=treeitem] > .line')) {
      if (hidden(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.width < 24 || box.height < 24) found.push(`small target: ${name(element)} ${String(Math.round(box.width))}x${String(Math.round(box.height))}`);
    }
    return found;
  });
}

/** Every character a person can read on the screen. */
export async function charactersOf(page: Page): Promise<string> {
  return page.evaluate(() => document.body.innerText);
}

/** Walks the screen with Tab and answers the stops without a focus that can be seen. */
export async function unseenStops(page: Page): Promise<string[]> {
  const missing: string[] = [];
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
  });
  const seen = new Set<string>();
  for (let stop = 0; stop < 120; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      const all = [...document.querySelectorAll('*')];
      const ring = (it: Element): boolean => {
        const style = getComputedStyle(it);
        return style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
      };
      const shown = element.matches('[role=treeitem]') ? [...element.children].some((child) => child.matches('.line') && ring(child)) : ring(element);
      return { key: String(all.indexOf(element)), shown, what: `${element.tagName} ${(element.textContent ?? '').trim().slice(0, 40)}` };
    });
    // From nowhere the first Tab may pass the end of a small dialog.
    if (at === null && seen.size === 0 && stop < 3) continue;
    if (at === null || seen.has(at.key)) break;
    seen.add(at.key);
    if (!at.shown) missing.push(at.what);
  }
  if (seen.size === 0) missing.push('nothing can be reached by keyboard');
  return missing;
}
