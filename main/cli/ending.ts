// SPDX-License-Identifier: GPL-3.0-or-later
import type { ManagedCard } from '../../contract/hand-off';
import { concerned, readDomain } from '../../core/hand-off/gate';
import { say } from '../../words/say';
import type { Person } from './confirm';
import { printable } from './hand-off-words';
import type { Io } from './io';
import { heading, paragraph } from './layout';

/** What is known of a VM before it is started. */
export interface Starting {
  readonly name: string;
  readonly cards: readonly ManagedCard[];
  /** Its definition as libvirt prints it; null: it could not be had. */
  readonly xml: string | null;
  /** What to type on another computer to press its power button; null where none can get in. */
  readonly reach: string | null;
}

/** Whether its start ends the desktop. What cannot be read may well do so, wherever any card is set up like that. */
export function endsDesktop({ cards, xml }: Pick<Starting, 'cards' | 'xml'>): boolean {
  const singles = cards.filter((card) => card.way === 'single-card');
  if (singles.length === 0) return false;
  const domain = xml === null ? null : readDomain(xml);
  return domain?.ok !== true || concerned(singles, domain.value).length > 0;
}

/** Says what ends and what leads back, and asks; true: go on. A start that ends nothing is not asked about. */
export async function mayEnd(starting: Starting, { io, person, yes }: { readonly io: Io; readonly person: Person | null; readonly yes: boolean }): Promise<boolean> {
  if (!endsDesktop(starting)) return true;
  const name = printable(starting.name);
  const way = (key: 'hand-off.cli-ends-guest' | 'hand-off.cli-ends-failed' | 'hand-off.cli-ends-alone' | 'hand-off.cli-ends-remote' | 'hand-off.cli-ends-power'): string => paragraph(io, say(io.language, key, { name }), '  - ');
  // A line to copy is never broken.
  const remote = starting.reach === null ? [way('hand-off.cli-ends-alone')] : [way('hand-off.cli-ends-remote'), `      ${starting.reach}\n`];
  const ways = [way('hand-off.cli-ends-guest'), way('hand-off.cli-ends-failed'), ...remote, way('hand-off.cli-ends-power')];
  io.err([paragraph(io, say(io.language, 'hand-off.cli-ends', { name })), heading(io, say(io.language, 'trial.way.desktop-title')), ...ways].join(''));
  if (yes) return true;
  const agreed = /^(?:y|yes|是)$/i.test((await person?.ask(`${say(io.language, 'hand-off.cli-ends-ask', { name })} `)) ?? '');
  if (!agreed) io.err(paragraph(io, say(io.language, person === null ? 'apply.say-yes' : 'apply.not-done')));
  return agreed;
}
