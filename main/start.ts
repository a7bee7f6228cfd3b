// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * `npm start`: opens the window in Electron where that can be had, and otherwise the same build through the browser door,
 * saying why. Never with --no-sandbox. docs/decisions/0003-start.md.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Problem } from '../contract/problem';
import { languageOf, say, type Key } from '../words/say';

const top = path.resolve(import.meta.dirname, '../..');
const electronFolder = path.join(top, 'node_modules/electron');
/** How long the one try to fetch Electron's binary may take. */
const fetchLimit = 90_000;
/** An Electron that ends this soon did not become a window. */
const tooSoon = 3_000;

type Reason = 'root' | 'no-display' | 'no-electron' | 'electron-ended';
type Start = { readonly at: 'electron'; readonly binary: string } | { readonly at: 'browser'; readonly reason: Reason };

const words = (key: Key, detail: Problem['detail'] = {}): string => say(languageOf(process.env['LC_ALL'] ?? process.env['LC_MESSAGES'] ?? process.env['LANG']), key, detail);

function chooseStart(): Start {
  if (process.getuid?.() === 0) return { at: 'browser', reason: 'root' };
  if ((process.env['WAYLAND_DISPLAY'] ?? process.env['DISPLAY'] ?? '') === '') return { at: 'browser', reason: 'no-display' };
  const binary = electronBinary() ?? fetchElectron();
  return binary === null ? { at: 'browser', reason: 'no-electron' } : { at: 'electron', binary };
}

/** Looks at path.txt: asking the `electron` package itself would start a download without a limit. */
function electronBinary(): string | null {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const named = path.join(electronFolder, 'path.txt');
  if (override !== undefined) return path.join(override, 'electron');
  if (!existsSync(named)) return null;
  const binary = path.join(electronFolder, 'dist', readFileSync(named, 'utf8').trim());
  return existsSync(binary) ? binary : null;
}

/** One bounded try for each version; a failure is remembered, so that the next start does not wait again. */
function fetchElectron(): string | null {
  const installer = path.join(electronFolder, 'install.js');
  const memory = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'switchyard', `electron-${electronVersion()}-not-reachable`);
  if (!existsSync(installer) || existsSync(memory)) return null;
  console.log(words('cli.start-fetching'));
  const run = spawnSync(process.execPath, [installer], { timeout: fetchLimit, stdio: 'ignore' });
  const binary = run.status === 0 ? electronBinary() : null;
  if (binary === null) {
    mkdirSync(path.dirname(memory), { recursive: true });
    writeFileSync(memory, `Remove this file to let the next start try again.\n`);
  }
  return binary;
}

function electronVersion(): string {
  const found: unknown = JSON.parse(readFileSync(path.join(electronFolder, 'package.json'), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

function openElectron(binary: string): void {
  const began = Date.now();
  const window = spawn(binary, [top], { stdio: 'inherit' });
  let answered = false;
  const ended = (code: number | null): void => {
    if (answered) return;
    answered = true;
    if (Date.now() - began < tooSoon && code !== 0) void openBrowser('electron-ended', String(code ?? 'signal'));
    else process.exitCode = code ?? 1;
  };
  window.on('error', () => {
    ended(127);
  });
  window.on('exit', ended);
}

async function openBrowser(reason: Reason, code = ''): Promise<void> {
  console.log(words(`cli.start-${reason}`, { code }));
  const { openBrowserDoor } = await import('./door');
  await openBrowserDoor({ why: reason, open: reason !== 'root' && reason !== 'no-display' });
}

const start = chooseStart();
if (start.at === 'electron') openElectron(start.binary);
else await openBrowser(start.reason);
