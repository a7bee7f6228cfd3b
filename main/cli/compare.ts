// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import type { Compared, ComparedPlace } from '../../contract/point';
import { liveMachine } from '../../host/live';
import { lookStore } from '../../host/look-store';
import type { Machine } from '../../host/machine';
import { say } from '../../words/say';
import { compareOn } from '../points';
import type { Texts } from '../texts';
import { exits, type Io } from './io';
import { heading, paragraph, styled } from './layout';
import { withTexts } from './own-texts';
import { pointRefOf } from './point-ref';
import { tell } from './tell';

/** `switchyard compare A [B|now]`: what differs, and who made the difference. Needs no password. */
export async function compareCommand(args: readonly string[], io: Io, machine: Machine = liveMachine()): Promise<number> {
  const words = readWords(args);
  const all = lookStore(machine);
  const [first = '', second = 'now'] = words?.points ?? [];
  if (words === null || first === '') {
    io.err(`${say(io.language, 'compare.usage')}\n`);
    return exits.usage;
  }
  const from = pointRefOf(first, all);
  const to = second === 'now' ? null : pointRefOf(second, all);
  if (from === null || (to === null && second !== 'now')) {
    tell(io, { code: 'not-found', detail: { why: 'point' } });
    return exits.noInput;
  }
  const compared = await withTexts((texts: Texts) => compareOn(machine, { from, to }, { texts, now: Date.now() }));
  if (!compared.ok) {
    tell(io, compared.problem);
    return exits.unavailable;
  }
  io.out(words.json ? `${JSON.stringify({ schema: 1, kind: 'compared', ...compared.value }, null, 2)}\n` : comparedText(compared.value, { io, second }));
  return exits.ok;
}

function readWords(args: readonly string[]): { readonly points: readonly string[]; readonly json: boolean } | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: 'boolean' } } });
    return positionals.length > 2 ? null : { points: positionals, json: values.json ?? false };
  } catch {
    return null;
  }
}

function comparedText(compared: Compared, { io, second }: { readonly io: Io; readonly second: string }): string {
  const from = `${compared.from.transaction}:${compared.from.side}`;
  const to = second === 'now' ? say(io.language, 'compare.now') : `${compared.to?.transaction ?? ''}:${compared.to?.side ?? ''}`;
  const title = heading(io, say(io.language, 'compare.title', { from, to }));
  const { then, now } = compared.kernel;
  const lines = [
    ...compared.places.filter(({ what }) => what !== 'same').map((place) => placeText(place, io)),
    ...compared.devices.filter(({ what }) => what !== 'same').map((device) => paragraph(io, say(io.language, 'compare.device', { address: device.name ?? device.address, then: device.then ?? '-', now: device.now ?? '-' }), '  ')),
    ...(then === now ? [] : [paragraph(io, say(io.language, 'compare.kernel', { then: then ?? '-', now: now ?? '-' }), '  ')]),
  ];
  return title + (lines.length === 0 ? paragraph(io, say(io.language, 'compare.same'), '  ') : lines.join(''));
}

function placeText({ path, what, by, change }: ComparedPlace, io: Io): string {
  const head = paragraph(io, `${styled(io, 'bold', path)}  ${say(io.language, `compare.what.${what}`)}, ${say(io.language, `compare.by.${by}`)}`, '  ');
  if (change === null) return head;
  if (change.kind !== 'file') return head + paragraph(io, say(io.language, 'compare.hidden'), '    ');
  return head + change.lines.filter(({ mark }) => mark !== ' ').map(({ mark, text }) => `    ${mark} ${text}\n`).join('');
}
