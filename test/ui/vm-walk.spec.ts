// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { expect, test } from './doors';
import { press, tabTo } from './keys';

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });
const downloads = '/home/user/Downloads';

async function rehearse(page: Page): Promise<void> {
  page.setDefaultTimeout(20_000);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(/Looking/, { timeout: 30_000 });
  await page.getByRole('button', { name: /Switch machine/ }).click();
  await page.getByRole('button', { name: /Rehearse on a recorded machine/ }).click();
  await page.getByRole('button', { name: /X670E-I/ }).click();
  await expect(page.getByRole('dialog')).toBeHidden({ timeout: 30_000 });
}

test('a virtual machine is set up, run, looked at and undone by keyboard alone, in a rehearsal', async ({ page }) => {
  test.setTimeout(120_000);
  await rehearse(page);

  await test.step('the area says that there is none yet, and what to do', async () => {
    await press(page, /^Virtual machines$/);
    await expect(page.getByRole('heading', { name: 'No virtual machine yet' })).toBeVisible({ timeout: 30_000 });
    await press(page, /^Set up a virtual machine/);
    await expect(heading(page, /Which system/)).toBeFocused();
  });

  await test.step('a disc is told by what is on it', async () => {
    await tabTo(page, /^Windows 11/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: /^Linux/ })).toBeChecked();
    await tabTo(page, /^Disc image/);
    await page.keyboard.type(`${downloads}/half-a-download.iso`);
    await page.keyboard.press('Enter');
    await expect(page.getByText('The image is not whole. Download it again.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Choose the graphics' })).toBeDisabled();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(`${downloads}/debian-13.iso`);
    await page.keyboard.press('Enter');
    await expect(page.getByText('A Linux disc: Debian 13')).toBeVisible();
  });

  await test.step('graphics are judged for this computer', async () => {
    await press(page, /^Choose the graphics/);
    await expect(heading(page, /What draws its picture/)).toBeFocused();
    await tabTo(page, /^Games/);
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('radio', { name: 'Daily work' })).toBeChecked();
    await expect(page.getByRole('radio', { name: /^Forwarded graphics.*Recommended/ })).toBeChecked({ timeout: 30_000 });
    await press(page, /modes? (?:is|are) not possible here/);
    await expect(page.getByText(/It would need: a card with virtual functions/).first()).toBeVisible();
  });

  await test.step('resources are chosen for this computer and can be changed', async () => {
    await press(page, /^Choose the resources/);
    await expect(heading(page, /What does it get/)).toBeFocused();
    await tabTo(page, /^Size in GiB/);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('4');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('region', { name: 'linux' }).getByText('4 GiB', { exact: true })).toBeVisible();
    await expect(page.getByText('The network is not active. A step of the set-up starts it.')).toBeVisible();
  });

  await test.step('the change is read, down to the XML', async () => {
    await press(page, /^Review linux/);
    await expect(heading(page, /Read what will be set up: linux/)).toBeFocused();
    await expect(page.getByText('Start the network').first()).toBeVisible({ timeout: 30_000 });
    await press(page, /^Show the XML/);
    const xml = page.locator('pre').filter({ hasText: '<name>linux</name>' });
    await expect(xml).toBeVisible();
    await expect(xml).toContainText("<memory unit='MiB'>4096</memory>");
  });

  await test.step('it is set up, started, and forced off only after a question', async () => {
    await press(page, /^Rehearse setting up linux/);
    await expect(heading(page, /linux is set up/)).toBeFocused({ timeout: 60_000 });
    await press(page, /^Show linux/);
    await expect(heading(page, /^linux$/)).toBeFocused();
    await press(page, /^Start$/);
    await expect(page.getByRole('main').getByText('Running', { exact: true })).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText('A rehearsal has no guest, so there is nothing to see.')).toBeVisible();
    await press(page, /^Force off/);
    await expect(page.getByRole('button', { name: 'Leave it running' })).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main').getByText('Off', { exact: true })).toBeVisible({ timeout: 30_000 });
  });

  await test.step('it is undone, and the list is as it was', async () => {
    await press(page, /^Undo this change/);
    await expect(heading(page, /^Undone$/)).toBeVisible({ timeout: 60_000 });
    await press(page, /^Back to all virtual machines/);
    await expect(page.getByRole('heading', { name: 'No virtual machine yet' })).toBeVisible({ timeout: 30_000 });
  });
});

test('an edited definition is checked at its line and reviewed before it is stored', async ({ page }) => {
  test.setTimeout(120_000);
  await rehearse(page);
  await page.getByRole('button', { name: 'Virtual machines' }).click();
  await page.getByRole('button', { name: 'Set up a virtual machine' }).click({ timeout: 30_000 });
  await page.getByRole('radio', { name: /^Another system/ }).check();
  await page.getByLabel(/^Disc image/).fill(`${downloads}/debian-13.iso`);
  await page.getByLabel(/^Disc image/).press('Enter');
  await page.getByLabel('Name').fill('odd one');
  await expect(page.getByText('A name of letters, digits, dots and hyphens is missing.')).toBeVisible();
  await page.getByLabel('Name').fill('odd-one');
  await page.getByRole('button', { name: 'Choose the graphics' }).click();
  await page.getByRole('radio', { name: /^Emulated graphics/ }).check();
  await page.getByRole('button', { name: 'Choose the resources' }).click();
  await page.getByRole('button', { name: 'Review odd-one' }).click({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Edit the XML' }).click({ timeout: 30_000 });
  const editor = page.getByRole('textbox', { name: 'XML of the virtual machine' });
  const drawn = await editor.inputValue();
  await editor.fill(drawn.replace('</features>', '</feature>'));
  const line = drawn.slice(0, drawn.indexOf('</features>')).split('\n').length;
  await expect(page.getByRole('button', { name: `Line ${String(line)}` })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Review this text' })).toBeDisabled();
  await editor.fill(drawn.replace('<name>odd-one</name>', '<name>odd-one</name>\n  <title>An odd one</title>'));
  await expect(page.getByText(/well formed/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Review this text' }).click();
  await expect(page.getByText('This is your own edit of what was drawn.')).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Rehearse setting up odd-one' }).click();
  await expect(heading(page, /odd-one is set up/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Show odd-one' }).click();
  await page.getByRole('button', { name: 'Open the editor' }).click();
  await expect(editor).toHaveValue(/<title>An odd one<\/title>/);
  await page.getByRole('button', { name: 'Back to odd-one' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Remove it from libvirt' }).getByRole('button').click();
  await expect(heading(page, /Remove odd-one from libvirt/)).toBeVisible();
  await page.getByRole('button', { name: 'Remove odd-one' }).click({ timeout: 30_000 });
  await expect(heading(page, /odd-one/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Back to all virtual machines' }).click({ timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'No virtual machine yet' })).toBeVisible({ timeout: 30_000 });
});
