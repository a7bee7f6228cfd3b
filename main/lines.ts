// SPDX-License-Identifier: GPL-3.0-or-later
import type { Readable } from 'node:stream';

/** Hands on each line of a stream; a line longer than `limit` bytes comes as null, and nothing after it is read. */
export async function lines(stream: Readable, limit: number, hear: (line: string | null) => void): Promise<void> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) continue;
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const line = rest.subarray(0, end);
        rest = rest.subarray(end + 1);
        hear(line.length > limit ? null : line.toString('utf8'));
      }
      if (rest.length > limit) {
        hear(null);
        return;
      }
    }
  } catch {
    // A stream that was destroyed has said all it will say.
  }
  if (rest.length > 0) hear(rest.toString('utf8'));
}
