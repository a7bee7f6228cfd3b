// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import { unfinished, type Summary } from '../../contract/history';
import { planHash } from '../../contract/plan';
import type { Problem } from '../../contract/problem';
import { packageVersion } from '../../contract/version';
import { privateFolder } from '../../core/step/places';
import { cardLine } from '../../core/trial/console';
import { waysOfTrial } from '../../core/trial/way-back';
import { liveMachine } from '../../host/live';
import { lookAtWaysBack } from '../../host/ways-back';
import { say } from '../../words/say';
import { handsHere } from '../hands-here';
import { helperPlace, type HelperAsk } from '../helper-client';
import type { Hands } from '../target';
import { exits, type Io } from './io';
import { heading, paragraph, styled } from './layout';
import { sentence, tell } from './tell';

const here = (): Hands => handsHere(liveMachine(), helperPlace(packageVersion));
const quiet = { hello: () => undefined, progress: () => undefined };

interface Options {
  readonly json: boolean;
  readonly names: readonly string[];
}

/** Options and at most `most` names; null after saying what does not fit. */
function readOptions(args: readonly string[], io: Io, most: number): Options | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: most > 0, options: { json: { type: 'boolean' } } });
    if (positionals.length <= most) return { json: values.json ?? false, names: positionals };
    io.err(`${say(io.language, 'cli.bad-option', { why: positionals[most] ?? '' })}\n`);
  } catch (error) {
    io.err(`${say(io.language, 'cli.bad-option', { why: error instanceof Error ? (error.message.split('.')[0] ?? '') : '' })}\n`);
  }
  return null;
}

type At = 'nothing' | 'restart' | Summary['state'];

/** What waits: unfinished business, or an undo of this very start that only a restart makes true. */
function standing(hands: Hands): { readonly at: At; readonly summary: Summary | null } {
  const summaries = hands.summaries();
  const open = summaries.find(({ state }) => unfinished(state));
  if (open !== undefined) return { at: open.state, summary: open };
  const [newest] = summaries;
  return newest?.state === 'undone' && newest.restart && newest.boot === hands.boot() ? { at: 'restart', summary: newest } : { at: 'nothing', summary: null };
}

/** `switchyard status`: what waits for an answer. Needs no password and changes nothing. */
export function status(args: readonly string[], io: Io, hands: Hands = here()): Promise<number> {
  const options = readOptions(args, io, 0);
  if (options === null) return Promise.resolve(exits.usage);
  const { at, summary } = standing(hands);
  if (options.json) {
    const proof = summary?.steps.flatMap((step) => step.proof ?? []) ?? [];
    io.out(`${JSON.stringify({ schema: 1, kind: 'status', at, transaction: summary?.transaction ?? null, check: summary?.check ?? null, proof })}\n`);
  } else io.out(statusText(hands, { at, summary }, io));
  return Promise.resolve(exits.ok);
}

function statusText(hands: Hands, { at, summary }: { readonly at: At; readonly summary: Summary | null }, io: Io): string {
  if (summary === null || at === 'nothing' || at === 'kept' || at === 'undone') return paragraph(io, say(io.language, 'trial.status.nothing'));
  const { transaction } = summary;
  const first = paragraph(io, styled(io, 'bold', say(io.language, `trial.status.${at}`, { transaction, script: `${privateFolder(transaction)}/undo.sh` })));
  if (at === 'waiting-for-restart') return first + proofText(summary, io) + waysText(hands, summary, io);
  return at === 'trial-running' ? first + checkText(summary, io) : first;
}

function proofText(summary: Summary, io: Io): string {
  const proof = summary.steps.flatMap((step) => step.proof ?? []);
  const lines = proof.map(({ code, detail }) => paragraph(io, sentence(io.language, `trial.proof.${code}`, detail), '  - '));
  return proof.length === 0 ? '' : heading(io, say(io.language, 'trial.proof.title')) + lines.join('');
}

function waysText(hands: Hands, { transaction }: Summary, io: Io): string {
  const ways = waysOfTrial(lookAtWaysBack(hands.eyes())).filter(({ way }) => way !== 'undo-card');
  const lines = ways.map(({ way, state, detail }) => paragraph(io, sentence(io.language, `trial.way.${way}.${state}`, detail), '  - '));
  return heading(io, say(io.language, 'trial.way.title')) + lines.join('') + paragraph(io, cardLine(transaction), '  - ');
}

function checkText({ check }: Summary, io: Io): string {
  if (check === undefined) return paragraph(io, say(io.language, 'trial.status.checking'));
  const findings = check.findings.map(({ code, detail }) => paragraph(io, sentence(io.language, `trial.finding.${code}`, detail), '  - '));
  const time = check.until === null ? '' : new Intl.DateTimeFormat(io.language === 'zh' ? 'zh-Hans' : 'en', { timeStyle: 'short' }).format(new Date(check.until));
  const until = check.verdict === 'failed' && time !== '' ? paragraph(io, say(io.language, 'trial.status.until', { time })) : '';
  return paragraph(io, styled(io, check.verdict === 'passed' ? 'green' : 'red', say(io.language, `trial.status.${check.verdict}`))) + findings.join('') + until;
}

/** `switchyard keep`: makes the trial that runs the way this computer starts. */
export function keep(args: readonly string[], io: Io, hands: Hands = here()): Promise<number> {
  return answer(args, { io, hands, verb: 'keep' });
}

/** `switchyard go-back`: ends the trial that waits or runs. An active session needs no password for it. */
export function goBack(args: readonly string[], io: Io, hands: Hands = here()): Promise<number> {
  return answer(args, { io, hands, verb: 'go-back' });
}

interface Answer {
  readonly io: Io;
  readonly hands: Hands;
  readonly verb: 'keep' | 'go-back';
}

async function answer(args: readonly string[], { io, hands, verb }: Answer): Promise<number> {
  const options = readOptions(args, io, 0);
  if (options === null) return exits.usage;
  const open = hands.summaries().find(({ state }) => unfinished(state));
  if (open === undefined || (verb === 'keep' && open.state === 'waiting-for-restart' && !runsHere(hands, open))) return nobody(io, { verb, open, json: options.json });
  if (verb === 'keep' && !options.json) io.err(paragraph(io, say(io.language, 'trial.asks-password')));
  const ask: HelperAsk = verb === 'keep' ? { verb, request: { transaction: open.transaction, approved: planHash.parse(open.plan) } } : { verb, request: null };
  const done = await hands.call(ask, quiet).done;
  if (options.json) io.out(`${JSON.stringify({ schema: 1, kind: verb, ok: done.ok, ...(done.ok ? { outcome: done.value.outcome } : { problem: done.problem }) })}\n`);
  else if (done.ok) io.out(paragraph(io, styled(io, 'green', say(io.language, `trial.did.${verb}`))) + (done.value.outcome.restart ? paragraph(io, say(io.language, 'trial.did.restart')) : ''));
  else tell(io, done.problem);
  return done.ok ? exits.ok : exitOf(done.problem);
}

/** Prepared in another start than this: then this one may be its trial, whether or not it was noted yet. */
const runsHere = (hands: Hands, { boot }: Summary): boolean => boot !== hands.boot();

function nobody(io: Io, { verb, open, json }: { readonly verb: string; readonly open: Summary | undefined; readonly json: boolean }): number {
  const problem: Problem = { code: 'not-found', detail: { what: 'trial' } };
  if (json) io.out(`${JSON.stringify({ schema: 1, kind: verb, ok: false, problem })}\n`);
  else io.err(paragraph(io, say(io.language, 'trial.status.nobody', { state: open === undefined ? 'nothing' : 'waiting' })));
  return exits.noInput;
}

function exitOf({ code }: Problem): number {
  if (code === 'helper-missing' || code === 'helper-mismatch') return exits.unavailable;
  if (code === 'not-found') return exits.noInput;
  return code === 'undo-incomplete' || code === 'internal' ? exits.internal : exits.refused;
}

/** `switchyard card [TRANSACTION]`: the way back on one line, to photograph or print. Without a name: of what waits, else of what was changed last. */
export function card(args: readonly string[], io: Io, hands: Hands = here()): Promise<number> {
  const options = readOptions(args, io, 1);
  if (options === null) return Promise.resolve(exits.usage);
  const [name] = options.names;
  const summaries = hands.summaries();
  const meant = name === undefined ? (summaries.find(({ state }) => unfinished(state)) ?? summaries.find(({ state }) => state !== 'undone')) : summaries.find(({ transaction }) => transaction === name);
  if (meant === undefined) {
    io.err(paragraph(io, name === undefined ? say(io.language, 'trial.card.none') : say(io.language, 'trial.card.unknown', { name: name.replaceAll(/[^0-9a-zA-Z-]/g, '?').slice(0, 32) })));
    return Promise.resolve(exits.noInput);
  }
  const line = cardLine(meant.transaction);
  // One line, whatever the width: it is typed as it stands.
  io.out(options.json ? `${JSON.stringify({ schema: 1, kind: 'card', transaction: meant.transaction, line })}\n` : `${say(io.language, 'trial.card.title')}\n${line}\n`);
  return Promise.resolve(exits.ok);
}
