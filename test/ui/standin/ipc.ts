// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { strict } from './strict';

type Handle = (event: object, ...words: unknown[]) => unknown;
const handles = new Map<string, Handle>();

export const ipcMain = strict(
  'ipcMain',
  Object.assign(new EventEmitter(), {
    handle: (channel: string, handle: Handle) => {
      if (handles.has(channel)) throw new Error(`a second handler for '${channel}'`);
      handles.set(channel, handle);
    },
  }),
);

/** What ipcRenderer.invoke does on main's side; the answer crosses as a clone, as in Electron. */
export async function invoke(channel: string, event: object, words: readonly unknown[]): Promise<unknown> {
  const handle = handles.get(channel);
  if (handle === undefined) throw new Error(`No handler registered for '${channel}'`);
  return structuredClone(await handle(event, ...words));
}
export const channels = (): readonly string[] => [...handles.keys()];
