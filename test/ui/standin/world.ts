// SPDX-License-Identifier: GPL-3.0-or-later
// These functions run inside the page, as text: they may use nothing from outside themselves.

type Plain = (...words: unknown[]) => unknown;
export interface Bridge {
  readonly expose: (key: string, api: unknown) => void;
}

/** contextBridge in two halves, one in each world, joined by DOM events; Chromium clones what they carry. */
export function bridgeHalf(side: 'page' | 'preload'): Bridge {
  interface Parcel {
    readonly kind: 'expose' | 'call' | 'done';
    readonly key: string;
    readonly id: number;
    readonly call: string;
    readonly words: readonly Packed[];
    readonly good: boolean;
    readonly value: Packed;
  }
  interface Packed {
    readonly plain?: unknown;
    readonly callee?: number;
    readonly error?: string;
    readonly list?: readonly Packed[];
    readonly fields?: readonly (readonly [string, Packed])[];
  }
  const other = side === 'page' ? 'preload' : 'page';
  const callees = new Map<number, Plain>();
  const waiting = new Map<string, (good: boolean, value: Packed) => void>();
  let count = 0;
  const post = (to: string, parcel: Partial<Parcel>): void => void document.dispatchEvent(new CustomEvent(`standin-${to}`, { detail: parcel }));

  const pack = (value: unknown): Packed => {
    if (typeof value === 'function') {
      callees.set(++count, value as Plain);
      return { callee: count };
    }
    if (typeof value === 'symbol') throw new TypeError('An object could not be cloned.');
    if (value instanceof Error) return { error: value.message };
    if (Array.isArray(value)) return { list: value.map(pack) };
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) return { fields: Object.entries(value).map(([key, item]) => [key, pack(item)] as const) };
    return { plain: value };
  };
  const unpack = (packed: Packed): unknown => {
    const { callee } = packed;
    if (callee !== undefined) return (...words: unknown[]) => across(callee, words);
    if (packed.error !== undefined) return new Error(packed.error);
    if (packed.list !== undefined) return packed.list.map(unpack);
    if (packed.fields !== undefined) return Object.freeze(Object.fromEntries(packed.fields.map(([key, item]) => [key, unpack(item)])));
    return packed.plain;
  };
  /** A call into the other world: what it gives at once comes back at once, a promise as a promise. */
  const across = (id: number, words: readonly unknown[]): unknown => {
    const call = `${side}-${String(++count)}`;
    let now: { readonly good: boolean; readonly value: unknown } | undefined;
    const later = Promise.withResolvers();
    later.promise.catch(() => undefined);
    let deferred = false;
    waiting.set(call, (good, value) => {
      const real = unpack(value);
      if (!deferred) now = { good, value: real };
      else if (good) later.resolve(real);
      else later.reject(real);
    });
    post(other, { kind: 'call', id, call, words: words.map(pack) });
    deferred = true;
    if (now === undefined) return later.promise;
    if (now.good) return now.value;
    throw now.value as Error;
  };
  const onCall = ({ id, call, words }: Parcel): void => {
    const done = (good: boolean, value: unknown): void => {
      post(other, { kind: 'done', call, good, value: pack(value) });
    };
    try {
      const result = callees.get(id)?.(...words.map(unpack));
      if (result instanceof Promise)
        result.then(
          (value) => {
            done(true, value);
          },
          (error: unknown) => {
            done(false, error);
          },
        );
      else done(true, result);
    } catch (error) {
      done(false, error);
    }
  };
  document.addEventListener(`standin-${side}`, (event) => {
    const parcel = (event as CustomEvent<Parcel>).detail;
    if (parcel.kind === 'expose') Object.defineProperty(window, parcel.key, { value: unpack(parcel.value), enumerable: true });
    else if (parcel.kind === 'call') onCall(parcel);
    else {
      waiting.get(parcel.call)?.(parcel.good, parcel.value);
      waiting.delete(parcel.call);
    }
  });
  return {
    expose(key, api) {
      if (key in window) throw new Error('Cannot bind an API on top of an existing property on the window object');
      post(other, { kind: 'expose', key, value: pack(api) });
    },
  };
}

/** What a sandboxed preload may require, and what main's messages come in by. */
export function preloadSide(bridge: Bridge, send: (text: string) => void): { require(name: string): unknown; receive(message: Inward): void } {
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<string, Set<Plain>>();
  let count = 0;
  const ipcRenderer = {
    invoke: (channel: string, ...words: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        pending.set(++count, { resolve, reject });
        send(JSON.stringify({ id: count, channel, words }));
      }),
    on(channel: string, listener: Plain) {
      const set = listeners.get(channel) ?? new Set<Plain>();
      listeners.set(channel, set.add(listener));
      return ipcRenderer;
    },
    off(channel: string, listener: Plain) {
      listeners.get(channel)?.delete(listener);
      return ipcRenderer;
    },
  };
  const electron = { contextBridge: { exposeInMainWorld: bridge.expose }, ipcRenderer };
  return {
    require(name) {
      if (name === 'electron') return electron;
      throw new Error(`module not found: ${name}; a sandboxed preload has only electron, events, timers and url`);
    },
    receive(message) {
      if (message.kind === 'event') for (const listener of [...(listeners.get(message.channel) ?? [])]) listener({ sender: ipcRenderer }, ...message.words);
      else {
        const waiter = pending.get(message.id);
        pending.delete(message.id);
        if (message.good) waiter?.resolve(message.value);
        else waiter?.reject(new Error(String(message.value)));
      }
    },
  };
}

export type Inward =
  | { readonly kind: 'event'; readonly channel: string; readonly words: readonly unknown[] }
  | { readonly kind: 'reply'; readonly id: number; readonly good: boolean; readonly value: unknown };
