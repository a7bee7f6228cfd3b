// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { VmMedia } from '../../contract/vm-media';
import { failed, ok, type Result } from '../../contract/problem';
import type { Disc } from '../../core/read/disc/bytes';
import { judgeMedia } from '../../core/vm/windows/media';

/** The most one piece may have, and all pieces together: a judgement reads some folders and one list. */
const limits = { piece: 16 * 1024 * 1024, whole: 256 * 1024 * 1024 } as const;

/** Looks what a disc image is, with the person's own rights. Fails with `unreadable` (`why`: the system's word) or `not-found`. */
export function lookAtDisc(path: string): Result<VmMedia> {
  let descriptor: number;
  try {
    // Not to wait for the other end of a pipe that somebody calls an image.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const why = wordOf(error);
    return why === 'ENOENT' ? failed('not-found', { what: 'file' }) : failed('unreadable', { why });
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return failed('unreadable', { why: 'not-a-file' });
    return ok(judgeMedia(discOf(descriptor, stat.size)));
  } catch (error) {
    return failed('unreadable', { why: wordOf(error) });
  } finally {
    closeSync(descriptor);
  }
}

function discOf(descriptor: number, size: number): Disc {
  let left: number = limits.whole;
  return {
    size,
    read(offset, length) {
      if (offset < 0 || length < 0 || length > limits.piece || offset + length > size || length > left) return null;
      left -= length;
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const count = readSync(descriptor, bytes, at, length - at, offset + at);
        if (count === 0) return null;
        at += count;
      }
      return bytes;
    },
  };
}

const wordOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
