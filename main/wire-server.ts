// SPDX-License-Identifier: GPL-3.0-or-later
import { type RawData, WebSocket, type WebSocketServer } from 'ws';
import type { Dispatch, News } from './dispatch';
import type { Session } from './session';

/** The first message holds a token and nothing else. */
const tokenMessageLimit = 256;
const tokenWait = 5_000;
const maxWaiting = 16;
const maxUnderWay = 64;
/** Close codes: refused is what the page must not try again with; garbled and greedy are bugs or attacks. */
export const closeCode = { refused: 4401, garbled: 4400, greedy: 4429 } as const;

export interface Gate {
  readonly session: Session;
  readonly dispatch: Dispatch;
  readonly news: News;
  /** Called whenever the number of pages that showed their token has changed. */
  readonly onPages: (pages: number) => void;
}

/** Serves every socket of the door: nothing is answered before the token was shown, and nothing without a limit. */
export function serveSockets(server: WebSocketServer, gate: Gate): void {
  let waiting = 0;
  let pages = 0;
  server.on('connection', (socket) => {
    if (waiting >= maxWaiting) {
      socket.close(closeCode.greedy);
      return;
    }
    waiting++;
    const late = setTimeout(() => {
      socket.close(closeCode.refused);
    }, tokenWait);
    const settled = (): void => {
      clearTimeout(late);
      waiting--;
    };
    socket.once('close', settled);
    socket.on('error', () => undefined);
    socket.once('message', (raw, binary) => {
      const token = binary ? null : readToken(raw);
      if (token === null || !gate.session.knows(token)) {
        socket.close(closeCode.refused);
        return;
      }
      socket.off('close', settled);
      settled();
      gate.onPages(++pages);
      socket.once('close', () => {
        gate.onPages(--pages);
      });
      servePage(socket, gate);
    });
  });
}

const sizeOf = (raw: RawData): number => (Array.isArray(raw) ? raw.reduce((sum, part) => sum + part.length, 0) : raw.byteLength);
const textOf = (raw: RawData): string => (Array.isArray(raw) ? Buffer.concat(raw) : raw instanceof ArrayBuffer ? Buffer.from(raw) : raw).toString('utf8');

function readJson(raw: RawData): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(textOf(raw));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function readToken(raw: RawData): string | null {
  const message = sizeOf(raw) <= tokenMessageLimit ? readJson(raw) : null;
  if (message === null || Object.keys(message).length !== 1) return null;
  return typeof message['token'] === 'string' ? message['token'] : null;
}

function servePage(socket: WebSocket, { dispatch, news }: Gate): void {
  const send = (message: object): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  let underWay = 0;
  const leave = news.subscribe((name, body) => {
    send({ kind: 'tell', name, body });
  });
  socket.once('close', leave);
  socket.on('message', (raw, binary) => {
    const question = binary ? null : readQuestion(raw);
    if (question === null) socket.close(closeCode.garbled);
    else if (underWay >= maxUnderWay) socket.close(closeCode.greedy);
    else {
      underWay++;
      void dispatch(question.ask, question.input).then((reply) => {
        underWay--;
        send({ kind: 'reply', id: question.id, reply });
      });
    }
  });
  send({ kind: 'ready' });
}

function readQuestion(raw: RawData): { readonly id: number; readonly ask: unknown; readonly input: unknown } | null {
  const message = readJson(raw);
  if (message === null || Object.keys(message).length !== 3 || !('input' in message)) return null;
  const { id, ask, input } = message;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? { id, ask, input } : null;
}
