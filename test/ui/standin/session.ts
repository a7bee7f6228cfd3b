// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { note, strict } from './strict';

type Handler<A extends unknown[], R> = (...words: A) => R;
type Handle = (request: Request) => Response | Promise<Response>;

/** What main registered: the window's page is served and judged by these, so a wall main forgot is missing here too. */
export const walls: {
  permission?: Handler<[unknown, string, (granted: boolean) => void], void>;
  check?: Handler<unknown[], boolean>;
  device?: Handler<unknown[], boolean>;
  request?: Handler<[{ readonly url: string }, (answer: { readonly cancel?: boolean }) => void], void>;
  readonly schemes: Map<string, Handle>;
} = { schemes: new Map() };

const events = new EventEmitter();
const defaultSession = strict(
  'session',
  Object.assign(events, {
    setPermissionRequestHandler: (handler: NonNullable<typeof walls.permission>) => void (walls.permission = handler),
    setPermissionCheckHandler: (handler: NonNullable<typeof walls.check>) => void (walls.check = handler),
    setDevicePermissionHandler: (handler: NonNullable<typeof walls.device>) => void (walls.device = handler),
    webRequest: strict('session.webRequest', { onBeforeRequest: (handler: NonNullable<typeof walls.request>) => void (walls.request = handler) }),
  }),
);
export const session = strict('session', { defaultSession });

let started = false;
export const sealProtocols = (): void => void (started = true);
export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: unknown) => {
    if (started) throw new Error('protocol.registerSchemesAsPrivileged must be called before ready');
    note('protocol.registerSchemesAsPrivileged', schemes);
  },
  handle: (scheme: string, handle: Handle) => void walls.schemes.set(scheme, handle),
});

/** Chromium knows no `app:`; a host under localhost is as secure an origin, and is never asked of the network. */
export const toHttp = (url: string): string => url.replace(/^([a-z]+):\/\/([^/]+)/, (all, scheme: string, host: string) => (walls.schemes.has(scheme) ? `http://${host}.${scheme}.localhost` : all));
export const fromHttp = (url: string): string => url.replace(/^http:\/\/([^/]+)\.([a-z]+)\.localhost/, (all, host: string, scheme: string) => (walls.schemes.has(scheme) ? `${scheme}://${host}` : all));

export const isCancelled = (url: string): boolean => {
  let cancelled = false;
  walls.request?.({ url }, (answer) => void (cancelled = answer.cancel === true));
  return cancelled;
};
