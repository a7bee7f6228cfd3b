// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Page } from 'playwright/test';
import { pageHeaders } from '../../../main/page-headers';
import { build } from '../start';

export const origin = 'http://switchyard.test';

const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };

/** Serves dist/renderer to a page under the window's own headers, policy included; anything else is refused. */
export async function servePage(page: Page): Promise<void> {
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== origin) return route.abort();
    const path = url.pathname === '/' ? '/index.html' : url.pathname;
    return route.fulfill({ body: readFileSync(join(build, 'renderer', path)), headers: { ...pageHeaders('electron', types[extname(path)] ?? 'application/octet-stream') } });
  });
}
