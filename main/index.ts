// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import { app, BrowserWindow, clipboard, dialog, Menu, nativeTheme, Notification, protocol, session, shell } from 'electron';
import { openApp, type App } from './app';
import { home, isHome, scheme } from './home';
import { relay, serve } from './ipc';
import { say } from './language';
import { noticeMoves, type Notice } from './move-notices';
import { pageHeaders } from './page-headers';
import { readPages } from './pages';
import { schemePrivileges, sealContents, sealSession, windowOptions } from './sealed-window';

let window: BrowserWindow | null = null;
const theWindow = (): BrowserWindow | null => window;

function servePages(): void {
  const pages = readPages(path.join(import.meta.dirname, '../renderer'));
  protocol.handle(scheme, (request) => {
    const page = isHome(request.url) && request.method === 'GET' ? pages.get(new URL(request.url).pathname) : undefined;
    if (page === undefined) return new Response(null, { status: 404 });
    return new Response(page.body, { headers: pageHeaders('electron', page.type) });
  });
}

/** A press on it leads to the window. */
function notify({ title, body }: Notice): void {
  if (!Notification.isSupported()) return;
  const notice = new Notification({ title, body });
  notice.on('click', () => {
    window?.focus();
  });
  notice.show();
}

const openExternal = (url: string): void => {
  shell.openExternal(url).catch(() => undefined);
};

/** Closing asks once while root is at work; the answer that loses nothing has the focus. */
async function askBeforeClosing(open: BrowserWindow, switchyard: App): Promise<void> {
  const language = switchyard.language();
  const { response } = await dialog.showMessageBox(open, {
    type: 'warning',
    message: say(language, 'door.close-title'),
    detail: say(language, 'door.close-question'),
    buttons: [say(language, 'door.close-stay'), say(language, 'door.close-stop')],
    defaultId: 0,
    cancelId: 0,
  });
  if (response !== 1) return;
  await switchyard.close();
  open.destroy();
}

function openWindow(switchyard: App): void {
  const open = new BrowserWindow(windowOptions(import.meta.dirname));
  let asking = false;
  open.once('ready-to-show', () => {
    open.show();
  });
  open.on('close', (event) => {
    if (!switchyard.underWay()) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    void askBeforeClosing(open, switchyard).finally(() => (asking = false));
  });
  open.on('closed', () => (window = null));
  window = open;
  void open.loadURL(home.url);
}

async function start(): Promise<void> {
  await app.whenReady();
  Menu.setApplicationMenu(null);
  sealSession(session.defaultSession);
  servePages();
  const switchyard = openApp({
    kind: 'electron',
    why: null,
    copy: (text) => {
      void clipboard.writeText(text);
    },
    openLink: openExternal,
    onTheme: (theme) => {
      nativeTheme.themeSource = theme;
    },
  });
  serve(switchyard.dispatch, theWindow);
  relay(switchyard.news, theWindow);
  noticeMoves(switchyard.news, { seen: () => window?.isFocused() === true, language: () => switchyard.language(), show: notify });
  app.on('will-quit', () => {
    void switchyard.close();
  });
  openWindow(switchyard);
}

protocol.registerSchemesAsPrivileged([schemePrivileges]);
app.enableSandbox();
app.on('web-contents-created', (_event, contents) => {
  sealContents(contents, openExternal);
});
app.on('second-instance', () => {
  window?.focus();
});
app.on('window-all-closed', () => {
  app.quit();
});
// Not awaited: Electron is ready only after this module has been read to its end.
if (app.requestSingleInstanceLock()) {
  start().catch((bug: unknown) => {
    console.error(bug);
    app.exit(1);
  });
} else app.quit();
