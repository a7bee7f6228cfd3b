// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandRefusal } from '../../contract/hand-off';
import { handLimits } from '../../contract/hand-off';
import { failed, ok, type Problem, type Result } from '../../contract/problem';
import { consoleLine, refusalOf } from '../../core/hand-off/console-lines';
import type { Hands } from '../hands';
import { aborts, hook, type HookWords } from './hook';

/** Milliseconds libvirt may take to write the definition and close the pipe. */
const patience = 10_000;

export interface HookStreams {
  readonly input: NodeJS.ReadableStream;
  /** Standard error: libvirt shows it to whoever started the VM. Standard output must stay empty, it would be read as XML. */
  say(line: string): void;
  readonly began: number;
}

/** One call of libvirt's hook as a process: exit code 0, or 1 and one line. */
export async function hookMain(hands: Hands, words: HookWords, streams: HookStreams): Promise<number> {
  const xml = await readAll(streams.input);
  const desk = { hands, origin: { via: 'libvirt', uid: null }, session: { progress: () => undefined, stopAsked: () => Promise.resolve(false) } } as const;
  const ended = xml.ok ? await hook(desk, words, { xml: xml.value, began: streams.began }) : xml;
  if (ended.ok && ended.value === null) return 0;
  if (!ended.ok) streams.say(consoleLine({ end: 'refused', why: whyOf(ended.problem), detail: ended.problem.detail, holders: [] }));
  else if (ended.value !== null && ended.value.why !== null) streams.say(consoleLine(ended.value));
  // A prepare that failed and came home again must not start a VM without its card.
  return aborts(ended) || (words[1] === 'prepare' && ended.ok && ended.value?.end !== 'given') ? 1 : 0;
}

const whyOf = ({ code, detail }: Problem): HandRefusal => refusalOf(code, detail['why']);

function readAll(input: NodeJS.ReadableStream): Promise<Result<string>> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const late = setTimeout(() => { settle(failed('bad-input', { why: 'xml' })); }, patience);
    const settle = (text: Result<string>): void => {
      clearTimeout(late);
      input.removeAllListeners('data');
      resolve(text);
    };
    input.on('data', (part: Buffer) => {
      size += part.length;
      if (size > handLimits.xml) settle(failed('too-large', { what: 'xml' }));
      else parts.push(part);
    });
    input.on('end', () => { settle(decode(Buffer.concat(parts))); });
    input.on('error', () => { settle(failed('bad-input', { why: 'xml' })); });
  });
}

function decode(bytes: Buffer): Result<string> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return failed('bad-input', { why: 'xml' });
  }
}
