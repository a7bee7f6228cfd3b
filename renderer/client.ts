// SPDX-License-Identifier: GPL-3.0-or-later
import type { AskName, TellName } from '../contract/names';
import type { Result } from '../contract/problem';
import type { AskIn, AskOut, TellBody } from '../contract/ui';
import { openWire, type Wire } from './wire';

/**
 * How the page reaches the main process. `lost`: tried again by itself; what was asked meanwhile failed.
 * `refused`: the address was used up or is another session's; only a new one-time address helps.
 */
export type Link = 'connecting' | 'open' | 'lost' | 'refused';

declare global {
  interface Window {
    /** What preload puts there; absent in the browser door. */
    readonly app?: {
      ask<N extends AskName>(name: N, input: AskIn<N>): Promise<Result<AskOut<N>>>;
      hear<N extends TellName>(name: N, listener: (body: TellBody<N>) => void): () => void;
    };
  }
}

const bridge = window.app;
let wire: Wire | undefined;
const theWire = (): Wire => (wire ??= openWire());

/** Asks the main process; never throws: a lost connection is a problem like any other. */
export function ask<N extends AskName>(name: N, input: AskIn<N>): Promise<Result<AskOut<N>>> {
  if (bridge !== undefined) return bridge.ask(name, input);
  return theWire().ask(name, input) as Promise<Result<AskOut<N>>>;
}

/** Hears news of one kind until the returned function is called. */
export function hear<N extends TellName>(name: N, listener: (body: TellBody<N>) => void): () => void {
  if (bridge !== undefined) return bridge.hear(name, listener);
  return theWire().hear(name, (body) => {
    listener(body as TellBody<N>);
  });
}

/** Says how the connection stands, at once and at every change. After `lost`, `open` means: ask `app.state` again. */
export function hearLink(listener: (link: Link) => void): () => void {
  if (bridge === undefined) return theWire().hearLink(listener);
  listener('open');
  return () => undefined;
}

/** Puts text on the clipboard: through main in the window (the page has no permissions there), by the browser itself otherwise. */
export async function copy(text: string): Promise<boolean> {
  if (bridge !== undefined) return (await bridge.ask('app.copy', { text })).ok;
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}
