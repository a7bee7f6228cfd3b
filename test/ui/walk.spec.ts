// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, test } from './doors';
import { press, tabTo } from './keys';

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });
const current = (page: Page) => page.getByRole('navigation').locator('[aria-current="step"]');

test('the whole wizard can be walked by keyboard alone, in a rehearsal, and undone', async ({ page }) => {
  test.setTimeout(180_000);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/Looking/, { timeout: 30_000 });
  await expect(current(page)).toContainText('Check');

  await test.step('the switcher opens a rehearsal', async () => {
    await press(page, /Switch machine/);
    await expect(page.getByRole('dialog', { name: 'Which machine?' })).toBeVisible();
    await press(page, /^Rehearse on a recorded machine/);
    await expect(page.getByRole('dialog', { name: 'Rehearse on a recorded machine' })).toBeVisible();
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
    await press(page, /init-top\/00-switchyard/);
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
    await expect(heading(page, /Undone. One restart makes it true/)).toBeVisible({ timeout: 60_000 });
  });
});

test('an IOMMU that is off is switched on in a rehearsal of a pasted machine, and its cards can be chosen then', async ({ page }) => {
  test.setTimeout(180_000);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/Looking/, { timeout: 30_000 });
  await page.getByRole('button', { name: /Switch machine/ }).click();
  await page.getByRole('button', { name: /Paste or drop a dump/ }).click();
  await page.getByRole('textbox').fill(readFileSync('test/corpus/machines/014-b760-12400f-rtx3050-vmd.json', 'utf8'));
  await page.getByRole('button', { name: 'Read the text' }).click();
  await page.getByRole('button', { name: 'Look at this machine' }).click();
  await page.getByRole('button', { name: 'Rehearse with this machine' }).click();
  await page.getByText(/parts are assumed/).click();
  await page.getByRole('combobox', { name: 'IOMMU', exact: true }).selectOption('needs-argument');
  await expect(heading(page, /the IOMMU is off/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Review the change' }).click();
  await expect(heading(page, /switch on the IOMMU/)).toBeFocused();
  await page.getByRole('button', { name: 'Set up the IOMMU' }).click();
  await page.getByRole('button', { name: 'Restart the rehearsal' }).click({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Keep this change' }).click({ timeout: 30_000 });
  await expect(heading(page, /The IOMMU is on at every start/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('complementary', { name: 'Undo' })).toContainText('IOMMU switched on');
  await page.getByRole('button', { name: 'Look at the machine now' }).click();
  await expect(heading(page, /the IOMMU is off/)).toBeHidden();
});

test('a kept change is compared with now and led back, in a rehearsal', async ({ page }) => {
  test.setTimeout(180_000);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/Looking/, { timeout: 30_000 });
  await page.getByRole('button', { name: /Switch machine/ }).click();
  await page.getByRole('button', { name: /Rehearse on a recorded machine/ }).click();
  await page.getByRole('button', { name: /X670E-I/ }).click();
  await page.getByRole('button', { name: /^Choose the/ }).click({ timeout: 30_000 });
  await page.getByRole('radio', { name: /RTX 3080/ }).check();
  await page.getByLabel(/Then type/).fill('GeForce RTX 3080');
  await page.getByRole('button', { name: /^Review the change for/ }).click();
  await page.getByRole('button', { name: /^Rehearse setting up/ }).click();
  await page.getByRole('button', { name: 'Restart the rehearsal' }).click({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Keep this change' }).click({ timeout: 30_000 });
  await expect(heading(page, /is set up/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'History' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByText('2 points to compare or go back to').click();
  await panel.getByRole('button', { name: 'Compare with now' }).first().click();
  await expect(panel.getByText(/files differ/)).toBeVisible({ timeout: 30_000 });
  await panel.getByRole('button', { name: 'Go back to this point' }).click();
  await expect(panel.getByText('Put a file back as it was').first()).toBeVisible({ timeout: 30_000 });
  await panel.getByRole('button', { name: 'Go back to this point' }).click();
  await expect(heading(page, /as they were then/)).toBeVisible({ timeout: 60_000 });
});

test('nobody is asked for a password and nothing is started before Review', async ({ page }) => {
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/Looking/, { timeout: 30_000 });
  await expect(page.getByText(/Nothing was changed, no password needed/)).toBeVisible();
});
