// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { expect, test } from './doors';

const place = (page: Page, name: string) => expect(page.getByRole('navigation', { name: 'Places of the wizard' }).locator('[aria-current="step"]')).toContainText(name);

/** Opens the recorded Z690 machine as a rehearsal; it has three cards, and one choice that is safe. */
async function rehearse(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Switch machine' }).click();
  await page.getByRole('searchbox', { name: 'Find by machine or card' }).fill('Z690');
  await page.getByRole('dialog').getByRole('button', { name: /Z690/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: /can be given to a virtual machine/ })).toBeVisible();
}

async function toReview(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Choose the / }).first().click();
  await place(page, 'Choose');
  const card = page.getByRole('radio', { name: /RX 6700/ });
  if (!(await card.isChecked())) await card.check();
  await page.getByRole('button', { name: /^Review the change/ }).click();
  await place(page, 'Review');
  await expect(page.getByRole('button', { name: /^Rehearse setting up/ })).toBeVisible();
}

test('the walk from Check to undo, with a page that loads again in the middle', async ({ page }) => {
  test.setTimeout(180_000);
  await place(page, 'Check');
  await rehearse(page);
  await toReview(page);
  await page.getByRole('button', { name: /^Rehearse setting up/ }).click();
  await place(page, 'Set up');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Prepared. Restart to try it once.' })).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Restart the rehearsal' }).click();
  await expect(page.getByText('Can you see and use this computer?')).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await page.getByRole('button', { name: 'Keep this change' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /is set up$|^Set up$/ })).toBeVisible({ timeout: 30_000 });
  await place(page, 'Done');
  await page.getByRole('button', { name: 'Undo this change' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Everything is as it was before' })).toBeVisible({ timeout: 30_000 });
});

test('stopping in the middle puts everything back', async ({ page }) => {
  test.setTimeout(120_000);
  await rehearse(page);
  await toReview(page);
  await page.getByRole('button', { name: /^Rehearse setting up/ }).click();
  await page.getByRole('button', { name: 'Stop and put everything back' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Stopped. Everything is as it was before.' })).toBeVisible({ timeout: 30_000 });
});

test('a copy without the helper says so in Check, names one command, and offers the rehearsal', async ({ page }) => {
  await expect(page.getByText('This copy can look, but not change this computer')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('npm run package:helper')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Rehearse with this machine|Other machines/ }).first()).toBeVisible();
});

test('a pasted dump says what was understood and what would make the answer surer', async ({ page }) => {
  await page.getByRole('button', { name: 'Switch machine' }).click();
  await page.getByRole('textbox', { name: /Output of the command/ }).fill('$ lspci -nn\n00:02.0 VGA compatible controller [0300]: Intel Corporation UHD Graphics 630 [8086:3e92]\n01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP104 [GeForce GTX 1080] [10de:1b80] (rev a1)\n');
  await page.getByRole('button', { name: 'Read the text' }).click();
  await expect(page.getByText('Understood', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('Would make the answer surer').first()).toBeVisible();
});
