// SPDX-License-Identifier: GPL-3.0-or-later
import type { CardHolder, HandEnd, HandPhase, HandRecord, HandStatus, HandWay } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import type { Change } from './way-out';

/** The last round of a VM as its journal tells it. */
export interface Round {
  readonly boot: string;
  readonly way: HandWay;
  readonly vm: string;
  readonly devices: readonly PciAddress[];
  readonly since: number;
  /** Milliseconds since 1970 of its last line. */
  readonly last: number;
  /** Null: it was cut off, or goes on. */
  readonly end: HandEnd | null;
  readonly why: string | null;
  readonly phases: readonly { readonly phase: HandPhase; readonly took: number }[];
  readonly holders: readonly CardHolder[];
}

/** What a VM's journal says from its beginning; the only place where the state of its cards comes from. */
export interface HandStory {
  readonly last: Round | null;
  /** Changes that were begun in this start and are not known to be undone: what the way back is made of. */
  readonly begun: readonly Change[];
  /** Functions it was given or may have half. */
  readonly devices: readonly PciAddress[];
  readonly stuck: boolean;
  /** Times in a row that a card was tried to be taken back and did not come home. */
  readonly tries: number;
}

const nothing: HandStory = { last: null, begun: [], devices: [], stuck: false, tries: 0 };

/** Bindings do not outlive a start: lines of another one count for what happened, never for what is. */
export function readStory(records: readonly HandRecord[], boot: string): HandStory {
  const told = records.reduce(follow, nothing);
  return told.last === null || told.last.boot === boot ? told : { ...told, begun: [], devices: [], stuck: false, tries: 0 };
}

function follow(story: HandStory, record: HandRecord): HandStory {
  if (record.kind === 'round') return open(story, record);
  if (story.last === null) return story;
  const now = { ...story, last: { ...story.last, last: record.at } };
  switch (record.kind) {
    case 'phase':
      return { ...now, last: { ...now.last, phases: addTime(now.last.phases, record.phase, record.took) } };
    case 'held':
      return { ...now, last: { ...now.last, holders: record.holders } };
    case 'begun':
      return now.last.way === 'give' && record.was !== null ? { ...now, begun: [...now.begun, { act: record.act, was: record.was }] } : now;
    case 'done':
      return now;
    case 'failed':
      return { ...now, stuck: now.stuck || record.why === 'stuck' };
    case 'end':
      return close({ ...now, last: { ...now.last, end: record.end, why: record.why } });
    default:
      return record satisfies never;
  }
}

function open(story: HandStory, { boot, way, vm, devices, at }: Extract<HandRecord, { readonly kind: 'round' }>): HandStory {
  const fresh = story.last !== null && story.last.boot !== boot ? nothing : story;
  const last: Round = { boot, way, vm, devices, since: at, last: at, end: null, why: null, phases: [], holders: [] };
  return { ...fresh, devices: way === 'give' ? [...new Set([...fresh.devices, ...devices])] : fresh.devices, last };
}

/** At home, or refused with nothing begun before: nothing is out any more. */
function close(story: HandStory): HandStory {
  const end = story.last?.end;
  if (end === 'home' || (end === 'refused' && story.begun.length === 0)) return { ...story, begun: [], devices: [], tries: 0 };
  return { ...story, stuck: story.stuck || end === 'stuck', tries: end === 'adrift' ? story.tries + 1 : story.tries };
}

function addTime(phases: Round['phases'], phase: HandPhase, took: number): Round['phases'] {
  return phases.some((one) => one.phase === phase) ? phases.map((one) => (one.phase === phase ? { phase, took: one.took + took } : one)) : [...phases, { phase, took }];
}

/** What everybody may read of it: no process number, no unit, no path. */
export function statusOf(round: Round): HandStatus {
  const { vm, boot, way, end, why, since } = round;
  return { schema: 1, vm, devices: [...round.devices], boot, way, end, why, since, phases: [...round.phases].slice(0, 32), holders: round.holders.slice(0, 64).map(({ kind, name }) => ({ kind, name })) };
}
