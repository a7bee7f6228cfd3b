// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { HostFacts } from '../../contract/facts';
import { failed, ok, type Result } from '../../contract/problem';
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';
import { say } from '../../words/say';
import { tell } from './tell';
import { exits, type Io } from './io';

export interface Options {
  readonly machine: string | undefined;
  readonly text: string | undefined;
  readonly json: boolean;
  readonly why: boolean;
}

/** Bytes of a pasted text or machine file. */
const limit = 8 * 1024 * 1024;

/** The options of scan and assess, or the exit code after the word about what does not fit. */
export function readOptions(args: readonly string[], io: Io): Options | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { machine: { type: 'string' }, text: { type: 'string' }, json: { type: 'boolean' }, why: { type: 'boolean' } },
    });
    if (values.machine !== undefined && values.text !== undefined) {
      io.err(`${say(io.language, 'cli.one-source')}\n`);
      return exits.usage;
    }
    return { machine: values.machine, text: values.text, json: values.json ?? false, why: values.why ?? false };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('.')[0] ?? '') : '';
    io.err(`${say(io.language, 'cli.bad-option', { why })}\n`);
    return exits.usage;
  }
}

/** The machine the person means: this one, a recorded one, or pasted text. The readers of text are loaded only for text. */
export async function factsFor(options: Options, io: Io): Promise<HostFacts | number> {
  if (options.machine === undefined && options.text === undefined) return probe(liveMachine());
  const file = options.machine ?? options.text ?? '-';
  const content = readText(file, io);
  if (typeof content === 'number') return content;
  const facts = options.machine === undefined ? await dumpFacts(content.value) : (await import('../../core/read/machine-file')).readMachineFile(content.value);
  if (facts.ok) return facts.value;
  tell(io, facts.problem);
  return exits.badInput;
}

/** The text of a file the person named, or the exit code after the word about why it cannot be read. */
export function readText(file: string, io: Io): { readonly value: string } | number {
  const content = readInput(file);
  if (content.ok) return content;
  const { code, detail } = content.problem;
  const megabytes = String(limit / 1024 / 1024);
  io.err(`${say(io.language, code === 'too-large' ? 'cli.too-large' : 'cli.cannot-read', { file, limit: megabytes, why: detail['why'] ?? '' })}\n`);
  return exits.noInput;
}

async function dumpFacts(text: string): Promise<Result<HostFacts>> {
  const { readDump } = await import('../../core/read/dump');
  const dump = readDump(text);
  return dump.ok ? ok(dump.value.facts) : dump;
}

/** Reads at most `limit` bytes; `-` is standard input. A pipe is fine, an endless one is cut with a word. */
function readInput(file: string): Result<string> {
  let descriptor = 0;
  try {
    if (file !== '-') descriptor = openSync(file, 'r');
    if (fstatSync(descriptor).isDirectory()) return failed('unreadable', { why: 'EISDIR' });
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const chunk = Buffer.alloc(65536);
      const read = readSync(descriptor, chunk);
      if (read === 0) return ok(Buffer.concat(chunks).toString('utf8'));
      total += read;
      if (total > limit) return failed('too-large');
      chunks.push(chunk.subarray(0, read));
    }
  } catch (error) {
    return failed('unreadable', { why: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' });
  } finally {
    if (descriptor > 2) closeSync(descriptor);
  }
}
