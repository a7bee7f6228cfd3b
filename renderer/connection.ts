// SPDX-License-Identifier: GPL-3.0-or-later
import type { Result } from '../contract/problem';
import type { Link } from './client';

/** What the browser door sends. */
export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Result<unknown> }
  | { readonly kind: 'tell'; readonly name: string; readonly body: unknown };

const tokenKey = 'switchyard.session';
const tradeKey = 'switchyard.trade';
/** What the server closes with when it does not know the token. */
const refusedCode = 4401;
const pauses = [250, 500, 1000, 2000, 4000];

/** The ticket of the address, or of an earlier load of this page that ended before the trade did, with the proof that it is the same page. */
function ticketToTrade(): string | null {
  const ticket = /^#ticket=([\w-]{43})$/.exec(location.hash)?.[1];
  if (ticket === undefined) return sessionStorage.getItem(tradeKey);
  const proof = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))).replace(/\+/g, '-').replace(/\//g, '_').replace('=', '');
  const trade = JSON.stringify({ ticket, proof });
  sessionStorage.setItem(tradeKey, trade);
  history.replaceState(null, '', location.pathname);
  return trade;
}

/** Trades the one-time ticket for the session's token; the ticket leaves the address bar at once. */
async function sessionToken(): Promise<string | null> {
  const trade = ticketToTrade();
  if (trade === null) return sessionStorage.getItem(tokenKey);
  const answer = await fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: trade });
  const { token } = answer.ok ? ((await answer.json()) as { token: string }) : { token: null };
  if (token !== null) sessionStorage.setItem(tokenKey, token);
  sessionStorage.removeItem(tradeKey);
  return token ?? sessionStorage.getItem(tokenKey);
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
