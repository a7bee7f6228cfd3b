// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/**
 * The built page as a closed table: what is not in the folder when the program starts cannot be asked for,
 * so no address can lead out of it.
 */
export function readPages(folder: string): ReadonlyMap<string, PageFile> {
  const pages = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = `/${path.relative(folder, file).split(path.sep).join('/')}`;
    pages.set(name, { body: Uint8Array.from(readFileSync(file)), type });
    if (name === '/index.html') pages.set('/', { body: Uint8Array.from(readFileSync(file)), type });
  }
  return pages;
}
