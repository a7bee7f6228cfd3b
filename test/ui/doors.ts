// SPDX-License-Identifier: GPL-3.0-or-later
import { chromium, expect, test as base, type Page } from 'playwright/test';
import { startBrowserDoor, startStandin, type StartedDoor, type StartedStandin } from './start';

/** The doors every screen is tested in; each is a project of playwright.config.ts. */
export const doors = ['browser', 'standin'] as const;
export type DoorName = (typeof doors)[number];

export type OpenDoor = { readonly name: 'browser'; readonly door: StartedDoor } | { readonly name: 'standin'; readonly standin: StartedStandin };

interface Options {
  doorName: DoorName;
}
interface Fixtures {
  /** The door behind `page`: a new process with an empty data folder for each test. */
  open: OpenDoor;
  /** Every breach of the policy that the page reported; a test that ends with one fails. */
  violations: string[];
}

/**
 * Playwright's test, with `page` showing Switchyard in the project's door. Whatever the test did: no policy was
 * breached, no script threw, and main printed no bug.
 */
export const test = base.extend<Fixtures & Options>({
  doorName: ['browser', { option: true }],
  violations: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the pattern
    async ({}, use) => {
      await use([]);
    },
    { scope: 'test' },
  ],
  open: async ({ doorName }, use) => {
    const open: OpenDoor = doorName === 'browser' ? { name: 'browser', door: await startBrowserDoor() } : { name: 'standin', standin: await shownStandin() };
    await use(open);
    const run = open.name === 'browser' ? open.door : open.standin;
    const printed = run.stderr();
    await run.end();
    if (/\bError\b/.test(printed)) throw new Error(`main reported a bug: ${printed}`);
  },
  page: async ({ open, page, violations }, use) => {
    const shown = open.name === 'browser' ? page : await standinPage(open.standin);
    const thrown: string[] = [];
    shown.on('pageerror', (error) => thrown.push(String(error)));
    await watchPolicy(shown, violations);
    if (open.name === 'browser') await shown.goto(open.door.url);
    else await shown.reload();
    await use(shown);
    if (violations.length > 0) throw new Error(`the page broke its policy: ${violations.join('; ')}`);
    if (thrown.length > 0) throw new Error(`the page threw: ${thrown.join('; ')}`);
  },
});
export { expect } from 'playwright/test';

/** The stand-in once main has opened its window and shown it. */
async function shownStandin(): Promise<StartedStandin> {
  const standin = await startStandin();
  await expect.poll(async () => JSON.stringify(await standin.order({ op: 'calls' })), { timeout: 30_000 }).toContain('BrowserWindow.show');
  return standin;
}

async function standinPage(standin: StartedStandin): Promise<Page> {
  const browser = await chromium.connectOverCDP(standin.cdp);
  const page = browser.contexts()[0]?.pages()[0];
  if (page === undefined) throw new Error('the stand-in has no window');
  await page.waitForURL((url) => url.protocol !== 'about:');
  return page;
}

const breach = 'breach of the policy: ';

/** Listens for breaches from the first line of the page on; told by the console, which survives a new load. */
async function watchPolicy(page: Page, violations: string[]): Promise<void> {
  page.on('console', (message) => {
    if (message.text().startsWith(breach)) violations.push(message.text().slice(breach.length));
  });
  await page.addInitScript((prefix) => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.info(`${prefix}${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${String(event.lineNumber)}`);
    });
  }, breach);
}
