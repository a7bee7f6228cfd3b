// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { answerLine, lineLimit, protocol, stopWord, type EndLine, type HelperRequest, type HelperVerb, type LineVerb } from '../contract/helper';
import { failed, ok, type Result } from '../contract/problem';
import type { Progress } from '../contract/progress';
import { lines } from './lines';

/** Where the helper is and how it becomes root. Only tests name others. */
export interface HelperPlace {
  readonly program: string;
  /** null: we are root already, and the helper's journal says so. */
  readonly pkexec: string | null;
  /** The version both ends must have. */
  readonly version: string;
  /** How long root may be silent, in milliseconds, before its pipe is closed; one step of root's never takes so long. */
  readonly patience: number;
}

export const installedHelper = '/usr/lib/switchyard/switchyard-helper';
export const helperPlace = (version: string): HelperPlace => ({
  program: installedHelper,
  pkexec: process.getuid?.() === 0 ? null : '/usr/bin/pkexec',
  version,
  patience: 45 * 60_000,
});

export type Ended = Extract<EndLine, { readonly ok: true }>;
/** What a verb is asked with; `go-back` takes none. */
export type HelperAsk = { readonly [V in LineVerb]: { readonly verb: V; readonly request: Omit<HelperRequest<V>, 'protocol' | 'version'> } }[LineVerb] | { readonly verb: Extract<HelperVerb, 'go-back'>; readonly request: null };

export interface HelperCall {
  readonly done: Promise<Result<Ended>>;
  /** Asks root to finish the step in hand, put everything back and end; before root was reached it gives up asking. */
  stop(): void;
}

/** What a caller hears while root works. */
export interface HelperEar {
  /** The person has allowed it and root answers. */
  hello(): void;
  progress(line: Progress): void;
}

/** Starts the root helper for one request, and checks every line it says. */
export function callHelper(place: HelperPlace, ask: HelperAsk, ear: HelperEar): HelperCall {
  if (!existsSync(place.program)) return { done: Promise.resolve(failed('helper-missing')), stop: () => undefined };
  const words = place.pkexec === null ? [ask.verb] : [place.program, ask.verb];
  const child = spawn(place.pkexec ?? place.program, words, { stdio: 'pipe', cwd: '/' });
  child.stderr.resume();
  child.stdin.on('error', () => undefined);
  if (ask.request !== null) child.stdin.write(`${JSON.stringify({ protocol, version: place.version, ...ask.request })}\n`);
  const state = { greeted: false, stopped: false };
  return {
    done: converse(child, place, ear, state),
    stop() {
      if (state.stopped) return;
      state.stopped = true;
      child.stdin.end(`${stopWord}\n`);
      if (!state.greeted) child.kill('SIGTERM');
    },
  };
}

interface Conversation {
  greeted: boolean;
  stopped: boolean;
}

async function converse(child: ChildProcessWithoutNullStreams, place: HelperPlace, ear: HelperEar, state: Conversation): Promise<Result<Ended>> {
  const exit = new Promise<number | 'unstarted' | null>((resolve) => {
    child.once('error', () => {
      resolve('unstarted');
    });
    child.once('close', resolve);
  });
  let verdict: Result<Ended> | null = null;
  const silence = setTimeout(() => {
    verdict ??= failed('protocol', { why: 'silence' });
    child.stdin.end();
    child.stdout.destroy();
  }, place.patience);
  const hear = (text: string | null): void => {
    silence.refresh();
    verdict ??= readLine(text, place, ear, state);
    if (verdict !== null) child.stdin.end();
  };
  await lines(child.stdout, lineLimit.answer, hear);
  // Root said its last word, or something it must not say: how it ends is only waited for.
  const code = await Promise.race([exit, after(verdict === null ? place.patience : Math.min(place.patience, 10_000))]);
  clearTimeout(silence);
  return verdict ?? withoutEnd(code, place, state);
}

const after = (milliseconds: number): Promise<null> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds, null).unref();
  });

/** One line of root's; null: the conversation goes on. A line that is too long comes as null. */
function readLine(text: string | null, place: HelperPlace, ear: HelperEar, state: Conversation): Result<Ended> | null {
  const line = answerLine.safeParse(text === null ? undefined : parsed(text));
  if (!line.success) return failed('protocol', { why: 'line' });
  const said = line.data;
  if (!state.greeted) {
    // Root may refuse before it greets: wrong version, wrong caller.
    if (said.kind === 'end' && !said.ok) return failed(said.problem.code, said.problem.detail, said.problem.stepId);
    if (said.kind !== 'hello') return failed('protocol', { why: 'greeting' });
    if (said.protocol !== protocol || said.version !== place.version) return failed('helper-mismatch', { installed: said.version, expected: place.version });
    state.greeted = true;
    ear.hello();
    return null;
  }
  switch (said.kind) {
    case 'hello':
      return failed('protocol', { why: 'greeting' });
    case 'progress':
      ear.progress(said);
      return null;
    case 'end':
      return said.ok ? ok(said) : failed(said.problem.code, said.problem.detail, said.problem.stepId);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** pkexec(1): 126 when the person dismissed the question, 127 when it was not allowed. */
function withoutEnd(code: number | 'unstarted' | null, place: HelperPlace, { greeted, stopped }: Conversation): Result<Ended> {
  if (!greeted && stopped) return failed('cancelled');
  if (code === 'unstarted') return failed('helper-missing', { what: place.pkexec === null ? 'helper' : 'pkexec' });
  if (!greeted && place.pkexec !== null && code === 126) return failed('not-authorised', { how: 'dismissed' });
  if (!greeted && place.pkexec !== null && code === 127) return failed('not-authorised', { how: 'refused' });
  return failed('protocol', { why: 'no-end' });
}
