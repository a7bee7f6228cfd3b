// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { planHash, type PlanHash } from '../../contract/plan';
import type { Change, Review, ReviewStep, Sentence } from '../../contract/review';
import type { VmThing } from '../../contract/vm-half';
import { canonicalText } from '../../core/plan/canonical';
import { lineDiff } from '../../core/step/diff';
import { uris } from './ask';
import { stepsOf } from './half';
import type { Wanted } from './wanted';

const code = (name: string, detail: Sentence['detail'] = {}): Sentence => ({ code: name, detail });

/** The VM half as the person reads it: one step for each thing that is made, and the definition line by line. */
export function vmSteps(wanted: Wanted): ReviewStep[] {
  const ids = stepsOf(wanted.things, wanted.after);
  const step = (id: string, kind: string, body: Pick<ReviewStep, 'sentence' | 'list' | 'changes' | 'undo'>): ReviewStep => ({ id, kind, phase: 'now', ...body });
  const things = wanted.things.map((thing, at) => step(ids[at] ?? '', kindOf(thing), thingBody(thing)));
  // A VM that only lacked a network keeps its definition.
  if (wanted.before === wanted.after) return things;
  return [...things, step(ids.at(-1) ?? '', ids.at(-1) ?? '', definitionBody(wanted))];
}

const kindOf = (thing: VmThing): string => (thing.kind === 'volume' && thing.holds === 'answers' ? 'vm-answers' : `vm-${thing.kind}`);

const command = (...words: readonly (string | number)[]): Change => ({ kind: 'command', line: `virsh -c ${uris.system} ${words.join(' ')}`.slice(0, 1024) });

function thingBody(thing: VmThing): Pick<ReviewStep, 'sentence' | 'list' | 'changes' | 'undo'> {
  switch (thing.kind) {
    case 'network': {
      const define = thing.define ? [command('net-define', '/usr/share/libvirt/networks/default.xml')] : [];
      return { sentence: code('step.vm-network.sentence', { name: thing.name }), list: [], changes: [...define, command('net-start', thing.name), ...(thing.autostart ? [command('net-autostart', thing.name)] : [])], undo: code('step.vm-network.undo', { name: thing.name }) };
    }
    case 'pool': {
      const define = thing.define ? [command('pool-define-as', '--name', thing.name, '--type', 'dir', '--target', thing.path)] : [];
      return { sentence: code('step.vm-pool.sentence', { path: thing.path }), list: [], changes: [...define, command('pool-start', thing.name)], undo: code('step.vm-pool.undo', { path: thing.path }) };
    }
    case 'volume': {
      const size = String(Math.ceil(thing.bytes / 2 ** 30));
      const kind = kindOf(thing);
      const made = command('vol-create-as', '--pool', thing.pool, '--name', thing.name, '--capacity', `${thing.bytes}B`, '--format', thing.format);
      const uploaded = thing.holds === 'answers' ? [command('vol-upload', '--pool', thing.pool, '--vol', thing.name, '--file', 'answers.iso')] : [];
      return { sentence: code(`step.${kind}.sentence`, { path: thing.path, size }), list: [], changes: [made, ...uploaded], undo: code(`step.${kind}.undo`, { path: thing.path }) };
    }
    default:
      return thing satisfies never;
  }
}

/** Longer lines than the screen's shape allows are shown cut; the text itself is not. */
const shown = (lines: ReturnType<typeof lineDiff>) => lines.map(({ mark, text }) => ({ mark, text: text.slice(0, 4096) }));

function definitionBody({ name, before, after, what, also }: Wanted): Pick<ReviewStep, 'sentence' | 'list' | 'changes' | 'undo'> {
  const lines = shown(lineDiff(before ?? '', after ?? ''));
  const change: Change = { kind: 'file', path: `${name}.xml`, what: what === 'create' ? 'create' : what === 'remove' ? 'remove' : 'replace', lines };
  const kind = after === null ? 'vm-undefine' : 'vm-define';
  return { sentence: code(`step.${kind}.sentence`, { name, what }), list: [...also], changes: [change], undo: code(`step.${kind}.undo`, { name, what }) };
}

/** More lines than a person or the window can take are no review. */
export const reviewLimit = 18_000;
export const linesOf = ({ before, after }: Wanted): number => [before, after].reduce((sum, text) => sum + (text ?? '').split('\n').length, 0);

/** What is approved: the host's plan by its hash, and every byte that libvirt will be given. */
export function hashOf(wanted: Wanted, host: PlanHash | null): PlanHash {
  const sha = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const { uuid, before, after, things, contents } = wanted;
  const text = canonicalText({ schema: 1, host, uuid, before: before === null ? null : sha(before), after: after === null ? null : sha(after), things, answers: contents.answers === null ? null : sha(contents.answers) });
  return planHash.parse(sha(text));
}

/** Both halves as one: the host's steps first, as they are done first. */
export function bothHalves(wanted: Wanted, host: Review | null): Review {
  const nothing = wanted.before === wanted.after && wanted.things.length === 0;
  const steps = nothing ? [] : vmSteps(wanted);
  if (host === null) return { hash: hashOf(wanted, null), nothingToDo: nothing, needsRestart: false, steps, assumptions: [], gives: [], stays: [] };
  return { ...host, hash: hashOf(wanted, host.hash), nothingToDo: nothing && host.nothingToDo, steps: [...host.steps, ...steps] };
}
