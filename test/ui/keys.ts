// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';

/** Tabs on until the thing with this name has the focus; the mouse is never used. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let stop = 0; stop < 160; stop += 1) {
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return '';
      const label = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ? element.labels?.[0] : undefined;
      return (element.getAttribute('aria-label') ?? label?.innerText ?? element.innerText).replace(/\s+/g, ' ').trim();
    });
    if (name.test(at)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no stop called ${String(name)}`);
}

export async function press(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}
