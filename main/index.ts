// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import { app, clipboard, Menu, nativeTheme, Notification, protocol, session, shell } from 'electron';
import { machineId } from '../contract/target';
import { storeFolder } from '../core/step/places';
import { openApp } from './app';
import { openDoors, type Doors } from './desktop/doors';
import { openFront, type Front } from './desktop/front';
import { watchFolders } from './desktop/hand-watch';
import { onWayland, withPortal } from './desktop/keys';
import { openShortcut } from './desktop/shortcut';
import { openTray } from './desktop/tray';
import { wishOf } from './desktop/wish';
import { statusFolder } from './hand-off';
import { isHome, scheme } from './home';
import { relay, serve } from './ipc';
import { say } from './language';
import type { Language } from '../words/say';
import { noticeMoves, type Notice } from './move-notices';
import { pageHeaders } from './page-headers';
import { readPages } from './pages';
import { schemePrivileges, sealContents, sealSession } from './sealed-window';

/** Where the compiled main process is. */
const folder = import.meta.dirname;
/** Only this computer's cards move from the desktop; a rehearsal stays in the window. */
const here = machineId.parse('this');

function servePages(): void {
  const pages = readPages(path.join(folder, '../renderer'));
  protocol.handle(scheme, (request) => {
    const page = isHome(request.url) && request.method === 'GET' ? pages.get(new URL(request.url).pathname) : undefined;
    if (page === undefined) return new Response(null, { status: 404 });
    return new Response(page.body, { headers: pageHeaders('electron', page.type) });
  });
}

/** A press on it leads to the window, at the page of its VM. */
function notify({ title, body, vm }: Notice, front: Front): void {
  if (!Notification.isSupported()) return;
  const notice = new Notification({ title, body });
  notice.on('click', () => {
    front.show(vm);
  });
  notice.show();
}

const once = (act: () => void): (() => void) => {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
};

const openExternal = (url: string): void => {
  shell.openExternal(url).catch(() => undefined);
};

/** Everything by which this desktop reaches Switchyard: the window, the icon in the panel, the key, and the desktop's menu of programs. */
interface Desktop {
  readonly front: Front;
  readonly doors: Doors;
}

function openDesktop(): Desktop {
  const shortcut = openShortcut(() => void doors.wish('either'), onWayland(process.env));
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
    shortcut,
  });
  const language = (): Language => switchyard.language();
  const front = openFront({ switchyard, machine: here, folder, onStay: once(() => { notify({ title: 'Switchyard', body: say(language(), 'door.keeps-running'), vm: null }, front); }) });
  const tray = openTray(path.join(folder, '../../assets/tray'), {
    open: () => { front.show(null); },
    quit: front.quit,
    vm: (wish, vm) => void doors.wish(wish, vm),
  });
  serve(async (name, input) => {
    const answer = await switchyard.dispatch(name, input);
    if (name === 'app.state') setImmediate(front.pageListens);
    return answer;
  }, front.window);
  relay(switchyard.news, front.window);
  noticeMoves(switchyard.news, { seen: () => front.window()?.isFocused() === true, language, show: (notice) => { notify(notice, front); } });
  const doors = openDoors({
    dispatch: switchyard.dispatch,
    news: switchyard.news,
    machine: here,
    language,
    stays: () => switchyard.keepsRunning(),
    show: front.show,
    draw: tray.draw,
    watch: (changed) => watchFolders([statusFolder, storeFolder], changed),
  });
  app.on('will-quit', () => {
    doors.close();
    tray.close();
    shortcut.set('off');
    void switchyard.close();
  });
  return { front, doors };
}

async function start(): Promise<void> {
  await app.whenReady();
  Menu.setApplicationMenu(null);
  sealSession(session.defaultSession);
  servePages();
  const { front, doors } = openDesktop();
  app.on('second-instance', (_event, words) => {
    const wish = wishOf(words);
    if (wish === null) front.show(null);
    else void doors.wish(wish);
  });
  front.show(null);
  const wish = wishOf(process.argv);
  const deed = wish === null ? null : await doors.wish(wish);
  // Whoever began with this has the window before them, so it shows what happens.
  if (deed?.do === 'over' || deed?.do === 'back') front.show(deed.vm);
}

protocol.registerSchemesAsPrivileged([schemePrivileges]);
app.commandLine.appendSwitch('enable-features', withPortal(app.commandLine.getSwitchValue('enable-features')));
app.enableSandbox();
app.on('web-contents-created', (_event, contents) => {
  sealContents(contents, openExternal);
});
// Not awaited: Electron is ready only after this module has been read to its end.
if (app.requestSingleInstanceLock()) {
  start().catch((bug: unknown) => {
    console.error(bug);
    app.exit(1);
  });
} else app.quit();
