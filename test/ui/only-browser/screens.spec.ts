// SPDX-License-Identifier: GPL-3.0-or-later
import AxeBuilder from '@axe-core/playwright';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pixelmatch from 'pixelmatch';
import { expect, test as base, type Browser, type CDPSession, type Page } from 'playwright/test';
import { chromiumArgs, executablePath } from '../chromium';
import { drawable, fontsFile } from '../gallery/glyphs';
import { charactersOf, troubles, unseenStops } from '../gallery/look';
import { noon } from '../gallery/machines';
import { livePast } from '../gallery/points';
import { rehearse } from '../gallery/rehearsed';
import { screensOf, type Screen } from '../gallery/screens';
import { coarsen, readShot, writeShot } from '../gallery/small-png';
import { openStage, type Stage } from '../gallery/stage';
import { liveVms } from '../gallery/vms';
import { openOverWire } from '../gallery/wire-stage';

const shots = path.join(import.meta.dirname, '../shots');
const results = path.resolve('test-results/shots');
const update = process.env['UPDATE_SHOTS'] === '1';
const languages = ['en', 'zh'] as const;
const themes = ['light', 'dark'] as const;
const widths = [1280, 640, 320] as const;
const tallest = 2000;
/** Half the size: a quarter of the bytes, and a moved line is still a moved line. */
const scale = 0.5;
/** Of a shot's pixels; letters may fall a little differently, a moved line is far more. */
const tolerance = 0.002;

const card = '0000:01:00.0';
/** The real main process in this one, once: its answers are what the screens show. */
const screens = screensOf(await rehearse('x670e-i-rtx3080-raphael', card, { 'boot-display': '0000:6a:00.0' }), card, await livePast(), await liveVms());

const test = base.extend<object, { still: Browser; glyph: (codePoint: number) => boolean }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants the pattern
  glyph: [async ({}, use) => use(drawable()), { scope: 'worker' }],
  still: [
    async ({ playwright }, use) => {
      const args = [...chromiumArgs, '--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb'];
      const browser = await playwright.chromium.launch({ executablePath, args, env: { ...process.env, FONTCONFIG_FILE: fontsFile } });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
});

/** The same stage with the person's language set. */
function inLanguage(stage: Stage, language: (typeof languages)[number]): Stage {
  const state = stage['app.state'];
  if (state?.ok !== true) return stage;
  return { ...stage, 'app.state': { ok: true, value: { ...state.value, settings: { ...state.value.settings, language } } } };
}

/** The page has stopped changing: the same text and height in four looks running. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const look = (): string => `${String(document.documentElement.scrollHeight)} ${document.body.innerHTML}`;
    let before = look();
    for (let same = 0, looks = 0; same < 3 && looks < 90; looks += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      const now = look();
      same = now === before ? same + 1 : 0;
      before = now;
    }
  });
}

async function openScreen(page: Page, screen: Screen, language: (typeof languages)[number]): Promise<void> {
  const stage = inLanguage(screen.stage, language);
  // A clock that counts would make every shot another one.
  await page.clock.setFixedTime(noon);
  let cut: (() => Promise<void>) | undefined;
  if (screen.link === undefined) await openStage(page, stage);
  else cut = await openOverWire(page, stage, screen.link === 'cut' ? 'up' : screen.link);
  // What index.html paints by itself is an svg; the window's own script takes its place.
  await page.locator('#page > :not(svg)').first().waitFor();
  await settled(page);
  if (screen.link === 'cut') {
    // Only what has come over the connection can stay when it is lost.
    await page.locator('.bar .machine').waitFor();
    await settled(page);
    await cut?.();
  }
  await screen.act?.(page);
  await settled(page);
  await page.evaluate(async () => {
    await document.fonts.ready;
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
  });
  await page.mouse.move(0, 0);
}

/** Compares what is seen with what is kept, or keeps it; answers what differs. */
function compare(name: string, png: Buffer): string | null {
  const now = coarsen(readShot(png));
  const file = path.join(shots, `${name}.png`);
  if (update) {
    writeFileSync(file, writeShot(now));
    return null;
  }
  mkdirSync(results, { recursive: true });
  const keep = (): void => writeFileSync(path.join(results, `${name}.png`), writeShot(now));
  if (!existsSync(file)) {
    keep();
    return `${name}: no shot is kept; npm run shots`;
  }
  const kept = readShot(readFileSync(file));
  if (kept.width !== now.width || kept.height !== now.height) {
    keep();
    return `${name}: ${String(kept.width)}x${String(kept.height)} became ${String(now.width)}x${String(now.height)}`;
  }
  if (Buffer.compare(kept.data, now.data) === 0) return null;
  const different = pixelmatch(kept.data, now.data, undefined, now.width, now.height, { threshold: 0.2 });
  if (different <= now.width * now.height * tolerance) return null;
  keep();
  return `${name}: ${String(different)} pixels differ`;
}

/** Straight from the browser, without the waiting that a page which never moves does not need. */
async function shoot(page: Page, session: CDPSession, width: number, part: string | undefined): Promise<Buffer> {
  // What is to be seen: the page, or what scrolls in the dialog before it, with the space a dialog keeps around itself.
  const { tall, fixed } = await page.evaluate(() => {
    const dialog = document.querySelector('dialog[open]');
    return { tall: dialog === null ? document.documentElement.scrollHeight : dialog.scrollHeight + 40, fixed: dialog !== null || document.querySelector('.actions') !== null };
  });
  const height = Math.min(Math.max(tall, 600), tallest);
  // A dialog shows no more than the window does, and the bar that stays in view would lie across a taller picture.
  if (fixed) await page.setViewportSize({ width, height });
  const box = part === undefined ? null : await page.locator(part).first().boundingBox();
  if (part !== undefined && box === null) throw new Error(`nothing to be seen at ${part}`);
  const whole = { x: 0, y: 0, width, height };
  // Of a part whole pixels, whatever the letters before it came to.
  const clip = box === null ? whole : { x: Math.floor(box.x), y: Math.floor(box.y), width: Math.ceil(box.width), height: Math.min(Math.ceil(box.height), tallest) };
  const { data } = await session.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true, captureBeyondViewport: true, clip: { ...clip, scale } });
  return Buffer.from(data, 'base64');
}

/** Every width and theme of one screen as it is, against what is kept. */
async function widthsOf(page: Page, name: string, part: string | undefined): Promise<string[]> {
  const wrong: string[] = [];
  const session = await page.context().newCDPSession(page);
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 320 ? 640 : 800 });
    wrong.push(...(await troubles(page)).map((line) => `${String(width)}: ${line}`));
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      const different = compare(`${name}-${theme}-${String(width)}`, await shoot(page, session, width, part));
      if (different !== null) wrong.push(different);
    }
  }
  await session.detach();
  return wrong;
}

async function axeOf(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    // Every rule, but only violations are told in full: describing what passed takes longer than finding it.
    const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'], preload: false }).setLegacyMode(true);
    // Only colours differ in the dark.
    const { violations } = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
    wrong.push(...violations.flatMap((it) => it.nodes.map((node) => `${theme}: ${it.id} ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`)));
  }
  wrong.push(...(await unseenStops(page)).map((line) => `no focus to be seen: ${line}`));
  return wrong;
}

test.describe.configure({ mode: 'parallel' });

for (const screen of screens) {
  for (const language of languages) {
    // One load for all that is looked at: the letters, every width and theme, and in English axe and the keyboard.
    const beside = language === 'en' ? ', passes axe, and shows its focus at every stop' : '';
    test(`${screen.name} in ${language} is as it was, fits every width, can be read${beside}`, async ({ still, glyph }) => {
      const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
      const context = await still.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', timezoneId: 'UTC', locale });
      const page = await context.newPage();
      const wrong: string[] = [];
      page.on('pageerror', (error) => wrong.push(String(error)));
      await openScreen(page, screen, language);
      wrong.push(...(await widthsOf(page, `${screen.name}-${language}`, screen.part)));
      const text = await charactersOf(page);
      for (const letter of new Set(text)) if (letter > ' ' && !glyph(letter.codePointAt(0) ?? 0)) wrong.push(`no glyph for ${letter}`);
      if (language === 'zh' && !/[\u4e00-\u9fff]/.test(text)) wrong.push('not a word of Chinese');
      if (language === 'en' && !update) wrong.push(...(await axeOf(page)));
      await context.close();
      expect(wrong).toEqual([]);
    });
  }
}

for (const screen of screens.filter((it) => /^(?:check-ready|check-dump|machines|choose-chosen|review-exact|set-up-working|trial-question|done-kept|history)$/.test(it.name))) {
  test(`${screen.name} at twice the text size is neither cut off nor pushed aside`, async ({ still }) => {
    const page = await still.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', timezoneId: 'UTC', locale: 'en-GB' });
    await openScreen(page, screen, 'en');
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '32px';
    });
    const wrong: string[] = [];
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 800 });
      wrong.push(...(await troubles(page)).map((line) => `${String(width)}: ${line}`));
    }
    await page.close();
    expect(wrong).toEqual([]);
  });
}

test('the kept shots are those of today, stay small, and each shows something of its own', () => {
  const kept = readdirSync(shots).filter((file) => file.endsWith('.png'));
  const wanted = new Set(screens.flatMap(({ name }) => languages.flatMap((language) => themes.flatMap((theme) => widths.map((width) => `${name}-${language}-${theme}-${String(width)}.png`)))));
  if (update) for (const file of kept) if (!wanted.has(file)) rmSync(path.join(shots, file));
  expect(readdirSync(shots).filter((file) => file.endsWith('.png') && !wanted.has(file))).toEqual([]);
  const bytes = readdirSync(shots).reduce((sum, file) => sum + statSync(path.join(shots, file)).size, 0);
  expect(bytes).toBeLessThan(24 * 1024 * 1024);
  // A screen that looks exactly like another shows nothing of what it is kept for.
  const seen = new Map<string, string>();
  const twins = [...wanted].filter((file) => existsSync(path.join(shots, file))).flatMap((file) => {
    const picture = readFileSync(path.join(shots, file)).toString('latin1');
    const other = seen.get(picture);
    seen.set(picture, file);
    return other === undefined ? [] : [`${file} is ${other}`];
  });
  expect(twins).toEqual([]);
});
