// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { failed, ok, type Result } from '../../contract/problem';
import { streamId, type streamEnds, type StreamId } from '../../contract/vm-console';

type End = (typeof streamEnds)[number];

/** How much waits here for a page that is slow, how much one answer holds, how long an empty answer waits, when a forgotten stream ends, and how many there are. */
export const streamLimits = { waiting: 1024 * 1024, answer: 192 * 1024, patience: 10_000, silence: 60_000, streams: 4 } as const;

/** Byte streams between the page and sockets that this process opened. The page reads as fast as it can, and no faster is sent. */
export interface Streams {
  /** `first`: bytes of the other end that were read already. */
  readonly open: (socket: Socket, first: Buffer) => Result<StreamId>;
  readonly read: (stream: StreamId) => Promise<Result<{ readonly data: string; readonly ended: End | null }>>;
  readonly write: (stream: StreamId, data: string) => Promise<Result<void>>;
  readonly close: (stream: StreamId) => Result<void>;
  readonly closeAll: () => void;
}

interface Open {
  readonly socket: Socket;
  readonly parts: Buffer[];
  bytes: number;
  ended: End | null;
  /** Wakes the question that waits. */
  wake: (() => void) | null;
  forgotten: NodeJS.Timeout;
}

interface Hub {
  readonly streams: Map<StreamId, Open>;
  readonly patience: number;
  readonly silence: number;
}

export function openStreams(limits: { readonly patience: number; readonly silence: number } = streamLimits): Streams {
  const hub: Hub = { streams: new Map(), patience: limits.patience, silence: limits.silence };
  return {
    open: (socket, first) => begin(hub, socket, first),
    read: (id) => read(hub, id),
    write: (id, data) => write(hub, id, data),
    close: (id) => (end(hub, id, 'closed') ? ok(undefined) : gone),
    closeAll() {
      for (const id of [...hub.streams.keys()]) end(hub, id, 'closed');
    },
  };
}

const gone = failed('not-found', { what: 'stream' });

function begin(hub: Hub, socket: Socket, first: Buffer): Result<StreamId> {
  if (hub.streams.size >= streamLimits.streams) return failed('too-large', { what: 'streams' });
  const id = streamId.parse(randomBytes(16).toString('hex'));
  const open: Open = { socket, parts: first.length > 0 ? [first] : [], bytes: first.length, ended: null, wake: null, forgotten: setTimeout(() => undefined, 0) };
  hub.streams.set(id, open);
  renew(hub, id, open);
  socket.on('data', (chunk: Buffer) => {
    open.parts.push(chunk);
    open.bytes += chunk.length;
    if (open.bytes >= streamLimits.waiting) socket.pause();
    open.wake?.();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    open.ended ??= 'vm';
    open.wake?.();
  });
  socket.resume();
  return ok(id);
}

/** A page that is gone does not read any more. */
function renew(hub: Hub, id: StreamId, open: Open): void {
  clearTimeout(open.forgotten);
  open.forgotten = setTimeout(() => void end(hub, id, 'silent'), hub.silence).unref();
}

function end(hub: Hub, id: StreamId, why: End): boolean {
  const open = hub.streams.get(id);
  if (open === undefined) return false;
  clearTimeout(open.forgotten);
  open.ended ??= why;
  open.socket.destroy();
  open.wake?.();
  return hub.streams.delete(id);
}

async function read(hub: Hub, id: StreamId): ReturnType<Streams['read']> {
  const open = hub.streams.get(id);
  if (open === undefined) return gone;
  if (open.wake !== null) return failed('busy', { what: 'stream' });
  renew(hub, id, open);
  if (open.bytes === 0 && open.ended === null) await wakeOf(open, hub.patience);
  const data = take(open);
  if (open.bytes < streamLimits.waiting && open.ended === null) open.socket.resume();
  // The last bytes come before the end.
  const ended = open.bytes === 0 ? open.ended : null;
  if (ended !== null) end(hub, id, ended);
  return ok({ data: data.toString('base64'), ended });
}

function write(hub: Hub, id: StreamId, data: string): Promise<Result<void>> {
  const open = hub.streams.get(id);
  if (open === undefined || open.ended !== null) return Promise.resolve(gone);
  renew(hub, id, open);
  return new Promise((resolve) => {
    open.socket.write(Buffer.from(data, 'base64'), (error) => {
      resolve(error == null ? ok(undefined) : gone);
    });
  });
}

function wakeOf(open: Open, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(late);
      open.wake = null;
      resolve();
    };
    const late = setTimeout(done, patience);
    open.wake = done;
  });
}

function take(open: Open): Buffer {
  const all = open.parts.length === 1 ? (open.parts[0] ?? Buffer.alloc(0)) : Buffer.concat(open.parts);
  const now = all.subarray(0, streamLimits.answer);
  const rest = all.subarray(now.length);
  open.parts.length = 0;
  if (rest.length > 0) open.parts.push(rest);
  open.bytes = rest.length;
  return now;
}
