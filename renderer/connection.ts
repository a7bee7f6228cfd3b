// SPDX-License-Identifier: GPL-3.0-or-later
import type { Result } from '../contract/problem';
import type { Link } from './client';

/** What the browser door sends. */
export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Result<unknown> }
  | { readonly kind: 'tell'; readonly name: string; readonly body: unknown };

const tokenKey = 'switchyard.session';
/** What the server closes with when it does not know the token. */
const refusedCode = 4401;
const pauses = [250, 500, 1000, 2000, 4000];

/** Trades the one-time ticket of the address for the session's token; the ticket leaves the address bar at once. */
async function sessionToken(): Promise<string | null> {
  const ticket = /^#ticket=([\w-]{43})$/.exec(location.hash)?.[1];
  if (ticket === undefined) return sessionStorage.getItem(tokenKey);
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ticket }) });
  if (!answer.ok) return sessionStorage.getItem(tokenKey);
  const { token } = (await answer.json()) as { token: string };
  sessionStorage.setItem(tokenKey, token);
  return token;
}

/** Keeps one socket open, with growing pauses after a loss; gives back a sender that says whether there was one. */
export function keepConnected(onMessage: (message: Message) => void, onLink: (link: Link) => void): (message: string) => boolean {
  let socket: WebSocket | null = null;
  let tries = 0;

  const closed = (code: number): void => {
    socket = null;
    onLink(code === refusedCode ? 'refused' : 'lost');
    if (code !== refusedCode) setTimeout(connect, pauses[Math.min(tries++, pauses.length - 1)]);
  };
  const open = (token: string): void => {
    const opening = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/wire`);
    opening.onopen = () => {
      opening.send(JSON.stringify({ token }));
    };
    opening.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as Message;
      if (message.kind === 'ready') {
        socket = opening;
        tries = 0;
        onLink('open');
      } else onMessage(message);
    };
    opening.onclose = (event) => {
      closed(event.code);
    };
  };
  const connect = (): void => {
    sessionToken().then(
      (token) => {
        if (token === null) closed(refusedCode);
        else open(token);
      },
      () => {
        closed(0);
      },
    );
  };

  connect();
  return (message) => {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(message);
    return true;
  };
}
