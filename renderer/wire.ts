// SPDX-License-Identifier: GPL-3.0-or-later
import { messageLimit } from '../contract/names';
import type { Problem, Result } from '../contract/problem';
import type { Link } from './client';
import { keepConnected, type Message } from './connection';

/** The browser door's one connection: questions out, answers and news in. */
export interface Wire {
  ask(name: string, input: unknown): Promise<Result<unknown>>;
  hear(name: string, listener: (body: unknown) => void): () => void;
  hearLink(listener: (link: Link) => void): () => void;
}

const lost: Problem = { code: 'internal', detail: { why: 'connection' } };

/** A set of listeners that can be left again. */
function listenersOf<T>(): { add(listener: (value: T) => void): () => void; tell(value: T): void } {
  const set = new Set<(value: T) => void>();
  return {
    add(listener) {
      set.add(listener);
      return () => void set.delete(listener);
    },
    tell(value) {
      for (const listener of set) listener(value);
    },
  };
}

/** Opens the connection; it comes back by itself after a loss, and what was asked meanwhile has failed. */
export function openWire(): Wire {
  const pending = new Map<number, (reply: Result<unknown>) => void>();
  const news = listenersOf<{ readonly name: string; readonly body: unknown }>();
  const links = listenersOf<Link>();
  let link: Link = 'connecting';
  let waiting: (() => void)[] = [];
  let next = 1;

  const onMessage = (message: Message): void => {
    if (message.kind === 'reply') {
      pending.get(message.id)?.(message.reply);
      pending.delete(message.id);
    } else if (message.kind === 'tell') news.tell(message);
  };
  const onLink = (state: Link): void => {
    link = state;
    if (state !== 'open') {
      for (const settle of pending.values()) settle({ ok: false, problem: lost });
      pending.clear();
    }
    for (const go of waiting) go();
    waiting = [];
    links.tell(state);
  };
  const send = keepConnected(onMessage, onLink);

  return {
    async ask(name, input) {
      if (link === 'connecting') await new Promise<void>((go) => waiting.push(go));
      const id = next++;
      const message = JSON.stringify({ id, ask: name, input });
      if (message.length * 3 > messageLimit && new Blob([message]).size > messageLimit) return { ok: false, problem: { code: 'too-large', detail: {} } };
      if (!send(message)) return { ok: false, problem: lost };
      return new Promise((resolve) => pending.set(id, resolve));
    },
    hear: (name, listener) =>
      news.add((item) => {
        if (item.name === name) listener(item.body);
      }),
    hearLink(listener) {
      listener(link);
      return links.add(listener);
    },
  };
}
