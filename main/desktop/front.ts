// SPDX-License-Identifier: GPL-3.0-or-later
import { app, BrowserWindow, dialog } from 'electron';
import type { MachineId } from '../../contract/target';
import type { App } from '../app';
import { home } from '../home';
import { say } from '../language';
import { windowOptions } from '../sealed-window';

/** The one window, which may be closed while the program stays. */
export interface Front {
  readonly window: () => BrowserWindow | null;
  /** To the front, at the page of a VM where there is one; a closed window opens. */
  readonly show: (vm: string | null) => void;
  /** The page has asked for its first state: from now on it hears. */
  readonly pageListens: () => void;
  /** Ends the program, after a question where that would break into work of root. */
  readonly quit: () => void;
}

export interface FrontSide {
  readonly switchyard: App;
  readonly machine: MachineId;
  /** Where the compiled main process is. */
  readonly folder: string;
  /** The window was closed and the program stays: told once. */
  readonly onStay: () => void;
}

export function openFront({ switchyard, machine, folder, onStay }: FrontSide): Front {
  let window: BrowserWindow | null = null;
  let leaving = false;
  let quitting = false;
  const page = openPage(switchyard, machine);
  const leave = (): void => {
    leaving = true;
    app.quit();
  };
  const ask = askOnce(switchyard, leave);
  const closes = (event: { preventDefault(): void }, closing: BrowserWindow): void => {
    if (leaving) return;
    if (switchyard.keepsRunning() && !quitting) {
      onStay();
    } else if (switchyard.underWay()) {
      event.preventDefault();
      quitting = false;
      ask(closing);
    }
  };
  const front = (): BrowserWindow => {
    if (window !== null) {
      bring(window);
      return window;
    }
    const made = openWindow(folder);
    made.on('close', (event) => {
      closes(event, made);
    });
    made.on('closed', () => {
      window = null;
      page.gone();
    });
    window = made;
    return made;
  };
  app.on('before-quit', () => (quitting = true));
  // Whoever hears this decides: without a listener Electron ends the program.
  app.on('window-all-closed', () => {
    if (!switchyard.keepsRunning()) app.quit();
  });
  return {
    window: () => window,
    show(vm) {
      front();
      page.turnTo(vm);
    },
    pageListens: () => {
      page.listens();
    },
    quit() {
      if (switchyard.underWay()) ask(front());
      else leave();
    },
  };
}

/** What the page is asked to show, kept until it hears. */
function openPage({ news }: App, machine: MachineId) {
  let hears = false;
  let asked: string | null = null;
  const tell = (): void => {
    if (asked === null || !hears) return;
    news.tell('app.show', { machine, vm: asked });
    asked = null;
  };
  return {
    turnTo(vm: string | null): void {
      asked = vm;
      tell();
    },
    listens(): void {
      hears = true;
      tell();
    },
    gone(): void {
      [hears, asked] = [false, null];
    },
  };
}

function bring(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function openWindow(folder: string): BrowserWindow {
  const window = new BrowserWindow(windowOptions(folder));
  window.once('ready-to-show', () => {
    window.show();
  });
  void window.loadURL(home.url);
  return window;
}

/** Leaving asks once while root is at work; the answer that loses nothing has the focus. */
function askOnce(switchyard: App, leave: () => void): (window: BrowserWindow) => void {
  let asking = false;
  return (window) => {
    if (asking) return;
    asking = true;
    void askBeforeClosing(window, switchyard, leave).finally(() => (asking = false));
  };
}

async function askBeforeClosing(window: BrowserWindow, switchyard: App, leave: () => void): Promise<void> {
  const language = switchyard.language();
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: say(language, 'door.close-title'),
    detail: say(language, 'door.close-question'),
    buttons: [say(language, 'door.close-stay'), say(language, 'door.close-stop')],
    defaultId: 0,
    cancelId: 0,
  });
  if (response !== 1) return;
  await switchyard.close();
  leave();
}
