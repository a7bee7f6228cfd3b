// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { AskName, TellName } from '../../contract/names';
import type { Result } from '../../contract/problem';
import type { AskIn, AskOut, TellBody } from '../../contract/ui';
import { openApp, type App } from '../../main/app';

/** Every test of a file has an app in a folder of its own, closed and removed after it. */
export function freshApp() {
  let app: App | undefined;
  let folder = '';
  let news: [string, unknown][] = [];
  const open = (): App => {
    if (app === undefined) throw new Error('no app is open');
    return app;
  };
  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/switchyard-app-`);
    process.env['XDG_DATA_HOME'] = folder;
    app = openApp({ kind: 'browser', why: 'no-electron' }, path.resolve('assets'));
    news = [];
    app.news.subscribe((name, body) => news.push([name, body]));
  });
  afterEach(async () => {
    await app?.close();
    rmSync(folder, { recursive: true });
  });
  const ask = async <N extends AskName>(name: N, input: AskIn<N>): Promise<Result<AskOut<N>>> => (await open().dispatch(name, input)) as Result<AskOut<N>>;
  /** The answer, where anything else is a failure of the test. */
  const good = async <N extends AskName>(name: N, input: AskIn<N>): Promise<AskOut<N>> => {
    const answer = await ask(name, input);
    if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.problem)}`);
    return answer.value;
  };
  return {
    app: open,
    ask,
    good,
    /** The bodies of all news of this name since the test began or news were forgotten, oldest first. */
    heard: <N extends TellName>(name: N): readonly TellBody<N>[] => news.flatMap(([told, body]) => (told === name ? [body as TellBody<N>] : [])),
    /** All news, of whatever name. */
    news: (): readonly [string, unknown][] => news,
    forgetNews: (): void => {
      news = [];
    },
  };
}
