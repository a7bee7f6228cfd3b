// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Look } from './machine';

const record = Buffer.allocUnsafe(16384);
const most = 8 << 20;

/**
 * The kernel's messages from /dev/kmsg, one a line, without starting a program. Each read gives one record
 * `priority,sequence,time,flags;text`; EAGAIN is the end, EPIPE an overwritten record. Source: dev-kmsg ABI.
 */
export function readKernelMessages(): Look<string> {
  let fd: number;
  try {
    fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return { at: 'absent' };
    return { at: 'unreadable', why: code === 'EPERM' || code === 'EACCES' ? 'permission' : 'io' };
  }
  try {
    return { at: 'is', value: allRecords(fd) };
  } catch (error) {
    return { at: 'unreadable', why: codeOf(error) === 'EPERM' ? 'permission' : 'io' };
  } finally {
    closeSync(fd);
  }
}

function allRecords(fd: number): string {
  const lines: string[] = [];
  let overwritten = 0;
  for (let total = 0; total < most && overwritten < 1000;) {
    try {
      const length = readSync(fd, record, 0, record.length, null);
      if (length === 0) break;
      total += length;
      const text = record.toString('utf8', 0, length);
      const end = text.indexOf('\n');
      lines.push(text.slice(text.indexOf(';') + 1, end < 0 ? undefined : end));
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') break;
      if (codeOf(error) !== 'EPIPE') throw error;
      overwritten++;
    }
  }
  return lines.join('\n');
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
