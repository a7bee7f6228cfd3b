// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { BrowserContext, CDPSession, Page, Route } from 'playwright';
import { app } from './app';
import { invoke } from './ipc';
import { fromHttp, isCancelled, toHttp, walls } from './session';
import { note, stoppable, strict } from './strict';
import { bridgeHalf, preloadSide, type Inward } from './world';

const worldName = 'standin-preload';
let context: BrowserContext | undefined;
/** Chromium ends with its last page; a program may stay without a window. */
let spare: Page | undefined;
let making = 0;
async function newPage(from: BrowserContext): Promise<Page> {
  making += 1;
  try {
    return await from.newPage();
  } finally {
    making -= 1;
  }
}
export const useContext = async (opened: BrowserContext): Promise<void> => {
  context = opened;
  opened.on('page', (popup) => {
    if (making === 0) void popup.close();
  });
  spare = opened.pages()[0];
  await opened.route('**/*', (route) => serve(route));
};
export const windows: Win[] = [];

class WebContents extends EventEmitter {
  readonly window: Win;
  openHandler: (wish: { readonly url: string }) => { readonly action: string } = () => ({ action: 'allow' });
  readonly mainFrame: { readonly url: string };
  constructor(window: Win) {
    super();
    this.window = window;
    this.mainFrame = {
      get url() {
        return fromHttp(window.page?.url() ?? '');
      },
    };
  }
  send(channel: string, ...words: unknown[]): void {
    void this.window.deliver({ kind: 'event', channel, words: structuredClone(words) });
  }
  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler;
  }
}

interface Options {
  readonly width?: number;
  readonly height?: number;
  readonly show?: boolean;
  readonly webPreferences?: { readonly preload?: string; readonly sandbox?: boolean; readonly contextIsolation?: boolean; readonly nodeIntegration?: boolean };
}

/** BrowserWindow as a page of Chromium: preload in a world of its own, the page served by main's own protocol handler. */
class Win extends EventEmitter {
  page: Page | undefined;
  private cdp: CDPSession | undefined;
  private world: number | undefined;
  private going = '';
  readonly options: Options;
  readonly webContents: WebContents;
  private readonly opened: Promise<void>;
  constructor(options: Options) {
    super();
    const { sandbox, contextIsolation, nodeIntegration } = options.webPreferences ?? {};
    if (sandbox !== true || contextIsolation !== true || nodeIntegration !== false) throw new Error('stand-in: only sealed windows');
    note('new BrowserWindow', options);
    this.options = options;
    this.webContents = strict('webContents', new WebContents(this));
    windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
    this.opened = this.open();
  }
  private async open(): Promise<void> {
    if (context === undefined) throw new Error('stand-in: BrowserWindow before ready');
    const page = spare ?? (await newPage(context));
    spare = undefined;
    this.page = page;
    await page.setViewportSize({ width: this.options.width ?? 800, height: this.options.height ?? 600 });
    await page.exposeBinding('standinOpen', (_source, url: string) => {
      if (this.webContents.openHandler({ url: fromHttp(url) }).action !== 'deny') note('window.open allowed', url);
    });
    await page.addInitScript(() => {
      window.open = (url) => {
        void (globalThis as unknown as { standinOpen(url: string): void }).standinOpen(new URL(String(url ?? ''), location.href).href);
        return null;
      };
    });
    page.on('close', () => {
      this.emit('closed');
      app.emit('window-all-closed');
    });
    await this.inject(page, await context.newCDPSession(page));
  }
  private async inject(page: Page, cdp: CDPSession): Promise<void> {
    this.cdp = cdp;
    cdp.on('Runtime.executionContextCreated', ({ context: made }) => {
      if (made.name === worldName) this.world = made.id;
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === 'standinSend') void this.receive(JSON.parse(payload) as { id: number; channel: string; words: unknown[] });
    });
    await cdp.send('Runtime.enable');
    await cdp.send('Page.enable');
    await cdp.send('Runtime.addBinding', { name: 'standinSend', executionContextName: worldName });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: `if (window === top) (${bridgeHalf.toString()})('page')` });
    const preload = this.options.webPreferences?.preload;
    if (preload === undefined) throw new Error('stand-in: a window without preload');
    const body = `const side = (${preloadSide.toString()})((${bridgeHalf.toString()})('preload'), standinSend); globalThis.standinReceive = side.receive; (function (require, module, exports) {${readFileSync(preload, 'utf8')}\n})(side.require, { exports: {} }, {});`;
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { worldName, source: `if (window === top) { ${body} }\n//# sourceURL=${preload}` });
    void page;
  }
  async deliver(message: Inward): Promise<void> {
    await this.opened;
    if (this.world === undefined || this.page?.isClosed() !== false) return;
    await this.cdp?.send('Runtime.evaluate', { contextId: this.world, expression: `standinReceive(${JSON.stringify(message)})` }).catch(() => undefined);
  }
  private async receive({ id, channel, words }: { readonly id: number; readonly channel: string; readonly words: unknown[] }): Promise<void> {
    const event = { sender: this.webContents, senderFrame: this.webContents.mainFrame };
    await invoke(channel, event, words).then(
      (value) => this.deliver({ kind: 'reply', id, good: true, value }),
      (error: unknown) => this.deliver({ kind: 'reply', id, good: false, value: `Error invoking remote method '${channel}': ${String(error)}` }),
    );
  }
  async loadURL(url: string): Promise<void> {
    await this.opened;
    this.going = url;
    await this.page?.goto(toHttp(url), { waitUntil: 'load' });
    this.emit('ready-to-show');
  }
  /** Whether this navigation may happen: main began it, or nobody who heard of it refused. */
  mayGo(url: string): boolean {
    if (url === this.going) return true;
    const event = stoppable({ url });
    this.webContents.emit('will-navigate', event);
    return !event.defaultPrevented;
  }
  show(): void {
    note('BrowserWindow.show');
  }
  isMinimized(): boolean {
    return false;
  }
  isFocused(): boolean {
    return true;
  }
  focus(): void {
    note('BrowserWindow.focus');
  }
  isDestroyed(): boolean {
    return this.page?.isClosed() ?? false;
  }
  /** The person's click on the cross. */
  close(): void {
    const event = stoppable({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }
  destroy(): void {
    void this.end();
  }
  private async end(): Promise<void> {
    if (context !== undefined) spare ??= await newPage(context);
    await this.page?.close();
  }
}

export const BrowserWindow = new Proxy(Win, { construct: (target, [options]: [Options]) => strict('BrowserWindow', new target(options)) });

async function serve(route: Route): Promise<void> {
  const request = route.request();
  const url = fromHttp(request.url());
  let page: Page;
  try {
    page = request.frame().page();
  } catch {
    // The first request of a window nobody allowed.
    await route.abort('aborted');
    return;
  }
  const owner = windows.find((window) => window.page === page);
  const leaving = request.isNavigationRequest() && request.frame() === page.mainFrame();
  const handle = walls.schemes.get(new URL(url).protocol.slice(0, -1));
  // An aborted navigation leaves the page where it was, as preventDefault does in Electron.
  if (owner === undefined || (leaving && !owner.mayGo(url))) await route.abort('aborted');
  else if (isCancelled(url)) await route.abort('blockedbyclient');
  else if (handle === undefined) {
    note('request left the window', url);
    await route.continue();
  } else {
    const response = await handle(new Request(url, { method: request.method() }));
    await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer()) });
  }
}
