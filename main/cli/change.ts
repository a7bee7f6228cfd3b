// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import { unfinished, type Summary } from '../../contract/history';
import type { Intent } from '../../contract/plan';
import type { Problem, Result } from '../../contract/problem';
import type { Review } from '../../contract/review';
import { packageVersion } from '../../contract/version';
import { privateFolder } from '../../core/step/places';
import { cardLine } from '../../core/trial/console';
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';
import { say } from '../../words/say';
import { handsHere } from '../hands-here';
import { helperPlace, type Ended, type HelperAsk } from '../helper-client';
import type { Hands } from '../target';
import { personHere, type Person } from './confirm';
import { exits, type Io } from './io';
import { paragraph, styled } from './layout';
import { reviewText } from './review-text';
import { sentence, tell } from './tell';
import { intentOf, readWished, type Wished } from './wish';

const here = (): Hands => handsHere(liveMachine(), helperPlace(packageVersion));

/** Who is at the other end; tests put somebody there. */
export interface Bench {
  readonly hands: Hands;
  readonly person: Person | null;
}
const benchHere = (): Bench => ({ hands: here(), person: personHere() });

/** `switchyard plan WISH`: what would be done, phase by phase. Changes nothing and asks for no password. */
export function plan(args: readonly string[], io: Io, { hands }: Bench = benchHere()): Promise<number> {
  const drawn = drawnFor('plan', args, { io, hands });
  if (typeof drawn === 'number') return Promise.resolve(drawn);
  const { wished, intent, review } = drawn;
  if (wished.json) io.out(`${JSON.stringify({ schema: 1, kind: 'plan', intent, review })}\n`);
  else io.out(review.nothingToDo ? paragraph(io, say(io.language, 'apply.nothing')) : reviewText(review, io));
  return Promise.resolve(exits.ok);
}

/** `switchyard apply WISH`: shows the same, asks, and does it: all of it, or the preparation of one trial start. */
export async function apply(args: readonly string[], io: Io, { hands, person }: Bench = benchHere()): Promise<number> {
  const drawn = drawnFor('apply', args, { io, hands });
  if (typeof drawn === 'number') return drawn;
  const { wished, intent, review } = drawn;
  if (!wished.json) io.out(review.nothingToDo ? paragraph(io, say(io.language, 'apply.nothing')) : reviewText(review, io));
  if (review.nothingToDo) {
    if (wished.json) io.out(`${JSON.stringify({ schema: 1, kind: 'apply', ok: true, plan: review.hash, outcome: null })}\n`);
    return exits.ok;
  }
  const agreed = await agree(wished, review, { io, person, intent });
  if (!agreed) return exits.refused;
  const done = await call(hands, { verb: 'apply', request: { intent, approved: review.hash } }, { io, review, json: wished.json });
  if (wished.json) io.out(`${JSON.stringify({ schema: 1, kind: 'apply', ok: done.ok, plan: review.hash, ...(done.ok ? { outcome: done.value.outcome } : { problem: done.problem }) })}\n`);
  return ended(io, done, wished.json, doneText);
}

interface Asked {
  readonly wished: Wished;
  readonly intent: Intent;
  readonly review: Review;
}

/** What is wished for, drawn on this machine; or the exit code after saying why not. */
function drawnFor(kind: 'plan' | 'apply', args: readonly string[], { io, hands }: { readonly io: Io; readonly hands: Hands }): Asked | number {
  const wished = readWished(args);
  const intent = wished === null ? null : intentOf(wished, probe(hands.eyes()));
  if (wished === null || intent === null) {
    io.err(`${say(io.language, 'apply.usage')}\n`);
    return exits.usage;
  }
  if (intent === 'no-card') {
    io.err(paragraph(io, say(io.language, 'apply.no-card')));
    return exits.noInput;
  }
  const drawn = hands.draw(intent);
  if (drawn.ok) return { wished, intent, review: drawn.value.review };
  if (wished.json) io.out(`${JSON.stringify({ schema: 1, kind, ...(kind === 'apply' ? { ok: false } : { intent }), problem: drawn.problem })}\n`);
  else refuse(io, drawn.problem);
  return exits.refused;
}

/** The planner's own sentence for its reason where it has one. */
function refuse(io: Io, problem: Problem): void {
  const key = `step.refused.${problem.detail['why'] ?? ''}`;
  const words = sentence(io.language, key, problem.detail);
  if (words === key) tell(io, problem);
  else io.err(paragraph(io, words));
}

interface Asking {
  readonly io: Io;
  readonly person: Person | null;
}

/** In proportion (decision 0097): a plain yes; a yes that names the dark screen; the card's address where nothing but the power button leads back. */
async function agree({ yes, typed }: Wished, { wayBack }: Review, { intent, ...asking }: Asking & { readonly intent: Intent }): Promise<boolean> {
  const card = 'devices' in intent ? (intent.devices[0]?.address ?? '') : '';
  if (wayBack?.ask === 'type') {
    const named = await isNamed(card, typed, asking);
    if (!named || typed === undefined) return named;
  }
  const question = wayBack?.risk === 'each-start' ? 'apply.ask-desktop' : wayBack?.ask === 'tick' ? 'apply.ask-dark' : 'apply.ask';
  return yes || saysYes(question, asking);
}

async function isNamed(card: string, typed: string | undefined, { io, person }: Asking): Promise<boolean> {
  const answer = typed ?? (await person?.ask(`${say(io.language, 'apply.type-card', { card })} `));
  if (answer !== card) io.err(paragraph(io, say(io.language, 'apply.not-typed', { card })));
  return answer === card;
}

async function saysYes(question: 'apply.ask' | 'apply.ask-dark' | 'apply.ask-desktop', { io, person }: Asking): Promise<boolean> {
  const agreed = /^(?:y|yes|是)$/i.test((await person?.ask(`${say(io.language, question)} `)) ?? '');
  if (!agreed) io.err(paragraph(io, say(io.language, person === null ? 'apply.say-yes' : 'apply.not-done')));
  return agreed;
}

/** Does one request, told step by step; Ctrl-C asks root to put everything back and end. */
async function call(hands: Hands, ask: HelperAsk, { io, review, json }: { readonly io: Io; readonly review: Review | null; readonly json: boolean }): Promise<Result<Ended>> {
  const steps = new Map(review?.steps.map((step) => [step.id, step.sentence]) ?? []);
  if (!json) io.err(paragraph(io, say(io.language, 'trial.asks-password')));
  const running = hands.call(ask, {
    hello: () => undefined,
    progress({ stepId, phase, index, count }) {
      const told = steps.get(stepId ?? '');
      if (json || stepId === null || !(phase === 'changing' || phase === 'verified' || phase === 'undone' || phase === 'left')) return;
      const title = told === undefined ? stepId : sentence(io.language, told.code, told.detail);
      io.err(paragraph(io, say(io.language, `apply.progress.${phase}`, { title, index: index + 1, count }), '  '));
    },
  });
  const stop = (): void => {
    io.err(`${say(io.language, 'apply.stopping')}\n`);
    running.stop();
  };
  process.once('SIGINT', stop);
  try {
    return await running.done;
  } finally {
    process.off('SIGINT', stop);
  }
}

function ended(io: Io, done: Result<Ended>, json: boolean, text: (done: Ended, io: Io) => string): number {
  if (done.ok) {
    if (!json) io.out(text(done.value, io));
    return exits.ok;
  }
  const { code, detail } = done.problem;
  if (!json) {
    tell(io, done.problem);
    if (code === 'undo-incomplete') io.err(paragraph(io, say(io.language, 'apply.left', { steps: detail['left'] ?? '' })));
  }
  if (code === 'helper-missing' || code === 'helper-mismatch') return exits.unavailable;
  return code === 'undo-incomplete' || code === 'internal' ? exits.internal : exits.refused;
}

function doneText({ outcome: { state, transaction, restart } }: Ended, io: Io): string {
  if (state !== 'waiting-for-restart' || transaction === null) return paragraph(io, styled(io, 'green', say(io.language, restart ? 'apply.done-restart' : 'apply.done')));
  // One line, whatever the width: it is typed as it stands.
  return paragraph(io, styled(io, 'green', say(io.language, 'apply.done-trial'))) + paragraph(io, say(io.language, 'apply.trial-goes-on')) + `${say(io.language, 'trial.card.title')}\n${cardLine(transaction)}\n`;
}

/** `switchyard undo [TRANSACTION]`: puts back what a change made; without a name what is unfinished, else what was kept last. */
export async function undo(args: readonly string[], io: Io, { hands, person }: Bench = benchHere()): Promise<number> {
  const options = undoOptions(args);
  if (options === null) {
    io.err(`${say(io.language, 'undo.usage')}\n`);
    return exits.usage;
  }
  const found = meant(hands.summaries(), options.name);
  if (found === undefined) return nothingToUndo(io, options.json);
  const { transaction } = found;
  if (!options.json) io.out(undoText(found, io));
  if (!options.yes && !(await saysYes('apply.ask', { io, person }))) return exits.refused;
  const done = await call(hands, { verb: 'undo', request: { transaction } }, { io, review: null, json: options.json });
  if (options.json) io.out(`${JSON.stringify({ schema: 1, kind: 'undo', ok: done.ok, transaction, ...(done.ok ? { outcome: done.value.outcome } : { problem: done.problem }) })}\n`);
  const code = ended(io, done, options.json, ({ outcome }) => paragraph(io, styled(io, 'green', say(io.language, outcome.restart ? 'undo.done-restart' : 'undo.done'))));
  if (!done.ok && done.problem.code === 'undo-incomplete' && !options.json) io.err(`${say(io.language, 'undo.script')}\n  sh ${privateFolder(transaction)}/undo.sh\n`);
  return code;
}

function nothingToUndo(io: Io, json: boolean): number {
  if (json) io.out(`${JSON.stringify({ schema: 1, kind: 'undo', ok: false, problem: { code: 'not-found', detail: { what: 'transaction' } } })}\n`);
  else io.err(paragraph(io, say(io.language, 'undo.none')));
  return exits.noInput;
}

function undoOptions(args: readonly string[]): { readonly name: string | undefined; readonly yes: boolean; readonly json: boolean } | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { yes: { type: 'boolean' }, json: { type: 'boolean' } } });
    return positionals.length > 1 ? null : { name: positionals[0], yes: values.yes ?? false, json: values.json ?? false };
  } catch {
    return null;
  }
}

/** What root's `undo-last` would take: unfinished business first, then the newest that stands. */
function meant(summaries: readonly Summary[], name: string | undefined): Summary | undefined {
  if (name !== undefined) return summaries.find(({ transaction }) => transaction === name);
  return summaries.find(({ state }) => unfinished(state)) ?? summaries.find(({ state, steps }) => state === 'kept' && steps.some(({ outcome }) => outcome !== 'undone' && outcome !== 'planned'));
}

function undoText({ transaction, intent, opened, steps }: Summary, io: Io): string {
  const when = new Intl.DateTimeFormat(io.language === 'zh' ? 'zh-Hans' : 'en', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(opened));
  const places = [...new Set(steps.filter(({ outcome }) => outcome !== 'undone' && outcome !== 'planned').flatMap((step) => step.places.map(({ path }) => path)))];
  return paragraph(io, say(io.language, 'undo.title', { transaction, intent, when })) + places.map((path) => `  - ${path}\n`).join('');
}
