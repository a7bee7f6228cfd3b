// SPDX-License-Identifier: GPL-3.0-or-later
import { chromium, type Page } from 'playwright/test';
import { expect, test, type OpenDoor } from '../doors';
import { startStandin, type StartedStandin } from '../start';

interface Panel {
  readonly icon: string;
  readonly tip: string;
  readonly entries: readonly string[];
}

function standinOf(open: OpenDoor): StartedStandin {
  if (open.name !== 'standin') throw new Error('only in the stand-in');
  return open.standin;
}
const callsOf = async (standin: StartedStandin, api: string): Promise<unknown[][]> => ((await standin.order({ op: 'calls' })) as { api: string; args: unknown[] }[]).filter((call) => call.api === api).map((call) => call.args);
const panelOf = async (standin: StartedStandin): Promise<Panel | null> => (await standin.order({ op: 'panel' })) as Panel | null;
const press = (standin: StartedStandin, what: 'icon' | 'entry' | 'key', name: string): Promise<unknown> => standin.order({ op: 'press', what, name });
const windowsOf = async (standin: StartedStandin): Promise<number> => (await callsOf(standin, 'new BrowserWindow')).length;

async function pageOf(standin: StartedStandin): Promise<Page> {
  const browser = await chromium.connectOverCDP(standin.cdp);
  await expect.poll(() => browser.contexts()[0]?.pages().some((one) => one.url().startsWith('http')) ?? false, { timeout: 30_000 }).toBe(true);
  const page = browser.contexts()[0]?.pages().find((one) => one.url().startsWith('http'));
  if (page === undefined) throw new Error('no page');
  return page;
}
const settings = (page: Page) => page.getByRole('dialog', { name: 'Settings' });
const openSettings = (page: Page): Promise<void> => page.getByRole('button', { name: 'Settings' }).click();
const keep = (page: Page) => settings(page).getByRole('checkbox', { name: 'Keep running when closed' });
const keyOf = (page: Page) => settings(page).getByLabel('Shortcut for the card');

test('without a card that moves and without a wish there is no icon and no key', async ({ open, page }) => {
  const standin = standinOf(open);
  await expect(page.getByRole('main')).toBeVisible();
  expect(await panelOf(standin)).toBeNull();
  expect(await callsOf(standin, 'globalShortcut.register')).toEqual([]);
});

test('keys on Wayland are asked of the portal, before Electron is ready', async ({ open }) => {
  expect(await callsOf(standinOf(open), 'app.commandLine.appendSwitch')).toEqual([['enable-features', 'GlobalShortcutsPortal,GlobalShortcutsPortalPreferredTrigger']]);
});

test('who asked for it closes the window and keeps the program: told once, opened from the icon, ended from its menu', async ({ open, page }) => {
  const standin = standinOf(open);
  await openSettings(page);
  await expect(keep(page)).not.toBeChecked();
  await keep(page).check();
  await expect.poll(() => panelOf(standin)).toEqual({ icon: 'tray-home.png', tip: 'Switchyard', entries: ['Open Switchyard', 'Quit'] });

  await standin.order({ op: 'close-window' });
  await expect.poll(async () => (await callsOf(standin, 'Notification.show')).length).toBe(1);
  expect(await callsOf(standin, 'Notification.show')).toMatchObject([[{ title: 'Switchyard' }]]);
  expect(standin.child.exitCode).toBeNull();

  await expect.poll(() => page.isClosed()).toBe(true);
  await press(standin, 'icon', '');
  await expect.poll(() => windowsOf(standin)).toBe(2);
  const again = await pageOf(standin);
  await expect(again.getByRole('main')).toBeVisible();
  await openSettings(again);
  await expect(keep(again)).toBeChecked();

  await standin.order({ op: 'close-window' });
  await expect.poll(() => again.isClosed()).toBe(true);
  expect(await callsOf(standin, 'Notification.show')).toHaveLength(1);
  expect(await press(standin, 'entry', 'No such entry')).toBe(false);
  void press(standin, 'entry', 'Quit').catch(() => undefined);
  await expect.poll(() => standin.child.exitCode, { timeout: 15_000 }).toBe(0);
});

test('the menu follows the language, and the icon goes when it is not wanted any more', async ({ open, page }) => {
  const standin = standinOf(open);
  await openSettings(page);
  await keep(page).check();
  await settings(page).getByLabel('Language').selectOption('zh');
  await expect.poll(async () => (await panelOf(standin))?.entries).toEqual(['打开 Switchyard', '退出']);
  await page.getByRole('checkbox', { name: '关闭窗口后继续运行' }).uncheck();
  await expect.poll(() => panelOf(standin)).toBeNull();
});

test('a key is held once it was chosen, leads to the window where there is no card to move, and is given back', async ({ open, page }) => {
  const standin = standinOf(open);
  await openSettings(page);
  expect(await keyOf(page).locator('option').allTextContents()).toEqual(['None', 'Ctrl+Alt+H', 'Ctrl+Alt+Y', 'Ctrl+Shift+F9']);
  await keyOf(page).selectOption('Ctrl+Alt+H');
  await expect.poll(() => callsOf(standin, 'globalShortcut.register')).toEqual([['Control+Alt+H']]);
  await expect(settings(page).getByText('Hands the card over or takes it back, from any program.')).toBeVisible();
  const before = (await callsOf(standin, 'BrowserWindow.focus')).length;
  expect(await press(standin, 'key', 'Control+Alt+H')).toBe(true);
  await expect.poll(async () => (await callsOf(standin, 'BrowserWindow.focus')).length).toBe(before + 1);

  await keyOf(page).selectOption('Ctrl+Alt+Y');
  await expect.poll(() => callsOf(standin, 'globalShortcut.register')).toEqual([['Control+Alt+H'], ['Control+Alt+Y']]);
  expect(await press(standin, 'key', 'Control+Alt+H')).toBe(false);
  await keyOf(page).selectOption('None');
  await expect.poll(() => callsOf(standin, 'globalShortcut.unregister')).toEqual([['Control+Alt+H'], ['Control+Alt+Y']]);
});

test('a key that is not of the list is refused before anybody is asked for it', async ({ open, page }) => {
  const answer = await page.evaluate(() => (globalThis as unknown as { app: { ask(name: string, input: object): Promise<unknown> } }).app.ask('app.settings', { shortcut: 'Control+Q' }));
  expect(answer).toMatchObject({ ok: false, problem: { code: 'protocol' } });
  expect(await callsOf(standinOf(open), 'globalShortcut.register')).toEqual([]);
});

test('words of a later start that are not ours bring the window and nothing else, and so do ours where no card can move', async ({ open, page }) => {
  const standin = standinOf(open);
  await expect(page.getByRole('main')).toBeVisible();
  for (const words of [['/opt/x', '--hand-off', '--take-back'], ['--hand-off=win11'], [1, null, {}], ['/opt/x', '--hand-off'], ['/opt/x', '--take-back']]) {
    const before = (await callsOf(standin, 'BrowserWindow.focus')).length;
    await standin.order({ op: 'second-instance', words });
    await expect.poll(async () => (await callsOf(standin, 'BrowserWindow.focus')).length, { message: JSON.stringify(words) }).toBe(before + 1);
  }
  expect(await windowsOf(standin)).toBe(1);
});

test('the first start from the desktop’s menu opens the window, as any other, where no card can move', async () => {
  const standin = await startStandin({}, ['--hand-off']);
  const page = await pageOf(standin);
  await expect(page.getByRole('main')).toBeVisible();
  await expect.poll(async () => (await callsOf(standin, 'BrowserWindow.focus')).length).toBe(1);
  expect(await windowsOf(standin)).toBe(1);
  expect(standin.stderr()).not.toMatch(/\bError\b/);
  await standin.end();
});

test.describe('where the desktop gives nothing', () => {
  let standin: StartedStandin;
  test.afterEach(() => standin.end());

  test('a key that another program has is said in the settings, and stays chosen for the next start', async () => {
    standin = await startStandin({ STANDIN_KEYS_TAKEN: 'Control+Alt+H' });
    const page = await pageOf(standin);
    await openSettings(page);
    await keyOf(page).selectOption('Ctrl+Alt+H');
    await expect(settings(page).getByText('The desktop did not give this key. Another program may have it.')).toBeVisible();
    await expect(keyOf(page)).toHaveValue('Control+Alt+H');
    await keyOf(page).selectOption('Ctrl+Alt+Y');
    await expect(settings(page).getByText('Hands the card over or takes it back, from any program.')).toBeVisible();
  });

  test('on Wayland the settings say that the desktop was asked, not that the key is there', async () => {
    standin = await startStandin({ XDG_SESSION_TYPE: 'wayland' });
    const page = await pageOf(standin);
    await openSettings(page);
    await keyOf(page).selectOption('Ctrl+Shift+F9');
    await expect(settings(page).getByText('Your desktop was asked for this key.')).toBeVisible();
  });

  test('without a panel the window does everything, and the program that stays is found by starting it again', async () => {
    standin = await startStandin({ STANDIN_NO_TRAY: '1' });
    const page = await pageOf(standin);
    await openSettings(page);
    await keep(page).check();
    await expect.poll(() => standin.stderr()).toContain('No icon in the panel');
    await expect(page.getByRole('main')).toBeVisible();
    await standin.order({ op: 'close-window' });
    await expect.poll(() => page.isClosed()).toBe(true);
    await standin.order({ op: 'second-instance', words: [] });
    await expect.poll(() => windowsOf(standin)).toBe(2);
    await expect((await pageOf(standin)).getByRole('main')).toBeVisible();
  });
});
