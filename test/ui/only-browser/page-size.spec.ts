// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'playwright/test';
import { build } from '../start';

test('the script of the page is at most 120 kB gzip and carries no zod', () => {
  const assets = path.join(build, 'renderer/assets');
  const scripts = readdirSync(assets).filter((file) => file.endsWith('.js')).map((file) => readFileSync(path.join(assets, file)));
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
  console.log(`page script: ${(bytes / 1024).toFixed(1)} kB gzip`);
  expect(bytes).toBeLessThanOrEqual(120 * 1024);
  for (const script of scripts) expect(script.includes('ZodError')).toBe(false);
});
