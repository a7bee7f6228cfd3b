// SPDX-License-Identifier: GPL-3.0-or-later
import { contextBridge, ipcRenderer } from 'electron';
import { askNames, tellNames, type AskName, type TellName } from '../contract/names';
import type { Result } from '../contract/problem';
import type { AskIn, AskOut, TellBody } from '../contract/ui';

function mustKnow(names: readonly string[], name: unknown): void {
  if (!names.some((known) => known === name)) throw new Error('unknown name');
}

/** All of main that the page can reach: questions of a closed list, and news of a closed list without their event. */
const app = {
  ask<N extends AskName>(name: N, input: AskIn<N>): Promise<Result<AskOut<N>>> {
    mustKnow(askNames, name);
    return ipcRenderer.invoke(name, input) as Promise<Result<AskOut<N>>>;
  },
  hear<N extends TellName>(name: N, listener: (body: TellBody<N>) => void): () => void {
    mustKnow(tellNames, name);
    const relay = (_event: unknown, body: TellBody<N>): void => {
      listener(body);
    };
    ipcRenderer.on(name, relay);
    return () => void ipcRenderer.off(name, relay);
  },
} as const;

contextBridge.exposeInMainWorld('app', app);
