// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer } from 'node:http';
import { expect, test, type Browser } from 'playwright/test';
import { chromiumArgs, executablePath } from '../ui/chromium';
import { startBrowserDoor } from '../ui/start';

const rounds = 11;
/** Against an empty page without a single header of ours; docs/decisions/0070-first-paint.md says what the figures are made of. */
const bound = 1.5;

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

/** The same browser and kind of server, no policy, no script, no style, and one word to paint. */
async function startEmpty(): Promise<{ readonly url: string; end(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end('<!doctype html><html lang="en"><title>x</title><p>x</p></html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${String(address.port)}/`, end: () => new Promise((resolve) => server.close(() => resolve())) };
}

test('first paint takes at most half as long again as that of an empty page, cold, in one run', async ({ playwright }) => {
  test.setTimeout(300_000);
  const own: number[] = [];
  const nothing: number[] = [];
  const door = await startBrowserDoor();
  const empty = await startEmpty();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const pages = [
        [nothing, empty.url],
        [own, `${door.origin}/`],
      ] as const;
      // A new browser for each page: nothing is cached, compiled or warm. In turns, so that a busy machine is busy for both.
      for (const [values, url] of round % 2 === 0 ? pages : pages.toReversed()) {
        const browser = await playwright.chromium.launch({ executablePath, args: [...chromiumArgs] });
        values.push(await firstPaint(browser, url));
        await browser.close();
      }
    }
  } finally {
    await empty.end();
    await door.end();
  }
  const ratio = median(own) / median(nothing);
  console.log(`first paint: ${median(own).toFixed(0)} ms against ${median(nothing).toFixed(0)} ms of an empty page, ${ratio.toFixed(2)}x`);
  expect(ratio).toBeLessThanOrEqual(bound);
});
