// SPDX-License-Identifier: GPL-3.0-or-later
// Stands for the module `electron`: the real compiled main and preload run on Node and Debian's Chromium.
// It is not Electron: its sandbox, fuses, permission prompts and session partitions are NOT TESTED here.
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright';
import { app, leave, readiness } from './app';
import { channels, invoke } from './ipc';
import { sealProtocols, walls } from './session';
import { answers, calls, note, strict } from './strict';
import { useContext, windows } from './window';

export { app } from './app';
export { ipcMain } from './ipc';
export { protocol, session } from './session';
export { BrowserWindow } from './window';

const answer = (api: string, usual: unknown): unknown => answers.get(api)?.shift() ?? usual;
export const Menu = strict('Menu', {
  setApplicationMenu: (menu: unknown) => {
    note('Menu.setApplicationMenu', menu);
  },
  buildFromTemplate: (items: readonly MenuItem[]) => ({ items }),
});
interface MenuItem {
  readonly type?: string;
  readonly label?: string;
  readonly enabled?: boolean;
  readonly click?: () => void;
}
/** What stands in the panel now, as a test sees and presses it; null: no icon. */
let panel: { readonly icon: string; readonly tip: string; readonly items: readonly MenuItem[]; readonly press: () => void } | null = null;
class PanelIcon extends EventEmitter {
  constructor(icon: string) {
    super();
    if (process.env['STANDIN_NO_TRAY'] === '1') throw new Error('no panel takes icons here');
    note('new Tray', icon);
    panel = { icon, tip: '', items: [], press: () => this.emit('click') };
  }
  setImage(icon: string): void {
    if (panel !== null) panel = { ...panel, icon };
  }
  setToolTip(tip: string): void {
    if (panel !== null) panel = { ...panel, tip };
  }
  setContextMenu({ items }: { readonly items: readonly MenuItem[] }): void {
    if (panel !== null) panel = { ...panel, items };
  }
  destroy(): void {
    note('Tray.destroy');
    panel = null;
  }
}
export const Tray = new Proxy(PanelIcon, { construct: (target, [icon]: [string]) => strict('Tray', new target(icon)) });

/** Keys of the desktop; those of STANDIN_KEYS_TAKEN another program has. */
const keys = new Map<string, () => void>();
export const globalShortcut = strict('globalShortcut', {
  register: (key: string, press: () => void) => {
    note('globalShortcut.register', key);
    const free = !(process.env['STANDIN_KEYS_TAKEN'] ?? '').split(',').includes(key) && !keys.has(key);
    if (free) keys.set(key, press);
    return free;
  },
  unregister: (key: string) => {
    note('globalShortcut.unregister', key);
    keys.delete(key);
  },
});

const seenPanel = () => (panel === null ? null : { icon: path.basename(panel.icon), tip: panel.tip, entries: panel.items.map(wordsOf) });
const wordsOf = ({ label = '', enabled = true }: MenuItem): string => (enabled ? label : `${label} (off)`);

/** A press on an icon, an entry of its menu or a key, as a person does it; false: there is none, or it cannot be pressed. */
function press(what: 'icon' | 'entry' | 'key', name: string): boolean {
  const act = what === 'key' ? keys.get(name) : what === 'icon' ? panel?.press : panel?.items.find((item) => item.label === name && item.enabled !== false)?.click;
  act?.();
  return act !== undefined;
}

export const shell = strict('shell', {
  openExternal: (url: string) => {
    note('shell.openExternal', url);
    return Promise.resolve();
  },
});
export const clipboard = strict('clipboard', {
  writeText: (text: string) => {
    note('clipboard.writeText', text);
    return Promise.resolve();
  },
});
/** Notes what would be shown; nobody presses on it. */
export class Notification {
  static readonly isSupported = (): boolean => true;
  private readonly words: unknown;
  constructor(words: unknown) {
    this.words = words;
  }
  on(event: string): this {
    if (event !== 'click') throw new Error(`stand-in: Notification has no ${event} here`);
    return this;
  }
  show(): void {
    note('Notification.show', this.words);
  }
}
export const nativeTheme = strict('nativeTheme', { themeSource: 'system' });
export const dialog = strict('dialog', {
  showMessageBox: (_window: unknown, options: unknown) => {
    note('dialog.showMessageBox', options);
    return Promise.resolve(answer('dialog.showMessageBox', { response: 0, checkboxChecked: false }));
  },
});

/** What a test may ask of the stand-in. */
export type Order =
  | { readonly op: 'calls' }
  | { readonly op: 'answer'; readonly api: string; readonly value: unknown }
  | { readonly op: 'close-window' }
  | { readonly op: 'second-instance'; readonly words: readonly unknown[] }
  | { readonly op: 'panel' }
  | { readonly op: 'press'; readonly what: 'icon' | 'entry' | 'key'; readonly name: string }
  | { readonly op: 'channels' }
  | { readonly op: 'permission'; readonly permission: string }
  | { readonly op: 'invoke'; readonly channel: string; readonly words: readonly unknown[]; readonly frame: 'foreign' | 'sub-frame' | 'none' | 'blank' };

const frames = { foreign: { url: 'https://evil.example/' }, 'sub-frame': { url: 'app://switchyard/index.html' }, blank: { url: 'about:blank' }, none: null };

const closeWindow = (): void => windows.at(-1)?.close();

async function obey(order: Order): Promise<unknown> {
  switch (order.op) {
    case 'calls':
      return calls;
    case 'answer':
      answers.set(order.api, [...(answers.get(order.api) ?? []), order.value]);
      return null;
    case 'close-window':
      closeWindow();
      return null;
    case 'second-instance':
      app.emit('second-instance', {}, order.words);
      return null;
    case 'panel':
      return seenPanel();
    case 'press':
      return press(order.what, order.name);
    case 'channels':
      return channels();
    case 'permission':
      return { check: walls.check?.(null, order.permission), device: walls.device?.({}), request: await new Promise((resolve) => walls.permission?.(null, order.permission, resolve)) };
    case 'invoke':
      return invoke(order.channel, { senderFrame: frames[order.frame] }, order.words);
  }
}

process.on('message', (message: { readonly id: number; readonly order: Order }) => {
  obey(message.order).then(
    (value) => process.send?.({ id: message.id, value }),
    (error: unknown) => process.send?.({ id: message.id, error: String(error) }),
  );
});

const folder = process.env['STANDIN_FOLDER'] ?? '/nowhere';
const profile = path.join(folder, 'chromium');
mkdirSync(profile, { recursive: true });
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  colorScheme: null,
  // As Electron does, also where no window is open.
  handleSIGTERM: false,
  args: ['--remote-debugging-port=0', ...(JSON.parse(process.env['STANDIN_ARGS'] ?? '[]') as string[])],
});
leave.how = (code) => {
  const end = (): never => process.exit(code);
  void context.close().then(end, end);
};
process.on('SIGTERM', () => {
  app.quit();
});
process.on('disconnect', () => {
  leave.how(1);
});
await useContext(context);
const port = readFileSync(path.join(profile, 'DevToolsActivePort'), 'utf8').split('\n')[0] ?? '';
process.send?.({ id: 0, value: `http://127.0.0.1:${port}` });
// Electron is ready only after main was read to its end; so is this.
setImmediate(() => {
  sealProtocols();
  readiness.resolve();
});
