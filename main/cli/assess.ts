// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Finding } from '../../contract/finding';
import type { Assessment, Card, Reason } from '../../contract/verdict';
import { assess } from '../../core/judge/assess';
import { say, type Key, type Language } from '../../words/say';
import { exits, type Io } from './io';
import { heading, mark, pairs, paragraph, styled } from './layout';
import { factsFor, readOptions } from './source';
import { sentence } from './tell';

/** `switchyard assess`: the judgement of this machine, a recorded one or pasted text, in words or as one JSON object. */
export async function assessCommand(args: readonly string[], io: Io): Promise<number> {
  const options = readOptions(args, io);
  if (typeof options === 'number') return options;
  const facts = await factsFor(options, io);
  if (typeof facts === 'number') return facts;
  const assessment = assess(facts);
  io.out(options.json ? assessmentJson(facts, assessment, io.language) : assessmentText(facts, assessment, io, options.why));
  return exits.ok;
}

/** Schema 1 of docs/json.md: the assessment with a sentence beside every code. */
export function assessmentJson(facts: HostFacts, assessment: Assessment, language: Language): string {
  const spoken = withWords(assessment, language);
  const head = { schema: assessment.schema, kind: 'assessment', source: facts.source, language };
  return `${JSON.stringify(typeof spoken === 'object' ? { ...head, ...spoken } : head, null, 2)}\n`;
}

/** Every object with a sentence's `code` gets its `words`; anything else is copied as it is. */
function withWords(value: unknown, language: Language): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withWords(item, language));
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, withWords(item, language)]));
  if ('code' in value && typeof value.code === 'string' && 'detail' in value) {
    const detail = Object.fromEntries(Object.entries(value.detail ?? {}).map(([key, item]) => [key, String(item)]));
    return { ...copy, words: sentence(language, `finding.${value.code}`, detail) };
  }
  return copy;
}

const titles: Readonly<Record<HostFacts['source'], Key>> = {
  live: 'cli.title-assess',
  'machine-file': 'cli.title-assess-other',
  text: 'cli.title-assess-text',
};

function assessmentText(facts: HostFacts, assessment: Assessment, io: Io, why: boolean): string {
  const { recommendation, readiness, cards, missing } = assessment;
  const t = (key: Key, detail = {}): string => say(io.language, key, detail);
  const next = recommendation.next;
  return [
    `${styled(io, 'bold', t(titles[facts.source]))}\n`,
    styled(io, 'dim', paragraph(io, t('cli.looked-only'))),
    '\n',
    paragraph(io, reasonWords(io, recommendation.reason)),
    next === null ? '' : heading(io, t('cli.next')) + findingLines(io, next, why),
    heading(io, t('cli.cards')),
    cards.length === 0 ? `  ${t('cli.no-cards')}\n` : cards.map((card) => cardLines(io, { facts, assessment, why }, card)).join('\n'),
    readiness.length === 0 ? '' : heading(io, t('cli.checks')) + readiness.filter((finding) => finding !== next).map((finding) => findingLines(io, finding, why)).join(''),
    missing.length === 0 ? '' : heading(io, t('cli.missing')),
    ...missing.map(({ what, command }) => {
      const named = sentence(io.language, `finding.missing-${what}`, {});
      return paragraph(io, command === null ? t('cli.missing-bare', { what: named }) : t('cli.missing-line', { what: named, command }), '  - ');
    }),
  ].join('');
}

const reasonWords = (io: Io, reason: Reason | Finding): string => sentence(io.language, `finding.${reason.code}`, reason.detail);

function findingLines(io: Io, finding: Finding, why: boolean): string {
  const word = say(io.language, `cli.weight-${finding.weight}`);
  const lead = `  ${mark(io, finding.weight)} `;
  const lines = [paragraph(io, `${word}: ${reasonWords(io, finding)}`, lead, '    ')];
  if (finding.next !== undefined && finding.weight !== 'good') {
    lines.push(paragraph(io, sentence(io.language, `finding.${finding.next.code}`, finding.next.detail), '    > ', '      '));
    if (finding.next.command !== undefined) lines.push(`      ${styled(io, 'cyan', finding.next.command)}\n`);
  }
  if (why) lines.push(...finding.evidence.map((one) => styled(io, 'dim', paragraph(io, `${one.place}: ${one.value}`, '      '))));
  return lines.join('');
}

/** What a card's lines are drawn from. */
interface Judged {
  readonly facts: HostFacts;
  readonly assessment: Assessment;
  readonly why: boolean;
}

function cardLines(io: Io, judged: Judged, card: Card): string {
  const t = (key: Key): string => say(io.language, key);
  const { assessment, why } = judged;
  const answer = assessment.verdict.passthrough.find((one) => one.gpu === card.gpu);
  const title = `  ${styled(io, 'bold', card.name)}  ${styled(io, 'dim', card.gpu)}\n`;
  const verdict = answer === undefined ? '' : paragraph(io, `${say(io.language, `cli.possible-${answer.verdict}`)}: ${reasonWords(io, answer.reason)}`, '    ');
  const rows: (readonly [string, string])[] = [
    [t('cli.group'), answer?.iommu_group == null ? t('cli.no-group') : String(answer.iommu_group)],
    [t('cli.moves'), named(io, judged.facts, card.companions)],
    [t('cli.stays'), named(io, judged.facts, card.staysOnHost)],
  ];
  if (card.blockers.length > 0) rows.push([t('cli.blocks'), named(io, judged.facts, card.blockers)]);
  for (const way of card.ways) {
    const first = way.reasons[0];
    const possible = say(io.language, `cli.possible-${way.possible}`);
    rows.push([t(`cli.way-${way.kind}`), first === undefined ? possible : `${possible} - ${reasonWords(io, first)}`]);
  }
  return title + verdict + pairs(io, rows).replaceAll(/^ {2}/gm, '    ') + card.findings.map((finding) => findingLines(io, finding, why)).join('');
}

/** Devices by address and, where somebody named them, by name. */
function named(io: Io, facts: HostFacts, addresses: readonly string[]): string {
  if (addresses.length === 0) return say(io.language, 'cli.nothing');
  const name = (address: string): string => facts.pci.functions.find((one) => one.address === address)?.name ?? '';
  return addresses.map((address) => `${address} ${name(address)}`.trim()).join('; ');
}
