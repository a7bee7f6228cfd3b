// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { startBrowserDoor } from '../start';

const folder = path.resolve('docs/pictures');

/** The window as it stands. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  writeFileSync(path.join(folder, `${name}.png`), await page.screenshot({ animations: 'disabled', caret: 'hide' }));
}

test('three pictures of a rehearsal in the browser door', async ({ page }) => {
  mkdirSync(folder, { recursive: true });
  const door = await startBrowserDoor();
  try {
    await page.goto(door.url);
    await page.getByRole('button', { name: /Switch machine/ }).click();
    await page.getByRole('button', { name: /Rehearse on a recorded machine/ }).click();
    await page.getByLabel('Find by machine or card').fill('X670E');
    await page.getByRole('dialog').getByRole('button', { name: /X670E-I/ }).click();
    await expect(page.getByRole('dialog')).toBeHidden();
    await page.getByText(/parts? (?:is|are) assumed/).click();
    await page.getByLabel('Screen at start').selectOption({ label: 'AMD Raphael' });
    await page.getByRole('button', { name: /^Choose the/ }).click();
    await expect(page.getByText('is chosen for you')).toBeVisible();
    await page.getByRole('heading', { level: 1 }).evaluate((it) => (it as HTMLElement).blur());
    await take(page, 'choose');

    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('button', { name: /^Review the change/ }).click();
    await page.getByText('Write down which devices the trial takes').click();
    await page.getByText('00-switchyard').first().click();
    await page.getByText('Write down which devices the trial takes').evaluate((it) => {
      it.scrollIntoView();
      scrollBy(0, -120);
    });
    await take(page, 'review');

    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: /^Rehearse setting up/ }).click();
    await page.getByRole('button', { name: /^Restart the rehearsal/ }).click();
    await page.getByRole('button', { name: 'Keep this change' }).click();
    await expect(page.getByRole('heading', { level: 1, name: /is set up/ })).toBeVisible();
    await take(page, 'done');
  } finally {
    await door.end();
  }
});
