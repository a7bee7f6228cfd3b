// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { expect, test } from './doors';

/** Puts an inline script into the page, as injected markup would; page.evaluate itself stands outside the policy. */
const inject = (page: Page, text: string): Promise<void> =>
  page.evaluate((body) => {
    const script = document.createElement('script');
    script.textContent = body;
    document.head.append(script);
  }, text);

/** What the policy said, taken out of the fixture's list so that only what was not expected fails the test. */
async function expectViolation(violations: string[], directive: string): Promise<void> {
  await expect.poll(() => violations.some((line) => line.startsWith(directive)), { message: `a breach of ${directive}` }).toBe(true);
  violations.length = 0;
}

test('the page comes up without breaking its policy', async ({ page, violations }) => {
  await expect(page).toHaveTitle(/Switchyard/);
  await expect(page.getByRole('main')).toBeVisible();
  expect(violations).toEqual([]);
});

test('the page has nothing of Node or Electron', async ({ page }) => {
  const found = await page.evaluate(() => ['require', 'process', 'module', 'global', 'Buffer', 'electron', 'ipcRenderer', '__dirname'].filter((name) => name in globalThis));
  expect(found).toEqual([]);
});

test('an inline script does not run', async ({ page, violations }) => {
  await inject(page, 'globalThis.injected = true');
  expect(await page.evaluate(() => 'injected' in globalThis)).toBe(false);
  await expectViolation(violations, 'script-src');
});

test('an attribute that holds a script does not run', async ({ page, violations }) => {
  await page.evaluate(() => {
    const image = document.createElement('img');
    image.setAttribute('onerror', 'globalThis.injected = true');
    image.src = 'data:image/png;base64,AA';
    document.body.append(image);
  });
  await expectViolation(violations, 'script-src');
  expect(await page.evaluate(() => 'injected' in globalThis)).toBe(false);
});

test('text does not become code', async ({ page, violations }) => {
  // Run by a timer of the page itself: what the test evaluates is let through by the tools protocol.
  const answer = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const button = document.createElement('button');
        button.addEventListener('click', () => {
          const outcome: string[] = [];
          // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- that it is refused is what this test is about
          for (const attempt of [() => globalThis.eval('1') as unknown, () => new Function('return 1')() as unknown]) {
            try {
              attempt();
              outcome.push('ran');
            } catch (error) {
              outcome.push(error instanceof EvalError ? 'refused' : String(error));
            }
          }
          // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the same
          setTimeout('globalThis.injected = true', 0);
          setTimeout(() => {
            resolve([...outcome, 'injected' in globalThis]);
          }, 100);
        });
        document.body.append(button);
        setTimeout(() => {
          button.click();
        }, 50);
      }),
  );
  expect(answer).toEqual(['refused', 'refused', false]);
  await expectViolation(violations, 'script-src');
});

test('a style in the markup is not taken', async ({ page, violations }) => {
  await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
  });
  await expectViolation(violations, 'style-src');
  await expect(page.getByRole('main')).toBeVisible();
});

test.describe('nothing outside is reached', () => {
  test('by fetch', async ({ page, violations }) => {
    for (const address of ['https://example.invalid/x', 'http://127.0.0.1:9/x', 'file:///etc/passwd']) {
      const answer = await page.evaluate((url) => fetch(url).then(() => 'reached', () => 'refused'), address);
      expect(answer, address).toBe('refused');
      await expectViolation(violations, 'connect-src');
    }
  });

  test('by an image, a frame, a form or an object', async ({ page, violations }) => {
    await page.evaluate(() => {
      const image = new Image();
      image.src = 'https://example.invalid/x.png';
      const frame = document.createElement('iframe');
      frame.src = 'https://example.invalid/';
      const object = document.createElement('object');
      object.data = 'https://example.invalid/x';
      const form = document.createElement('form');
      form.action = 'https://example.invalid/';
      form.method = 'post';
      document.body.append(image, frame, object, form);
      form.submit();
    });
    for (const directive of ['img-src', 'frame-src', 'object-src', 'form-action']) {
      await expect.poll(() => violations.some((line) => line.startsWith(directive)), { message: directive }).toBe(true);
    }
    violations.length = 0;
  });

  test('by a worker or a base address', async ({ page, violations }) => {
    await page.evaluate(() => {
      const base = document.createElement('base');
      base.href = 'https://example.invalid/';
      document.head.append(base);
      try {
        new Worker('data:text/javascript,1');
      } catch {
        // Refused at once, or told by the policy; both are seen below.
      }
    });
    expect(await page.evaluate(() => document.baseURI)).not.toContain('example.invalid');
    await expectViolation(violations, 'base-uri');
  });
});

test('the page has no permission', async ({ page }) => {
  for (const permission of ['geolocation', 'notifications', 'clipboard-read', 'camera', 'microphone', 'midi']) {
    const state = await page.evaluate((name) => navigator.permissions.query({ name: name as PermissionName }).then((status) => status.state, String), permission);
    expect(state, permission).not.toBe('granted');
  }
});
