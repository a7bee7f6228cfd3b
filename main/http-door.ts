// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { messageLimit } from '../contract/names';
import { askerOf, pageHeaders } from './page-headers';
import type { PageFile } from './pages';
import { type Gate, serveSockets } from './wire-server';

const ticketBodyLimit = 256;
const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

/** The only machine it can be reached from; an ssh tunnel ends here too. */
export const loopback = '127.0.0.1';

export interface HttpDoor {
  readonly origin: string;
  readonly port: number;
  readonly server: Server;
  readonly close: () => void;
}

/**
 * The browser door as a server on loopback. Files of the page are for anybody: they hold nothing.
 * Whoever asks for more shows the ticket or the token, under our own Host and from our own Origin.
 */
export async function openHttpDoor(pages: ReadonlyMap<string, PageFile>, gate: Gate, port: number): Promise<HttpDoor> {
  const here = { host: '', origin: '' };
  const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    answer(request, response, { pages, gate, here }).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageLimit, perMessageDeflate: false, clientTracking: true });
  serveSockets(sockets, gate);
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => undefined);
    if (request.headers.host !== here.host || request.headers.origin !== here.origin || request.url !== '/wire') {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (page) => sockets.emit('connection', page, request));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, loopback, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the browser door has no port');
  here.host = `${loopback}:${String(bound.port)}`;
  here.origin = `http://${here.host}`;
  const close = (): void => {
    server.close();
    // A socket that was upgraded is no connection of the server's any more, and would keep the process alive.
    for (const page of sockets.clients) page.terminate();
    server.closeAllConnections();
  };
  return { origin: here.origin, port: bound.port, server, close };
}

interface Room {
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly gate: Gate;
  readonly here: { readonly host: string; readonly origin: string };
}

async function answer(request: IncomingMessage, response: ServerResponse, { pages, gate, here }: Room): Promise<void> {
  if (request.headers.host !== here.host) {
    refuse(response, 403);
    return;
  }
  if (request.method === 'POST' && request.url === '/session') {
    const token = request.headers.origin === here.origin ? await tokenFor(request, gate) : null;
    if (token === null) refuse(response, 403);
    else response.writeHead(200, { ...plain, 'content-type': 'application/json', 'cross-origin-resource-policy': 'same-origin' }).end(JSON.stringify({ token }));
    return;
  }
  const page = request.method === 'GET' || request.method === 'HEAD' ? pages.get(request.url ?? '') : undefined;
  if (page === undefined) refuse(response, 404);
  else response.writeHead(200, pageHeaders('browser', page.type, askerOf(request.headers['sec-fetch-site']))).end(request.method === 'HEAD' ? undefined : page.body);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...plain, connection: 'close' }).end();
}

async function tokenFor(request: IncomingMessage, gate: Gate): Promise<string | null> {
  if (request.headers['content-type'] !== 'application/json') return null;
  const body = await readShort(request);
  const [, ticket, proof] = (body === null ? null : /^\{"ticket":"([\w-]{43})","proof":"([\w-]{43})"\}$/.exec(body)) ?? [];
  return ticket === undefined || proof === undefined ? null : gate.session.redeem(ticket, proof);
}

/** The body, or null when it is longer than a ticket can be. */
async function readShort(request: IncomingMessage): Promise<string | null> {
  let body = '';
  for await (const chunk of request.setEncoding('latin1')) {
    body += String(chunk);
    if (body.length > ticketBodyLimit) return null;
  }
  return body;
}
