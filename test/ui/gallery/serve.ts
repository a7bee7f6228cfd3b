// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Page, Route } from 'playwright/test';
import { pageHeaders, type Door } from '../../../main/page-headers';
import { build } from '../start';

export const origin = 'http://switchyard.test';

const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const files = new Map<string, Buffer>();

function fileAt(path: string): Buffer {
  const known = files.get(path);
  if (known !== undefined) return known;
  const body = readFileSync(join(build, 'renderer', path));
  files.set(path, body);
  return body;
}

/** Serves dist/renderer to a page under the window's own headers, policy included; what `also` does not answer is refused. */
export async function servePage(page: Page, door: Door = 'electron', also?: (route: Route, path: string) => Promise<boolean>): Promise<void> {
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== origin) return route.abort();
    if (also !== undefined && (await also(route, url.pathname))) return undefined;
    const path = url.pathname === '/' ? '/index.html' : url.pathname;
    return route.fulfill({ body: fileAt(path), headers: { ...pageHeaders(door, types[extname(path)] ?? 'application/octet-stream') } });
  });
}
