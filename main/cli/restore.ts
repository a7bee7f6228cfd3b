// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import { pointReason } from '../../contract/history';
import { restoreChoices, type IntentOf } from '../../contract/plan';
import type { RestoreReview } from '../../contract/point';
import type { Result } from '../../contract/problem';
import { vmUuid } from '../../contract/vm';
import { packageVersion } from '../../contract/version';
import { liveMachine } from '../../host/live';
import { lookStore } from '../../host/look-store';
import { say } from '../../words/say';
import { drawOn } from '../draw';
import { handsHere } from '../hands-here';
import { helperPlace, type Ended, type HelperAsk } from '../helper-client';
import { restoreOn } from '../points';
import type { Hands } from '../target';
import { withVms } from '../vm-notes';
import { exits, type Io } from './io';
import { heading, paragraph, styled } from './layout';
import { withTexts } from './own-texts';
import { pointRefOf } from './point-ref';
import { sentence, tell } from './tell';

const here = (): Hands => handsHere(liveMachine(), helperPlace(packageVersion));
const quiet = { hello: () => undefined, progress: () => undefined };

/** `switchyard point --reason ...`: remembers what everything of ours is now; `--vm UUID`: and what that VM's firmware and TPM remember. */
export async function point(args: readonly string[], io: Io, hands: Hands = here()): Promise<number> {
  const vm = vmUuid.safeParse(optionOf(args, 'vm'));
  if (vm.success) return taken(io, await hands.call({ verb: 'save-vm', request: { vm: vm.data } }, quiet).done);
  const reason = pointReason.safeParse(optionOf(args, 'reason'));
  if (!reason.success) {
    io.err(`${say(io.language, 'point.usage')}\n`);
    return exits.usage;
  }
  const intent = { kind: 'point' as const, reason: reason.data };
  const drawn = drawOn(hands.eyes(), intent);
  if (!drawn.ok) return refused(io, drawn);
  return taken(io, await hands.call({ verb: 'apply', request: { intent, approved: drawn.value.review.hash } }, quiet).done);
}

function taken(io: Io, done: Result<Ended>): number {
  if (!done.ok) return refused(io, done);
  io.out(paragraph(io, say(io.language, 'point.taken', { transaction: done.value.outcome.transaction ?? '' })));
  return exits.ok;
}

function optionOf(args: readonly string[], name: string): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { [name]: { type: 'string' } } }).values[name];
  } catch {
    return undefined;
  }
}

function refused(io: Io, result: Extract<Result<unknown>, { readonly ok: false }>): number {
  tell(io, result.problem);
  return result.problem.code === 'not-found' ? exits.noInput : exits.refused;
}

interface Wish {
  readonly intent: IntentOf<'restore'>;
  readonly go: boolean;
}

/** `switchyard restore POINT`: shows the way back to a point; with --yes goes it. */
export async function restore(args: readonly string[], io: Io, hands: Hands = here()): Promise<number> {
  const wish = readWish(args, hands);
  if (wish === null) {
    io.err(`${say(io.language, 'restore.usage')}\n`);
    return exits.usage;
  }
  if (wish === 'no-point') return refused(io, { ok: false, problem: { code: 'not-found', detail: { why: 'point' } } });
  const drawn = await withTexts((texts) => restoreOn(hands.eyes(), wish.intent, texts));
  if (!drawn.ok) return refused(io, drawn);
  io.out(reviewText(await withVms(drawn.value, hands.eyes(), () => hands.vms()), io));
  if (drawn.value.review.nothingToDo) return exits.ok;
  if (!wish.go) {
    io.out(`\n${paragraph(io, say(io.language, 'restore.ask'))}`);
    return exits.ok;
  }
  const { to, choices } = wish.intent;
  const ask: HelperAsk = { verb: 'restore', request: { to, choices, approved: drawn.value.review.hash } };
  const done = await hands.call(ask, quiet).done;
  if (!done.ok) return refused(io, done);
  io.out(`\n${paragraph(io, styled(io, 'green', doneText(done.value, io)))}`);
  return exits.ok;
}

function readWish(args: readonly string[], hands: Hands): Wish | 'no-point' | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { take: { type: 'string', multiple: true }, yes: { type: 'boolean' } } });
    const [word, ...more] = positionals;
    const choices = restoreChoices.safeParse((values.take ?? []).map((one) => ({ place: one.slice(0, one.lastIndexOf('=')), take: one.slice(one.lastIndexOf('=') + 1) })));
    if (word === undefined || more.length > 0 || !choices.success) return null;
    const to = pointRefOf(word, lookStore(hands.eyes()));
    return to === null ? 'no-point' : { intent: { kind: 'restore', to, choices: choices.data }, go: values.yes ?? false };
  } catch {
    return null;
  }
}

function doneText({ outcome }: Ended, io: Io): string {
  if (outcome.state === 'waiting-for-restart') return say(io.language, 'restore.done-trial');
  return say(io.language, outcome.restart ? 'restore.done-restart' : 'restore.done');
}

function reviewText({ review, to, taken, conflicts, notes }: RestoreReview, io: Io): string {
  const when = new Intl.DateTimeFormat(io.language === 'zh' ? 'zh-Hans' : 'en', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(taken));
  const steps = review.steps.flatMap((step) => [
    paragraph(io, sentence(io.language, step.sentence.code, step.sentence.detail), '  - '),
    ...step.changes.flatMap((change) => (change.kind === 'file' ? change.lines.filter(({ mark }) => mark !== ' ').map(({ mark, text }) => `      ${mark} ${text}\n`) : [])),
  ]);
  const asked = conflicts.flatMap(({ place, path, why, takes, chosen }) => [
    paragraph(io, styled(io, 'yellow', say(io.language, `restore.conflict.${why}`, { path, chosen })), '  ! '),
    paragraph(io, say(io.language, 'restore.choose', { place, takes: takes.join('|') }), '    '),
  ]);
  return [
    heading(io, say(io.language, 'restore.title', { ...to, when })),
    ...(review.nothingToDo ? [paragraph(io, say(io.language, 'restore.nothing'), '  ')] : steps),
    ...asked,
    ...notes.map(({ code, detail }) => paragraph(io, sentence(io.language, code, detail), '  ')),
  ].join('');
}
