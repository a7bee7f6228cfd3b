// SPDX-License-Identifier: GPL-3.0-or-later

/** What main called, in order, for tests to read. */
export const calls: { readonly api: string; readonly args: readonly unknown[] }[] = [];
export const note = (api: string, ...args: unknown[]): void => void calls.push({ api, args });

/** Answers the test put in a queue, for calls that ask the person. */
export const answers = new Map<string, unknown[]>();

/** A member that the stand-in does not have throws: no test passes on something that silently did nothing. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key): unknown {
      if (key in object || typeof key === 'symbol' || key === 'then' || key === 'toJSON') {
        const value: unknown = Reflect.get(object, key, object);
        return typeof value === 'function' ? value.bind(object) : value;
      }
      throw new Error(`stand-in: ${name}.${key} does not exist here`);
    },
    set(object, key, value: unknown) {
      if (!(key in object)) throw new Error(`stand-in: ${name}.${String(key)} does not exist here`);
      note(`${name}.${String(key)} =`, value);
      return Reflect.set(object, key, value, object);
    },
  });
}

/** An event as Electron hands it on: whether anybody refused is read afterwards. */
export function stoppable<T extends object>(more: T): T & { preventDefault(): void; readonly defaultPrevented: boolean } {
  let prevented = false;
  return {
    ...more,
    preventDefault: () => void (prevented = true),
    get defaultPrevented() {
      return prevented;
    },
  };
}
