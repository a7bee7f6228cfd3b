// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test, type Page } from 'playwright/test';
import { vmUuid } from '../../../contract/hand-off';
import { machineId } from '../../../contract/target';
import { handScreens } from '../gallery/hand-screens';
import { answer, openStage, tell, type Stage } from '../gallery/stage';
import { liveVms } from '../gallery/vms';
import { say } from '../../../words/say';

/** A computer with one VM whose card moves: what the tray and the key are about. */
const found = handScreens(await liveVms()).find((screen) => screen.name === 'hand-idle');
if (found === undefined) throw new Error('no such screen');
const { stage } = found;
const asked = { machine: machineId.parse('this'), vm: vmUuid.parse('5c4c4544-0000-4000-8000-000000000001') };
const heading = (page: Page) => page.getByRole('heading', { level: 1, name: 'win11-games' });

test('a VM that is asked for from the panel has its page before the person, from wherever they were, and again later', async ({ page }) => {
  await openStage(page, stage);
  await expect(page.getByRole('button', { name: 'Virtual machines' })).toBeVisible();
  await tell(page, 'app.show', asked);
  await expect(heading(page)).toBeVisible();
  await expect(page.locator('[data-hand]')).toBeVisible();
  await page.getByRole('button', { name: 'Graphics card', exact: true }).click();
  await expect(heading(page)).toBeHidden();
  await tell(page, 'app.show', asked);
  await expect(heading(page)).toBeVisible();
});

test('a window that opens for it turns there once it knows the machine', async ({ page }) => {
  const { 'app.state': state, ...rest } = stage;
  if (state === undefined) throw new Error('no state');
  await openStage(page, rest satisfies Stage);
  await expect(page.getByText('Starting', { exact: false })).toBeVisible();
  await tell(page, 'app.show', asked);
  await answer(page, 'app.state', state);
  await expect(heading(page)).toBeVisible();
});

test('what is half done in that place is not left for it', async ({ page }) => {
  await openStage(page, stage);
  await page.getByRole('button', { name: 'Virtual machines' }).click();
  await page.getByRole('button', { name: say('en', 'window.vm.begin') }).click();
  const begun = page.getByRole('navigation', { name: say('en', 'window.vm.places') });
  await expect(begun).toBeVisible();
  await tell(page, 'app.show', asked);
  await page.waitForTimeout(200);
  await expect(begun).toBeVisible();
  await expect(heading(page)).toBeHidden();
});
