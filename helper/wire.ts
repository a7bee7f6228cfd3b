// SPDX-License-Identifier: GPL-3.0-or-later
import { lineLimit, protocol, type AnswerLine, type EndLine } from '../contract/helper';
import type { Progress } from '../contract/progress';
import { failed, ok, type Problem, type Result } from '../contract/problem';
import { packageVersion } from '../contract/version';
import type { Session } from './session';

/** Milliseconds the other side may take for its one line. */
const patience = 30_000;

/** Parses the one request line of a verb. The other side's version is compared before anything else; nothing of the line is ever said back. */
export function readRequest<T>(shape: Shape<T>, line: string): Result<T> {
  const raw = parse(line);
  if (raw === null) return failed('protocol');
  if (typeOf(raw['protocol']) === 'number' && typeOf(raw['version']) === 'string' && (raw['protocol'] !== protocol || raw['version'] !== packageVersion))
    return failed('helper-mismatch', { ours: packageVersion });
  const checked = shape.safeParse(raw);
  return checked.success ? ok(checked.data) : failed('protocol');
}

/** A member of `helperRequests`. */
export interface Shape<T> {
  safeParse(raw: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

const typeOf = (value: unknown): string => typeof value;

function parse(line: string): Readonly<Record<string, unknown>> | null {
  if (Buffer.byteLength(line) > lineLimit.request) return null;
  try {
    const raw: unknown = JSON.parse(line);
    return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? { ...raw } : null;
  } catch {
    return null;
  }
}

/** Standard input and output of one request. */
export interface Wire extends Session {
  /** The first line; `protocol` when it is too long, not UTF-8, never comes, or the pipe closes before it is whole. */
  line(): Promise<Result<string>>;
  say(line: AnswerLine): void;
}

/** JSON lines over a pair of streams. After the request line, `stop`, anything else, or the end of input means: stop. */
export function openWire(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Wire {
  let kept: Buffer[] = [];
  let size = 0;
  let stopped = false;
  let settle: ((line: Result<string>) => void) | null = null;
  const answer = (line: Result<string>): void => {
    const waiting = settle;
    settle = null;
    waiting?.(line);
  };
  const hear = (bytes: Buffer): void => {
    if (settle === null) {
      stopped = true;
      return;
    }
    const end = bytes.indexOf(10);
    kept.push(end < 0 ? bytes : bytes.subarray(0, end));
    size += end < 0 ? bytes.length : end;
    if (size > lineLimit.request) answer(failed('protocol'));
    else if (end >= 0) {
      if (end + 1 < bytes.length) stopped = true;
      answer(decode(Buffer.concat(kept)));
      kept = [];
    }
  };
  const close = (): void => {
    stopped = true;
    answer(failed('protocol'));
  };
  output.on('error', () => { stopped = true; });
  const say = (line: AnswerLine): void => { output.write(`${JSON.stringify(line)}\n`); };
  return {
    line() {
      return new Promise((resolve) => {
        const late = setTimeout(() => { answer(failed('protocol')); }, patience);
        settle = (line) => {
          clearTimeout(late);
          resolve(line);
        };
        input.on('data', hear).on('end', close).on('error', close);
      });
    },
    say,
    progress: (line: Progress) => { say(line); },
    // One turn of the event loop, so that what already lies in the pipe is heard.
    stopAsked: () => new Promise((resolve) => { setImmediate(() => { resolve(stopped); }); }),
  };
}

function decode(bytes: Buffer): Result<string> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return failed('protocol');
  }
}

const longestDetail = 512;

/** A problem as it may leave root: short words, nothing that does not fit the wire. */
export function endOf(problem: Problem): EndLine {
  const detail = Object.fromEntries(Object.entries(problem.detail).map(([key, text]) => [key, text.slice(0, longestDetail)]));
  return { kind: 'end', ok: false, problem: problem.stepId === undefined ? { code: problem.code, detail } : { code: problem.code, stepId: problem.stepId, detail } };
}

