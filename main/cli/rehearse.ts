// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import type { Intent, Plan } from '../../contract/plan';
import type { Problem } from '../../contract/problem';
import { describe } from '../../core/step/describe';
import { unnamed } from '../../core/step/tokens';
import { probe } from '../../host/probe';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { isPartName, partNames, type Choices } from '../../rehearsal/parts';
import { runThrough, type Ended, type Told } from '../../rehearsal/run-through';
import { wishes } from '../../rehearsal/wish';
import { say, type Key } from '../../words/say';
import { exits, type Io } from './io';
import { heading, pairs, paragraph, styled } from './layout';
import { factsFor } from './source';
import { sentence, tell } from './tell';

interface Options {
  readonly machine: string;
  readonly device: string | undefined;
  readonly answer: 'keep' | 'none';
  readonly choices: Choices;
  readonly seed: number | null;
  readonly json: boolean;
}

/** `switchyard rehearse MACHINE`: walks the whole change on a machine of memory, and back. */
export async function rehearse(args: readonly string[], io: Io): Promise<number> {
  const options = readOptions(args, io);
  if (typeof options === 'number') return options;
  const facts = await factsFor({ machine: options.machine, text: undefined, json: options.json, why: false }, io);
  if (typeof facts === 'number') return facts;
  const rehearsal = openRehearsal(facts, options.choices, options.seed);
  const misfit = misfitOf(rehearsal, options.choices, io);
  if (misfit !== null) {
    io.err(`${misfit}\n`);
    return exits.usage;
  }
  if (rehearsal.world.kernel === null) {
    io.err(`${say(io.language, 'rehearse.does-not-start', { why: 'loader' })}\n`);
    return exits.unavailable;
  }
  if (!options.json) io.out(openingText(rehearsal, io));
  return walk(rehearsal, options, io);
}

async function walk(rehearsal: Rehearsal, options: Options, io: Io): Promise<number> {
  const intent = intentFor(rehearsal, options.device);
  if (intent === null) {
    io.err(`${say(io.language, 'rehearse.no-display')}\n`);
    return exits.unavailable;
  }
  const told: Told[] = [];
  const titles = new Map<string, string>();
  const ended = await runThrough(rehearsal, {
    intent,
    answer: options.answer,
    tell(one) {
      told.push(one);
      if (!options.json) io.out(tellText(one, { io, titles, answer: options.answer }));
    },
  });
  if (options.json) io.out(`${JSON.stringify({ schema: 1, kind: 'rehearsal', parts: rehearsal.parts, intent, walk: told.flatMap(wireOf), ended }, null, 2)}\n`);
  else io.out(endText(ended, intent, io));
  return exitOf(ended);
}

function exitOf(ended: Ended): number {
  if (ended.end === 'refused') return exits.refused;
  return ended.end === 'stopped' || (ended.end === 'back' && ended.differs.length > 0) ? exits.internal : exits.ok;
}

const answers = ['keep', 'none'] as const;

function readOptions(args: readonly string[], io: Io): Options | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { seed: { type: 'string' }, assume: { type: 'string', multiple: true }, json: { type: 'boolean' }, answer: { type: 'string' }, device: { type: 'string' } },
    });
    const [machine, ...more] = positionals;
    const answer = answers.find((one) => one === (values.answer ?? 'keep'));
    if (machine === undefined || more.length > 0 || answer === undefined || !/^\d{1,9}$/.test(values.seed ?? '0')) {
      io.err(`${say(io.language, 'rehearse.usage')}\n`);
      return exits.usage;
    }
    const choices = readChoices(values.assume ?? [], io);
    if (choices === null) return exits.usage;
    return { machine, device: values.device, answer, choices, seed: values.seed === undefined ? null : Number(values.seed), json: values.json ?? false };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('.')[0] ?? '') : '';
    io.err(`${say(io.language, 'rehearse.bad-option', { why })}\n`);
    return exits.usage;
  }
}

function readChoices(words: readonly string[], io: Io): Choices | null {
  const choices: Record<string, string> = {};
  for (const word of words) {
    const [part = '', ...value] = word.split('=');
    if (!isPartName(part)) {
      io.err(`${say(io.language, 'rehearse.bad-part', { part, parts: partNames.join(', ') })}\n`);
      return null;
    }
    choices[part] = value.join('=');
  }
  return choices;
}

/** Why an answer was not taken: the record says otherwise, or it is no option. */
function misfitOf(rehearsal: Rehearsal, choices: Choices, io: Io): string | null {
  for (const { part, chosen, options, assumed } of rehearsal.parts) {
    const wish = choices[part];
    if (wish === undefined || wish === chosen) continue;
    return assumed ? say(io.language, 'rehearse.bad-choice', { part, chosen: wish, options: options.join(', ') }) : say(io.language, 'rehearse.stated', { part, chosen });
  }
  return null;
}

/** The wish for the named device; without one the first that a plan can be drawn for, else the first at all. */
function intentFor(rehearsal: Rehearsal, device: string | undefined): Intent | null {
  const all = wishes(probe(rehearsal.eyes(0)));
  if (device !== undefined) return all.find((one) => one.kind === 'dedicate' && one.devices.some((each) => each.address === device)) ?? null;
  const drawn = all.find((one) => {
    const plan = rehearsal.plan(one);
    return plan.ok && plan.value.steps.length > 0;
  });
  // With every consent given the reason is the machine's, not the person's.
  return drawn ?? all.find((one) => one.kind === 'dedicate' && one.consents.length > 0) ?? all[0] ?? null;
}

function openingText(rehearsal: Rehearsal, io: Io): string {
  const t = (key: Key, detail = {}): string => say(io.language, key, detail);
  const row = (part: Rehearsal['parts'][number]): readonly [string, string] => {
    const others = part.options.filter((option) => option !== part.chosen);
    return [`${t(`rehearse.part-${part.part}`)} (${part.part})`, others.length === 0 ? part.chosen : t('rehearse.or', { chosen: part.chosen, others: others.join(', ') })];
  };
  const assumed = rehearsal.parts.filter((part) => part.assumed);
  const stated = rehearsal.parts.filter((part) => !part.assumed);
  return [
    paragraph(io, t('rehearse.title')),
    ...(assumed.length === 0 ? [] : [heading(io, t('rehearse.assumed')), pairs(io, assumed.map(row)), paragraph(io, t('rehearse.assumed-hint'), '  ')]),
    ...(stated.length === 0 ? [] : [heading(io, t('rehearse.recorded')), pairs(io, stated.map(row))]),
  ].join('');
}

interface Telling {
  readonly io: Io;
  readonly titles: Map<string, string>;
  readonly answer: 'keep' | 'none';
}

function tellText(told: Told, { io, titles, answer }: Telling): string {
  const t = (key: Key, detail = {}): string => say(io.language, key, detail);
  switch (told.told) {
    case 'planned':
      return planText(told.plan, { io, titles, answer }) + heading(io, t('rehearse.walk'));
    case 'progress': {
      const title = titles.get(told.line.stepId ?? '');
      if (title === undefined || (told.line.phase !== 'verified' && told.line.phase !== 'undone')) return '';
      return paragraph(io, t(told.line.phase === 'verified' ? 'rehearse.step-verified' : 'rehearse.step-undone', { title }), '    ');
    }
    case 'did':
      return paragraph(io, told.result.ok ? t(`rehearse.did-${told.verb}`) : t('rehearse.failed', { verb: told.verb }), '  ');
    case 'started':
      return startText(told, io) + (told.why === 'trial' ? paragraph(io, t(`rehearse.answer-${answer}`), '  ') : '');
    case 'compared':
      return '\n' + paragraph(io, told.differs.length === 0 ? styled(io, 'green', t('rehearse.same')) : t('rehearse.differs', { paths: told.differs.join(' ') }));
    default:
      return told satisfies never;
  }
}

function planText(plan: Plan, { io, titles }: Telling): string {
  const t = (key: Key, detail = {}): string => say(io.language, key, detail);
  const count = plan.steps.length;
  const title = plan.intent.kind === 'dedicate' ? t('rehearse.plan', { address: plan.intent.devices.map((one) => one.address).join(' '), count }) : t('rehearse.plan-iommu', { count });
  const lines = (['now', 'prepare', 'trial', 'keep'] as const).flatMap((phase) => {
    const steps = plan.steps.filter((step) => step.phase === phase);
    return steps.length === 0 ? [] : [
      `  ${styled(io, 'bold', t(`step.phase.${phase}`))}\n`,
      ...steps.map((step) => {
        const { title: name, sentence: what } = describe(step, unnamed);
        titles.set(step.id, sentence(io.language, name.code, name.detail));
        return paragraph(io, sentence(io.language, what.code, what.detail), '    - ');
      }),
    ];
  });
  return [heading(io, title), ...lines].join('');
}

function startText(told: Extract<Told, { told: 'started' }>, io: Io): string {
  const t = (key: Key, detail = {}): string => say(io.language, key, detail);
  const { started } = told.boot;
  if (started.at !== 'up') return paragraph(io, t('rehearse.start-stuck', { why: started.why }), '  ');
  return [
    paragraph(io, t(`rehearse.start-${told.why}`, { entry: started.entry }), '  '),
    paragraph(io, told.bound.length === 0 ? t('rehearse.bound-none') : t('rehearse.bound', { addresses: told.bound.join(', ') }), '    '),
    paragraph(io, started.lit.length === 0 ? styled(io, 'yellow', t('rehearse.dark')) : t('rehearse.lit', { addresses: started.lit.join(', ') }), '    '),
  ].join('');
}

function endText(ended: Ended, intent: Intent, io: Io): string {
  switch (ended.end) {
    case 'nothing-to-do':
      return paragraph(io, say(io.language, 'rehearse.nothing-to-do'));
    case 'refused': {
      const title = intent.kind === 'dedicate' ? say(io.language, 'rehearse.refused', { address: intent.devices[0]?.address ?? '' }) : say(io.language, 'rehearse.refused-iommu');
      return `\n${paragraph(io, title)}${paragraph(io, reasonText(ended.problem, io), '  ')}`;
    }
    case 'stopped':
      if (ended.problem !== null) tell(io, ended.problem);
      return '';
    case 'back':
      return '';
    default:
      return ended satisfies never;
  }
}

/** The part that is not supported by name, or the planner's own sentence for its reason. */
function reasonText({ code, detail }: Problem, io: Io): string {
  if (code === 'unsupported-host') return say(io.language, 'rehearse.unsupported', { part: detail['part'] ?? '', name: detail['name'] ?? '' });
  const why = detail['why'] ?? '';
  const key = `step.refused.${why}`;
  const words = sentence(io.language, key, detail);
  return words === key ? say(io.language, 'rehearse.reason', { code, why }) : words;
}

/** Progress lines would bury the rest; a reader of JSON gets what was planned, done, started and compared. */
function wireOf(told: Told): readonly object[] {
  if (told.told === 'progress') return [];
  if (told.told === 'planned') return [{ told: told.told, steps: told.plan.steps.map(({ id, kind, phase }) => ({ id, kind, phase })) }];
  return [told];
}
