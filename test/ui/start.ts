// SPDX-License-Identifier: GPL-3.0-or-later
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { chromiumArgs } from './chromium';
import type { Order } from './standin/electron';

/** The build under test; another one can be named, so that two runs do not disturb each other. */
export const build = process.env['SWITCHYARD_BUILD'] ?? path.resolve('dist');

/** A data folder of its own, no helper of the machine's, no display, and English. */
function surroundings(folder: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, LC_ALL: _a, LC_MESSAGES: _m, ...rest } = process.env;
  return { ...rest, LANG: 'en_GB.UTF-8', HOME: folder, XDG_DATA_HOME: path.join(folder, 'data'), XDG_CONFIG_HOME: path.join(folder, 'config'), ...more };
}

export interface Started {
  readonly folder: string;
  readonly child: ChildProcess;
  stderr(): string;
  end(): Promise<number | null>;
}

function started(child: ChildProcess, folder: string): Started {
  let stderr = '';
  child.stderr?.on('data', (part: Buffer) => (stderr += part.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    folder,
    child,
    stderr: () => stderr,
    async end() {
      if (child.exitCode === null) child.kill('SIGTERM');
      const code = await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      return code;
    },
  };
}

const temporary = (): string => mkdtempSync(path.join(tmpdir(), 'switchyard-ui-'));

export interface StartedDoor extends Started {
  readonly line: string;
  readonly url: string;
  readonly origin: string;
  /** The next line it prints. */
  nextLine(): Promise<string>;
}

/** Starts the built browser door on a free port and reads its one line. */
export async function startBrowserDoor(more: Readonly<Record<string, string>> = {}): Promise<StartedDoor> {
  const folder = temporary();
  const child = spawn(process.execPath, [path.join(build, 'main/browser.js')], { env: surroundings(folder, more), stdio: ['ignore', 'pipe', 'pipe'] });
  const run = started(child, folder);
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const read = await lines.next();
    if (read.done === true) throw new Error(`the browser door ended: ${run.stderr()}`);
    return read.value;
  };
  const line = await nextLine();
  const url = /http:\/\/127\.0\.0\.1:\d+\/#ticket=[\w-]+/.exec(line)?.[0];
  if (url === undefined) throw new Error(`no address in: ${line}`);
  return { ...run, line, url, origin: new URL(url).origin, nextLine };
}

export interface StartedStandin extends Started {
  /** Where Chromium's tools protocol listens. */
  readonly cdp: string;
  order(order: Order): Promise<unknown>;
}

/** Starts the compiled Electron main on the stand-in, with words of the command line. */
export async function startStandin(more: Readonly<Record<string, string>> = {}, words: readonly string[] = []): Promise<StartedStandin> {
  const folder = temporary();
  const child = fork(path.join(build, 'main/index.js'), [...words], {
    execArgv: ['--import', path.resolve('test/ui/standin/register.ts')],
    env: surroundings(folder, { STANDIN_FOLDER: folder, STANDIN_ARGS: JSON.stringify(chromiumArgs), ...more }),
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const run = started(child, folder);
  const waiting = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>();
  let count = 0;
  child.on('message', (message: { readonly id: number; readonly value?: unknown; readonly error?: string }) => {
    const waiter = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) waiter?.resolve(message.value);
    else waiter?.reject(new Error(message.error));
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the stand-in ended (${String(code)}): ${run.stderr()}`));
  });
  const answerTo = (id: number): Promise<unknown> => new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  const cdp = String(await answerTo(0));
  return {
    ...run,
    cdp,
    order(order) {
      const id = ++count;
      const answer = answerTo(id);
      child.send({ id, order });
      return answer;
    },
  };
}
