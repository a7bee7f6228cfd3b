// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright/test';
import { WebSocket } from 'ws';
import { expect, test, type OpenDoor } from '../doors';
import { startBrowserDoor, type StartedDoor } from '../start';

function doorOf(open: OpenDoor): StartedDoor {
  if (open.name !== 'browser') throw new Error('only in the browser door');
  return open.door;
}

/** Another server of somebody else's on loopback, which keeps whatever a browser brings it. */
async function otherServer(body: string) {
  const requests: { readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      requests.push({ url: request.url ?? '', headers: request.headers, body: text });
      response.writeHead(200, { 'content-type': 'text/html' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${String(port)}`, requests, server };
}

const secretsOf = (page: Page): Promise<string[]> => page.evaluate(() => Object.values<string>({ ...sessionStorage }));

test('the one line says the address and how to reach it from another computer, and nothing else is printed', ({ open }) => {
  const door = doorOf(open);
  const port = new URL(door.origin).port;
  expect(door.line).toContain(`${door.origin}/#ticket=`);
  expect(door.line).toContain(`ssh -L ${port}:127.0.0.1:${port} `);
  expect(door.line).not.toContain('--no-sandbox');
});

test('the ticket leaves the address bar and the history at once, and no cookie is set', async ({ open, page, context }) => {
  await expect(page).toHaveURL(`${doorOf(open).origin}/`);
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  expect(await context.cookies()).toEqual([]);
  expect(await page.evaluate(() => Object.keys({ ...localStorage }))).toEqual([]);
});

test('the page may be loaded again at any time', async ({ page }) => {
  await expect(page.getByRole('main')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('main')).toBeVisible();
  await expect(page.getByRole('navigation').first()).toBeVisible();
});

test('a page that is loaded again before its ticket was answered comes up all the same', async ({ browser }) => {
  const door = await startBrowserDoor();
  const page = await (await browser.newContext()).newPage();
  await page.route('**/session', async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
  await page.goto(door.url);
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  await page.reload();
  await expect(page.getByRole('navigation').first()).toBeVisible();
  await page.context().close();
  await door.end();
});

test('a used address opens nothing for anybody else', async ({ open, page, browser }) => {
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  const stranger = await (await browser.newContext()).newPage();
  const frames: string[] = [];
  stranger.on('websocket', (socket) => socket.on('framereceived', (frame) => frames.push(String(frame.payload))));
  await stranger.goto(doorOf(open).url);
  await stranger.waitForTimeout(800);
  expect(frames).toEqual([]);
  expect(await secretsOf(stranger)).toEqual([]);
  await stranger.context().close();
});

test('another tab without the address gets no session', async ({ open, page, context }) => {
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  const tab = await context.newPage();
  const frames: string[] = [];
  tab.on('websocket', (socket) => socket.on('framereceived', (frame) => frames.push(String(frame.payload))));
  await tab.goto(`${doorOf(open).origin}/`);
  await tab.waitForTimeout(500);
  expect(frames).toEqual([]);
  await tab.close();
});

test('another server on loopback, visited by the same browser, receives nothing it could use', async ({ open, page, context }) => {
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  const secrets = [...(await secretsOf(page)), doorOf(open).url.split('=')[1] ?? ''];
  const other = await otherServer('<!doctype html><title>other</title>');
  const tab = await context.newPage();
  await tab.goto(`${other.origin}/`);
  // The same tab goes there too: what it keeps for our origin stays behind.
  await page.goto(`${other.origin}/same-tab`);
  const stored = await page.evaluate(() => ({ session: { ...sessionStorage }, local: { ...localStorage }, cookies: document.cookie, name: window.name, referrer: document.referrer }));
  expect(stored).toEqual({ session: {}, local: {}, cookies: '', name: '', referrer: '' });
  for (const request of other.requests) {
    expect(request.headers.cookie).toBeUndefined();
    // Its own icon may be asked for with its own address as the referrer; ours is never told.
    expect(request.headers.referer ?? '').not.toContain(doorOf(open).origin);
    for (const secret of secrets) expect(JSON.stringify(request)).not.toContain(secret);
  }
  expect(other.requests.length).toBeGreaterThanOrEqual(2);
  other.server.close();
});

test('a page of another server on loopback cannot read, ask or connect', async ({ open, page, context }) => {
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  const { origin } = doorOf(open);
  const other = await otherServer('<!doctype html><title>other</title>');
  const attacker = await context.newPage();
  await attacker.goto(`${other.origin}/`);
  const answers = await attacker.evaluate(async (target) => {
    const wire = (address: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(address);
        socket.onopen = () => resolve('connected');
        socket.onerror = () => resolve('refused');
      });
    const read = (path: string, options?: RequestInit): Promise<string> =>
      fetch(`${target}${path}`, options).then(
        (response) => response.text().then((text) => `read ${String(text.length)} ${String(response.status)}`),
        () => 'refused',
      );
    const script = document.createElement('script');
    const loaded = new Promise<string>((resolve) => {
      script.onload = () => resolve('loaded');
      script.onerror = () => resolve('refused');
    });
    script.src = `${target}/index.html`;
    document.head.append(script);
    return [
      await read('/'),
      await read('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"ticket":"x"}' }),
      await read('/session', { method: 'POST', body: '{"ticket":"x"}', credentials: 'include' }),
      await wire(`${target.replace('http', 'ws')}/wire`),
      await loaded,
    ];
  }, origin);
  expect(answers).toEqual(['refused', 'refused', 'refused', 'refused', 'refused']);
  // A window it opens stays out of its reach.
  const reached = await attacker.evaluate(async (target) => {
    const handle = window.open(target);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    try {
      return handle === null || handle.closed ? 'severed' : `reached ${String(handle.document.title)}`;
    } catch {
      return 'foreign';
    }
  }, origin);
  expect(['severed', 'foreign']).toContain(reached);
  other.server.close();
});

test('the page cannot be a frame of another', async ({ open, context }) => {
  const { origin } = doorOf(open);
  const other = await otherServer(`<!doctype html><iframe src="${origin}/"></iframe>`);
  const attacker = await context.newPage();
  const refusals: string[] = [];
  attacker.on('console', (message) => refusals.push(message.text()));
  await attacker.goto(`${other.origin}/`);
  await expect.poll(() => refusals.join('\n')).toContain('frame-ancestors');
  other.server.close();
});

test('when the door has ended, the page says that the connection is lost and keeps trying', async ({ open, page }) => {
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  await doorOf(open).end();
  await expect(page.getByText('The connection to Switchyard was lost. Trying again…')).toBeVisible();
});

test('the token of one door opens no other', async ({ open, page }) => {
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  const [token] = await secretsOf(page);
  const second = await startBrowserDoor();
  expect(second.origin).not.toBe(doorOf(open).origin);
  const code = await new Promise<number>((resolve) => {
    const socket = new WebSocket(`${second.origin.replace('http', 'ws')}/wire`, { origin: second.origin });
    socket.on('open', () => {
      socket.send(JSON.stringify({ token }));
    });
    socket.on('close', resolve);
  });
  expect(code).toBe(4401);
  await second.end();
});

test('it ends cleanly when told to', async () => {
  const door = await startBrowserDoor();
  expect(await door.end()).toBe(0);
  expect(door.stderr()).toBe('');
});

test('as root or without a display it opens nothing and stays up', async ({ open }) => {
  const door = doorOf(open);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(door.child.exitCode).toBeNull();
});

test('after the last page was closed it prints a new address, which works', async ({ open, page, context }) => {
  await expect.poll(() => secretsOf(page)).toHaveLength(1);
  await expect(page.getByRole('main')).toBeVisible();
  const keeper = await context.newPage();
  const line = doorOf(open).nextLine();
  await page.goto('about:blank');
  const again = /http:\/\/\S+#ticket=[\w-]+/.exec(await line)?.[0] ?? '';
  await keeper.goto(again);
  await expect.poll(() => secretsOf(keeper)).toHaveLength(1);
  await keeper.close();
});
