// SPDX-License-Identifier: GPL-3.0-or-later
import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { askNames } from '../contract/names';
import { failed } from '../contract/problem';
import type { Dispatch, News } from './dispatch';
import { isHome } from './home';

/** Answers every question of the table, and only to the main frame of our own window showing our own page. */
export function serve(dispatch: Dispatch, theWindow: () => BrowserWindow | null): void {
  const fromOurPage = (event: IpcMainInvokeEvent): boolean => {
    const frame = event.senderFrame;
    return frame !== null && frame === theWindow()?.webContents.mainFrame && isHome(frame.url);
  };
  for (const name of askNames) {
    ipcMain.handle(name, (event, ...words: unknown[]) => (fromOurPage(event) && words.length === 1 ? dispatch(name, words[0]) : failed('protocol', { why: 'sender' })));
  }
}

/** Sends news to the window while there is one. */
export function relay(news: News, theWindow: () => BrowserWindow | null): () => void {
  return news.subscribe((name, body) => {
    const window = theWindow();
    if (window !== null && !window.isDestroyed()) window.webContents.send(name, body);
  });
}
