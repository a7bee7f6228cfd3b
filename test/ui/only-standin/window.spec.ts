// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { askNames, links } from '../../../contract/names';
import { expect, test, type OpenDoor } from '../doors';
import { startStandin, type StartedStandin } from '../start';

interface Bridge {
  ask(name: string, input: unknown): Promise<unknown>;
  hear(name: string, listener: (...words: unknown[]) => void): () => void;
}
type Shown = typeof globalThis & { app: Bridge };

function standinOf(open: OpenDoor): StartedStandin {
  if (open.name !== 'standin') throw new Error('only in the stand-in');
  return open.standin;
}
const apis = async (standin: StartedStandin): Promise<string[]> => ((await standin.order({ op: 'calls' })) as { api: string }[]).map((call) => call.api);
const callsOf = async (standin: StartedStandin, api: string): Promise<unknown[][]> => ((await standin.order({ op: 'calls' })) as { api: string; args: unknown[] }[]).filter((call) => call.api === api).map((call) => call.args);

test('the bridge has exactly ask and hear', async ({ page }) => {
  expect(await page.evaluate(() => Object.keys((globalThis as Shown).app))).toEqual(['ask', 'hear']);
  expect(await page.evaluate(() => Object.getOwnPropertyNames((globalThis as Shown).app).sort())).toEqual(['ask', 'hear']);
});

test('the bridge cannot be replaced or widened', async ({ page }) => {
  const after = await page.evaluate(() => {
    const shown = globalThis as Shown;
    const tries = [() => void Object.assign(shown.app, { more: 1 }), () => void Object.defineProperty(shown, 'app', { value: 1 }), () => void ((shown.app as { ask: unknown }).ask = 1), () => void delete (shown as { app?: unknown }).app];
    for (const attempt of tries) {
      try {
        attempt();
      } catch {
        // Refused aloud; what counts is what is there afterwards.
      }
    }
    return [Object.keys(shown.app), typeof shown.app.ask];
  });
  expect(after).toEqual([['ask', 'hear'], 'function']);
});

test('unknown names throw in preload and never reach main', async ({ page }) => {
  const answers = await page.evaluate(() => {
    const shown = globalThis as Shown;
    return ['app.nothing', '__proto__', 'constructor', '', 'ELECTRON_BROWSER_REQUIRE'].flatMap((name) => [() => shown.app.ask(name, {}), () => shown.app.hear(name, () => undefined)]).map((attempt) => {
      try {
        void attempt();
        return 'let through';
      } catch (error) {
        return error instanceof Error ? error.message : 'threw';
      }
    });
  });
  expect(new Set(answers)).toEqual(new Set(['unknown name']));
});

test('a listener hears the body alone, never the event', async ({ page }) => {
  const heard = await page.evaluate(async () => {
    const shown = globalThis as Shown;
    const words = new Promise<unknown[]>((resolve) => shown.app.hear('app.settings', (...all) => resolve(all)));
    await shown.app.ask('app.settings', { theme: 'dark' });
    return words;
  });
  expect(heard).toEqual([{ language: 'system', theme: 'dark', keepRunning: false, shortcut: 'off', shortcutState: 'off' }]);
});

test('main listens on the channels of the table and on no other', async ({ open }) => {
  expect(await standinOf(open).order({ op: 'channels' })).toEqual([...askNames]);
});

test('a question from any frame but the window\'s own main one is refused', async ({ open }) => {
  for (const frame of ['foreign', 'sub-frame', 'blank', 'none'] as const) {
    const answer = await standinOf(open).order({ op: 'invoke', channel: 'app.state', words: [{}], frame });
    expect(answer, frame).toEqual({ ok: false, problem: { code: 'protocol', detail: { why: 'sender' } } });
  }
});

test('a question with keys it does not have is refused', async ({ page }) => {
  const answer = await page.evaluate(() => (globalThis as Shown).app.ask('app.state', { path: '/etc/shadow' }));
  expect(answer).toEqual({ ok: false, problem: { code: 'protocol', detail: { ask: 'app.state', why: 'shape' } } });
});

test('the window is made with every wall', async ({ open }) => {
  const [[options]] = (await callsOf(standinOf(open), 'new BrowserWindow')) as [[{ webPreferences: { preload: string } }]];
  const { preload, ...walls } = options.webPreferences;
  expect(preload).toMatch(/preload\/index\.cjs$/);
  expect(walls).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    enableWebSQL: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
  });
  expect(await apis(standinOf(open))).toContain('app.enableSandbox');
});

test('main refuses every permission and every device', async ({ open }) => {
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'clipboard-sanitized-write', 'fileSystem', 'openExternal', 'hid']) {
    expect(await standinOf(open).order({ op: 'permission', permission }), permission).toEqual({ check: false, device: false, request: false });
  }
});

test('the page cannot leave its address', async ({ page }) => {
  const before = page.url();
  // about:blank is never asked of anybody, so the stand-in cannot tell main of it; Electron can.
  for (const address of ['https://example.invalid/', 'http://127.0.0.1:9/', 'data:text/html,x', 'file:///etc/passwd']) {
    await page.evaluate((url) => void (location.href = url), address).catch(() => undefined);
    await page.waitForTimeout(50);
  }
  expect(page.url()).toBe(before);
  await expect(page.getByRole('main')).toBeVisible();
});

test('no window opens; a listed address goes to the person\'s browser and another goes nowhere', async ({ open, page }) => {
  const standin = standinOf(open);
  await page.evaluate(
    (addresses) => {
      for (const address of addresses) window.open(address);
    },
    [links['kernel-vfio'], 'https://example.invalid/', 'https://docs.kernel.org@example.invalid/', 'file:///etc/passwd'],
  );
  await expect.poll(() => callsOf(standin, 'shell.openExternal')).toEqual([[links['kernel-vfio']]]);
  expect(await apis(standin)).not.toContain('window.open allowed');
});

test('app.link opens the address of the table, never one that was sent', async ({ open, page }) => {
  const shown = await page.evaluate(async () => [await (globalThis as Shown).app.ask('app.link', { link: 'libvirt-hooks' }), await (globalThis as Shown).app.ask('app.link', { link: 'https://example.invalid/' })]);
  expect(shown).toMatchObject([{ ok: true, value: { opened: true } }, { ok: false, problem: { code: 'protocol' } }]);
  expect(await callsOf(standinOf(open), 'shell.openExternal')).toEqual([[links['libvirt-hooks']]]);
});

test('no request left the window', async ({ open, page }) => {
  await expect(page.getByRole('main')).toBeVisible();
  expect(await apis(standinOf(open))).not.toContain('request left the window');
});

test('text goes to the clipboard through main', async ({ open, page }) => {
  await page.evaluate(() => (globalThis as Shown).app.ask('app.copy', { text: 'sudo sh undo.sh' }));
  expect(await callsOf(standinOf(open), 'clipboard.writeText')).toEqual([['sudo sh undo.sh']]);
});

test('a second start brings the first window to the front', async ({ open }) => {
  const standin = standinOf(open);
  await standin.order({ op: 'second-instance', words: [] });
  expect(await apis(standin)).toContain('BrowserWindow.focus');
});

test('a second instance opens no window and leaves', async () => {
  const second = await startStandin({ STANDIN_SECOND: '1' });
  await expect.poll(() => second.child.exitCode, { timeout: 15_000 }).toBe(0);
  await second.end();
});

test('with nothing under way the window closes without a question, and the program ends', async ({ open }) => {
  const standin = standinOf(open);
  void standin.order({ op: 'close-window' }).catch(() => undefined);
  await expect.poll(() => standin.child.exitCode, { timeout: 15_000 }).toBe(0);
});

/** Begins a rehearsed set-up through the bridge; it takes about a second. */
const beginRun = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    const { app } = globalThis as Shown;
    type Answer = { readonly value: Record<string, never> & { entry: { machine: string }; review: { hash: string }; assessment: { recommendation: { target: string }; cards: { gpu: string; companions: string[] }[] }; facts: { pci: { functions: Record<string, string>[] } } } };
    const value = async (name: string, input: unknown): Promise<Answer['value']> => ((await app.ask(name, input)) as Answer).value;
    const { machine } = (await value('machine.rehearse', { of: { kind: 'recording', recording: 'z690-uhd770-rx6700xt-rx560' }, choices: {} })).entry;
    const { facts, assessment } = await value('machine.look', { machine, again: false });
    const card = assessment.cards.find((one) => one.gpu === assessment.recommendation.target);
    const given = [card?.gpu, ...(card?.companions ?? [])];
    const devices = facts.pci.functions.filter((one) => given.includes(one['address'])).map(({ address, vendor, device, subsystemVendor, subsystemDevice }) => ({ address, vendor, device, subsystemVendor, subsystemDevice }));
    const intent = { kind: 'dedicate', devices, consents: [] };
    const { review } = await value('plan.draw', { machine, intent });
    return app.ask('run.apply', { machine, intent, approved: review.hash });
  });

test('closing while root is at work asks once; staying is the easy answer, and the window stays', async ({ open, page }) => {
  const standin = standinOf(open);
  expect(await beginRun(page)).toMatchObject({ ok: true, value: { at: 'authorising' } });
  await standin.order({ op: 'close-window' });
  const asked = await callsOf(standin, 'dialog.showMessageBox');
  expect(asked).toMatchObject([[{ buttons: ['Stay and let it finish', 'Put everything back and close'], defaultId: 0, cancelId: 0 }]]);
  await expect(page.getByRole('main')).toBeVisible();
});

test('closing for good puts everything back first, and then the program ends', async ({ open, page }) => {
  const standin = standinOf(open);
  await standin.order({ op: 'answer', api: 'dialog.showMessageBox', value: { response: 1 } });
  expect(await beginRun(page)).toMatchObject({ ok: true });
  void standin.order({ op: 'close-window' }).catch(() => undefined);
  await expect.poll(() => standin.child.exitCode, { timeout: 30_000 }).toBe(0);
});

test('where the program stays, closing the window breaks into nothing and asks nothing; ending the program does', async ({ open, page }) => {
  const standin = standinOf(open);
  await page.evaluate(() => (globalThis as Shown).app.ask('app.settings', { keepRunning: true }));
  expect(await beginRun(page)).toMatchObject({ ok: true });
  await standin.order({ op: 'close-window' });
  await expect.poll(() => page.isClosed()).toBe(true);
  expect(await callsOf(standin, 'dialog.showMessageBox')).toEqual([]);
  await standin.order({ op: 'press', what: 'entry', name: 'Quit' });
  await expect.poll(async () => (await callsOf(standin, 'dialog.showMessageBox')).length).toBe(1);
  expect(await callsOf(standin, 'dialog.showMessageBox')).toMatchObject([[{ buttons: ['Stay and let it finish', 'Put everything back and close'], defaultId: 0, cancelId: 0 }]]);
  expect(standin.child.exitCode).toBeNull();
});
