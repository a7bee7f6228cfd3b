// SPDX-License-Identifier: GPL-3.0-or-later
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { messageLimit } from '../../contract/names';
import { ok } from '../../contract/problem';
import { openNews } from '../../main/dispatch';
import { openHttpDoor } from '../../main/http-door';
import { contentSecurityPolicy } from '../../main/page-headers';
import { openSession } from '../../main/session';
import { closeCode } from '../../main/wire-server';

const session = openSession();
const news = openNews();
const asked: unknown[] = [];
const pageCounts: number[] = [];
let release: () => void = () => undefined;
const dispatch = async (name: unknown, input: unknown) => {
  asked.push([name, input]);
  if (name === 'slow') await new Promise<void>((resolve) => (release = resolve));
  return ok({ name });
};
const index = { body: Uint8Array.from(Buffer.from('<!doctype html>')), type: 'text/html; charset=utf-8' };
let door: Awaited<ReturnType<typeof openHttpDoor>>;
let token = '';

beforeAll(async () => {
  door = await openHttpDoor(new Map([['/', index], ['/index.html', index]]), { session, dispatch, news, onPages: (count) => pageCounts.push(count) }, 0);
  const reply = await post(session.mint());
  token = (JSON.parse(reply.body) as { token: string }).token;
});
afterAll(() => {
  door.close();
});

interface Reply {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}
function send(path: string, { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: door.port, path, method, headers: { host: `127.0.0.1:${String(door.port)}`, ...headers } }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
const [thisPage, otherPage] = ['p'.repeat(43), 'q'.repeat(43)];
const post = (ticket: string, headers: Record<string, string> = {}, proof = thisPage): Promise<Reply> =>
  send('/session', { method: 'POST', headers: { origin: door.origin, 'content-type': 'application/json', ...headers }, body: JSON.stringify({ ticket, proof }) });

/** Opens a socket and gives what it hears and how it ends. */
function open(headers: Record<string, string> = { origin: door.origin }, path = '/wire') {
  const socket = new WebSocket(`ws://127.0.0.1:${String(door.port)}${path}`, { headers });
  const heard: unknown[] = [];
  const opened = new Promise<boolean>((resolve) => socket.once('open', () => resolve(true)).once('error', () => resolve(false)));
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)));
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())));
  const next = (): Promise<void> => new Promise((resolve) => socket.once('message', () => resolve()));
  return { socket, heard, opened, closed, next };
}
async function openPage() {
  const page = open();
  await page.opened;
  page.socket.send(JSON.stringify({ token }));
  await page.next();
  return page;
}

test('serves the page without a secret, under the policy', async () => {
  const page = await send('/');
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toBe(contentSecurityPolicy('browser'));
  expect(page.headers['set-cookie']).toBeUndefined();
  expect(page.headers['access-control-allow-origin']).toBeUndefined();
});

test.each(['/../package.json', '/..%2fpackage.json', '/%2e%2e/package.json', '//etc/passwd', '/index.html?x', '/nothing'])('gives nothing outside the page for %s', async (path) => {
  expect((await send(path)).status).toBe(404);
});

test.each(['PUT', 'DELETE', 'OPTIONS', 'POST'])('answers no %s for the page', async (method) => {
  expect((await send('/', { method })).status).toBe(404);
});

test.each(['localhost', 'evil.example', '127.0.0.1', '127.0.0.1:1', '[::1]'])('refuses the Host %s, so that a name that was rebound to loopback gets nothing', async (host) => {
  expect((await send('/', { headers: { host } })).status).toBe(403);
});

test('a ticket works once', async () => {
  const ticket = session.mint();
  expect((await post(ticket)).status).toBe(200);
  expect((await post(ticket, {}, otherPage)).status).toBe(403);
});

test('a page that was loaded again before the answer came may trade its ticket again', async () => {
  const ticket = session.mint();
  const { status, body } = await post(ticket);
  expect(await post(ticket)).toMatchObject({ status, body });
  session.mint();
  expect((await post(ticket, {}, otherPage)).status).toBe(403);
});

test('an unused ticket ends when a new one is made', async () => {
  const old = session.mint();
  session.mint();
  expect((await post(old)).status).toBe(403);
});

test.each([
  ['a foreign Origin', { origin: 'http://evil.example' }],
  ['another port of loopback', { origin: 'http://127.0.0.1:1' }],
  ['the Origin null', { origin: 'null' }],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['plain text, which needs no preflight', { 'content-type': 'text/plain' }],
  ['a foreign Host', { host: 'evil.example' }],
])('refuses a good ticket from %s, and the ticket stays good', async (_what, headers) => {
  const ticket = session.mint();
  expect((await post(ticket, headers)).status).toBe(403);
  expect((await post(ticket)).status).toBe(200);
});

test.each([['wrong'], [''], ['a'.repeat(43)], ['a'.repeat(5000)]])('refuses the ticket %j', async (ticket) => {
  expect((await post(ticket)).status).toBe(403);
});

test.each([
  ['a foreign Origin', { origin: 'http://evil.example' }],
  ['no Origin', {}],
  ['another port of loopback', { origin: 'http://127.0.0.1:1' }],
])('opens no socket for %s, even with the token', async (_what, headers) => {
  const page = open(headers);
  expect(await page.opened).toBe(false);
});

test('opens no socket for a foreign Host or another path', async () => {
  expect(await open({ origin: door.origin, host: 'evil.example' }).opened).toBe(false);
  expect(await open({ origin: door.origin }, '/').opened).toBe(false);
});

test.each([
  ['no token', {}],
  ['a wrong token', { token: 'a'.repeat(43) }],
  ['a ticket', { token: 'TICKET' }],
  ['a question', { id: 1, ask: 'app.state', input: {} }],
  ['a key more', { token: 'TOKEN', more: 1 }],
])('closes a socket that shows %s first, and answers nothing', async (_what, first) => {
  const page = open();
  await page.opened;
  page.socket.send(JSON.stringify(first).replace('TOKEN', token).replace('TICKET', session.mint()));
  expect(await page.closed).toBe(closeCode.refused);
  expect(page.heard).toEqual([]);
});

test('answers questions and tells news once the token was shown', async () => {
  const page = await openPage();
  page.socket.send(JSON.stringify({ id: 7, ask: 'app.state', input: { x: 1 } }));
  await page.next();
  news.tell('app.settings', { language: 'en', theme: 'dark', keepRunning: false, shortcut: 'off', shortcutState: 'none' });
  await page.next();
  expect(asked.at(-1)).toEqual(['app.state', { x: 1 }]);
  expect(page.heard).toEqual([
    { kind: 'ready' },
    { kind: 'reply', id: 7, reply: { ok: true, value: { name: 'app.state' } } },
    { kind: 'tell', name: 'app.settings', body: { language: 'en', theme: 'dark', keepRunning: false, shortcut: 'off', shortcutState: 'none' } },
  ]);
  page.socket.close();
  await page.closed;
  expect(pageCounts.slice(-2)).toEqual([1, 0]);
});

test('nobody hears news before the token', async () => {
  const page = open();
  await page.opened;
  news.tell('app.settings', { language: 'zh', theme: 'dark', keepRunning: false, shortcut: 'off', shortcutState: 'none' });
  page.socket.send('{}');
  await page.closed;
  expect(page.heard).toEqual([]);
});

test.each([
  ['no JSON', '{"id":1,'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a key more', '{"id":1,"ask":"x","input":{},"more":1}'],
  ['a key less', '{"id":1,"ask":"x"}'],
  ['a name that is no number', '{"id":"1","ask":"x","input":{}}'],
  ['a number that is none', '{"id":1e999,"ask":"x","input":{}}'],
])('closes a page that sends %s', async (_what, message) => {
  const page = await openPage();
  page.socket.send(message);
  expect(await page.closed).toBe(closeCode.garbled);
});

test('closes a page that sends bytes instead of text', async () => {
  const page = await openPage();
  page.socket.send(Buffer.from('{"id":1,"ask":"x","input":{}}'), { binary: true });
  expect(await page.closed).toBe(closeCode.garbled);
});

test('closes a page whose message is longer than the largest paste', async () => {
  const page = await openPage();
  page.socket.on('error', () => undefined);
  page.socket.send('x'.repeat(messageLimit + 1));
  expect(await page.closed).toBe(1009);
});

test('closes a page that asks without waiting for answers', async () => {
  const page = await openPage();
  for (let id = 1; id <= 70; id++) page.socket.send(JSON.stringify({ id, ask: 'slow', input: {} }));
  expect(await page.closed).toBe(closeCode.greedy);
  release();
});

test('a socket that says nothing is closed in five seconds', async () => {
  const page = open();
  await page.opened;
  expect(await page.closed).toBe(closeCode.refused);
}, 10_000);

test('listens on loopback alone', () => {
  expect(door.server.address()).toMatchObject({ address: '127.0.0.1' });
});

test('a connection that sends no HTTP harms nothing', async () => {
  const raw = connect(door.port, '127.0.0.1');
  raw.write('\0\x01garbage\r\n\r\n');
  await new Promise((resolve) => raw.once('close', resolve).resume());
  expect((await send('/')).status).toBe(200);
});

test('closing the door ends every page at once', async () => {
  const other = await openHttpDoor(new Map([['/', index]]), { session, dispatch, news, onPages: () => undefined }, 0);
  const socket = new WebSocket(`ws://127.0.0.1:${String(other.port)}/wire`, { headers: { origin: other.origin } });
  await new Promise((resolve) => socket.once('open', resolve));
  const gone = new Promise((resolve) => other.server.once('close', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  other.close();
  await Promise.all([gone, closed]);
});
