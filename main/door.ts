// SPDX-License-Identifier: GPL-3.0-or-later
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { say, systemLanguage } from './language';
import { openApp } from './app';
import { openHttpDoor } from './http-door';
import { openSecretly } from './opener';
import { readPages } from './pages';
import { openSession } from './session';

export interface BrowserDoor {
  /** The address with its one-time ticket. */
  readonly url: string;
  /** Ends runs of this process by undoing them, then the server. */
  close(): Promise<void>;
}

export interface DoorWish {
  /** Why it is this door and not the window: a code of words/, shown in the page. */
  readonly why?: string;
  /** Opens the person's browser, and ends when its last page has gone. False (root, no display): prints the address and stays up. */
  readonly open: boolean;
  /** A fixed port for a tunnel; 0 or nothing: any free one. */
  readonly port?: number;
}

/** How long an opened door waits without a page before it ends: a reload or a slow browser must fit in. */
const lonely = { first: 180_000, later: 20_000 } as const;

/** Serves the window on loopback (docs/decisions/0055-browser-door.md). */
export async function openBrowserDoor(wish: DoorWish): Promise<BrowserDoor> {
  const app = openApp({ kind: 'browser', why: wish.why ?? null });
  const session = openSession();
  const addressOf = (ticket: string): string => `${door.origin}/#ticket=${ticket}`;
  const alone = soon(() => {
    if (app.underWay()) alone.start(lonely.later);
    else void close();
  });
  let opened: { remove(): void } | undefined;

  const onPages = (pages: number): void => {
    opened?.remove();
    alone.stop();
    if (pages > 0) return;
    if (wish.open) alone.start(lonely.later);
    else console.log(say(systemLanguage(), 'door.again', { url: addressOf(session.mint()) }));
  };
  const pages = readPages(path.join(import.meta.dirname, '../renderer'));
  const door = await openHttpDoor(pages, { session, dispatch: app.dispatch, news: app.news, onPages }, wish.port ?? 0);
  const url = addressOf(session.mint());

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= shut());
  const shut = async (): Promise<void> => {
    alone.stop();
    opened?.remove();
    await app.close();
    door.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  };
  const onSignal = (): void => void close();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);

  if (wish.open) {
    opened = openSecretly(url);
    alone.start(lonely.first);
  }
  const where = { url, port: String(door.port), host: `${userInfo().username}@${hostname()}` };
  console.log(say(systemLanguage(), wish.open ? 'door.opened' : 'door.address', where));
  return { url, close };
}

/** A timer that can be started and stopped again and again. */
function soon(act: () => void): { start(milliseconds: number): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    start(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(act, milliseconds);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
