// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import type { BrowserWindowConstructorOptions, Session, WebContents } from 'electron';
import { isHome, scheme } from './home';
import { outsideLink } from './outside-links';

/** What the window is made with. A test compares it: each of these is a wall. */
export const windowOptions = (folder: string): BrowserWindowConstructorOptions => ({
  width: 1180,
  height: 800,
  minWidth: 320,
  minHeight: 400,
  show: false,
  webPreferences: {
    preload: path.join(folder, '../preload/index.cjs'),
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    enableWebSQL: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    // Chromium would fetch dictionaries from the network.
    spellcheck: false,
  },
});

/** Refuses every permission, every device, every download, and every request that is not for our own page. */
export function sealSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  session.webRequest.onBeforeRequest((request, answer) => {
    answer({ cancel: !(isHome(request.url) || request.url.startsWith('data:image/') || request.url.startsWith('devtools://')) });
  });
}

/** Refuses to leave the page, to open windows and to hold webviews; a listed address opens in the person's browser instead. */
export function sealContents(contents: WebContents, openExternal: (url: string) => void): void {
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isHome(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    const link = outsideLink(url);
    if (link !== null) openExternal(link);
    return { action: 'deny' };
  });
}

/** How the scheme is registered: a real, secure origin, and no more. */
export const schemePrivileges = { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: false, bypassCSP: false } } as const;
