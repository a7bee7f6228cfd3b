// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { expect, test } from './doors';

/** Tabs on until the thing with this name has the focus; the mouse is never used. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
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
async function press(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}
const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });
const current = (page: Page) => page.getByRole('navigation').locator('[aria-current="step"]');

test('the whole wizard can be walked by keyboard alone, in a rehearsal, and undone', async ({ page }) => {
  test.setTimeout(180_000);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/Looking/, { timeout: 30_000 });
  await expect(current(page)).toContainText('Check');

  await test.step('the switcher opens a rehearsal', async () => {
    await press(page, /Switch machine/);
    await expect(page.getByRole('dialog', { name: 'Which machine?' })).toBeVisible();
    await tabTo(page, /^Find by machine or card/);
    await page.keyboard.type('X670E');
    await press(page, /X670E-I/);
    await expect(page.getByRole('dialog')).toBeHidden({ timeout: 30_000 });
    await expect(page.getByText('Nothing on this computer changes.')).toBeVisible();
    await expect(heading(page, /can be given to a virtual machine/)).toBeVisible({ timeout: 30_000 });
  });

  await test.step('the picture is walked with arrows', async () => {
    await tabTo(page, /^NVIDIA GeForce RTX 3080 0000:/);
    const row = page.locator('[role=treeitem]:focus');
    await expect(row).toHaveCount(1);
    const before = await row.getAttribute('data-id');
    await page.keyboard.press('ArrowDown');
    await expect(page.locator('[role=treeitem]:focus')).not.toHaveAttribute('data-id', before ?? '');
    await page.keyboard.press('Home');
    await expect(page.locator('[role=treeitem]:focus')).toHaveAttribute('aria-level', '1');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowRight');
    await expect(page.locator('[role=treeitem]:focus')).toHaveAttribute('aria-expanded', 'true');
  });

  await test.step('a card is chosen', async () => {
    await press(page, /^Choose the/);
    await expect(heading(page, /What goes to the virtual machine/)).toBeFocused();
    await tabTo(page, /^NVIDIA GeForce RTX 3080/);
    await page.keyboard.press('Space');
    await expect(page.getByRole('radio', { name: /RTX 3080/ })).toBeChecked();
    await expect(page.getByRole('heading', { name: 'Stays with this computer' })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Review the change for/ })).toBeDisabled();
    await tabTo(page, /then type|Then type/);
    await page.keyboard.type('GeForce RTX 3080');
  });

  await test.step('the plan is read at three depths', async () => {
    await press(page, /^Review the change for/);
    await expect(heading(page, /Read what will change/)).toBeFocused();
    for (const phase of ['Now', 'One trial start', 'After your answer']) await expect(page.getByRole('heading', { name: phase })).toBeVisible();
    await press(page, /Write down which devices/);
    await press(page, /^Exact changes/);
    await expect(page.getByText(/switchyard\.bind/).first()).toBeVisible();
  });

  await test.step('it is set up, restarted and asked about', async () => {
    await press(page, /^Rehearse setting up/);
    await press(page, /^Restart the rehearsal/);
    const question = page.getByRole('dialog');
    await expect(question.getByText('Can you see and use this computer?')).toBeVisible({ timeout: 30_000 });
    await expect(question.getByRole('button', { name: 'Go back' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(question).toBeVisible();
    await press(page, /^Keep this change/);
    await expect(heading(page, /is set up/)).toBeVisible({ timeout: 60_000 });
    await expect(current(page)).toContainText('Done');
  });

  await test.step('it is undone', async () => {
    await expect(page.getByRole('complementary', { name: 'Undo' })).toBeVisible();
    await press(page, /^Undo this change/);
    await expect(heading(page, /as it was before|Restart/)).toBeVisible({ timeout: 60_000 });
  });
});

test('nobody is asked for a password and nothing is started before Review', async ({ page }) => {
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/Looking/, { timeout: 30_000 });
  await expect(page.getByText(/Nothing was changed, no password needed/)).toBeVisible();
});
