// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test, type Browser } from 'playwright/test';
import { chromiumArgs, executablePath } from '../chromium';
import { startBrowserDoor, type StartedDoor } from '../start';

const rounds = 5;

/** Milliseconds from navigation to first contentful paint in a browser that has seen nothing yet. */
async function firstPaint(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  const paint = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntriesByName('first-contentful-paint')) resolve(entry.startTime);
        });
        observer.observe({ type: 'paint', buffered: true });
      }),
  );
  await context.close();
  return paint;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test('first paint takes at most half as long again as that of an empty page, cold, in one run', async ({ playwright }) => {
  test.setTimeout(180_000);
  const own: number[] = [];
  const empty: number[] = [];
  const door: StartedDoor = await startBrowserDoor();
  try {
    for (let round = 0; round < rounds; round += 1) {
      // A new browser for each page: nothing is cached, compiled or warm.
      for (const [values, url] of [[empty, `${door.origin}/empty.html`], [own, `${door.origin}/`]] as const) {
        const browser = await playwright.chromium.launch({ executablePath, args: [...chromiumArgs] });
        const context = browser;
        values.push(await firstPaintOf(context, url));
        await browser.close();
      }
    }
  } finally {
    await door.end();
  }
  const ratio = median(own) / median(empty);
  console.log(`first paint: ${median(own).toFixed(0)} ms against ${median(empty).toFixed(0)} ms of an empty page, ${ratio.toFixed(2)}x`);
  expect(ratio).toBeLessThanOrEqual(1.5);
});

/** An empty page with one word, served from memory under the same origin; ours comes from the door. */
async function firstPaintOf(browser: Browser, url: string): Promise<number> {
  if (!url.endsWith('/empty.html')) return firstPaint(browser, url);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/empty.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>x</title><p>x</p>' }));
  await page.goto(url);
  const paint = await page.evaluate(() => new Promise<number>((resolve) => new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint').forEach((entry) => resolve(entry.startTime))).observe({ type: 'paint', buffered: true })));
  await context.close();
  return paint;
}
