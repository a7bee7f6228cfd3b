// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page, WebSocketRoute } from 'playwright/test';
import { origin, servePage } from './serve';
import type { Stage } from './stage';

/** How the connection of the browser door stands: it comes up, never comes up, or the address was used before. */
export type WireState = 'up' | 'down' | 'refused';

const ticket = 'A'.repeat(43);
const token = 'B'.repeat(43);

/** Opens the built window in the browser door's way, on a stage behind its own connection; answers how to cut it. */
export async function openOverWire(page: Page, stage: Stage, first: WireState): Promise<() => Promise<void>> {
  let state = first;
  const open = new Set<WebSocketRoute>();
  await servePage(page, 'browser', async (route, path) => {
    if (path !== '/session') return false;
    await (state === 'refused' ? route.fulfill({ status: 403 }) : route.fulfill({ json: { token } }));
    return true;
  });
  await page.routeWebSocket(`${origin.replace('http', 'ws')}/wire`, (socket) => {
    if (state !== 'up') {
      void socket.close({ code: 4000 });
      return;
    }
    open.add(socket);
    socket.onMessage((text) => {
      answer(socket, stage, JSON.parse(String(text)) as Said);
    });
  });
  await page.goto(`${origin}/#ticket=${ticket}`);
  return async () => {
    state = 'down';
    for (const socket of open) await socket.close({ code: 4000 });
  };
}

interface Said {
  readonly token?: string;
  readonly id?: number;
  readonly ask?: keyof Stage;
}

function answer(socket: WebSocketRoute, stage: Stage, said: Said): void {
  if (said.token !== undefined) {
    socket.send(JSON.stringify({ kind: 'ready' }));
    return;
  }
  const reply = said.ask === undefined ? undefined : stage[said.ask];
  if (reply !== undefined) socket.send(JSON.stringify({ kind: 'reply', id: said.id, reply }));
}
