// SPDX-License-Identifier: GPL-3.0-or-later
import type { AskOut } from '../../contract/ui';
import { ask } from '../client';

type Stream = AskOut<'vm.stream-open'>['stream'];
/** Bytes of one question, well under what the contract allows. */
const piece = 128 * 1024;

const toText = (bytes: Uint8Array): string => {
  let text = '';
  // In parts: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/**
 * A stream of main's as noVNC wants a connection: the shape of a WebSocket, without one. The page may connect nowhere;
 * bytes come and go as questions to main, which alone knows the VM's address.
 */
export class ScreenChannel {
  readonly protocol = '';
  binaryType = 'arraybuffer';
  readyState: 'open' | 'closing' | 'closed' = 'open';
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string; readonly wasClean: boolean }) => void) | null = null;
  onmessage: ((event: { readonly data: ArrayBuffer }) => void) | null = null;
  private readonly stream: Stream;
  private readonly queue: Uint8Array[] = [];
  private writing = false;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** Reads until the stream ends; what comes before noVNC listens would be lost, so it is begun afterwards. */
  async read(): Promise<void> {
    while (this.readyState === 'open') {
      const reply = await ask('vm.stream-read', { stream: this.stream });
      if (this.isShut()) return;
      if (!reply.ok) {
        this.end(false);
        return;
      }
      if (reply.value.data !== '') this.onmessage?.({ data: toBytes(reply.value.data).buffer });
      if (reply.value.ended !== null) this.end(true);
    }
  }

  send(data: Uint8Array | ArrayBuffer): void {
    // noVNC writes the next message into the same memory.
    this.queue.push(new Uint8Array(data instanceof Uint8Array ? data : new Uint8Array(data)));
    if (!this.writing) void this.write();
  }

  close(): void {
    if (this.isShut()) return;
    void ask('vm.stream-close', { stream: this.stream });
    this.end(true);
  }

  private isShut(): boolean {
    return this.readyState !== 'open';
  }

  /** One after the other: order is part of the protocol. */
  private async write(): Promise<void> {
    this.writing = true;
    for (let next = this.queue.shift(); next !== undefined && !this.isShut(); next = this.queue.shift()) {
      for (let at = 0; at < next.length; at += piece) {
        const reply = await ask('vm.stream-write', { stream: this.stream, data: toText(next.subarray(at, at + piece)) });
        if (!reply.ok) {
          this.end(false);
          return;
        }
      }
    }
    this.writing = false;
  }

  private end(wasClean: boolean): void {
    this.readyState = 'closed';
    this.onclose?.({ code: wasClean ? 1000 : 1006, reason: '', wasClean });
  }
}
