// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import type { AskName } from '../../../contract/names';
import type { Intent } from '../../../contract/plan';
import type { Result } from '../../../contract/problem';
import type { RunState } from '../../../contract/run';
import type { AskIn, AskOut } from '../../../contract/ui';
import { openApp } from '../../../main/app';
import { still } from './still';

/** One whole walk through a rehearsal, as the real main process told it, with times and names of transactions made fixed. */
export interface Rehearsed {
  readonly look: AskOut<'machine.look'>;
  readonly after: AskOut<'machine.look'>;
  readonly drawn: AskOut<'plan.draw'>;
  readonly revealed: AskOut<'plan.reveal'>;
  readonly working: RunState;
  readonly restartNeeded: RunState;
  readonly asking: RunState;
  readonly kept: RunState;
  readonly history: AskOut<'history.list'>;
  readonly wayBack: AskOut<'history.way-back'>;
  readonly undone: RunState;
  readonly recordings: AskOut<'machine.recordings'>;
}

/** Walks the real main process, in this process, through a rehearsal of a recording: look, plan, apply, trial, keep, undo. */
export async function rehearse(recording: string, card: string, choices: Readonly<Record<string, string>> = {}): Promise<Rehearsed> {
  const app = openApp({ kind: 'electron', why: null }, path.resolve('assets'));
  const ask = async <N extends AskName>(name: N, input: AskIn<N>): Promise<AskOut<N>> => {
    const reply = (await app.dispatch(name, input)) as Result<AskOut<N>>;
    if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.problem)}`);
    return reply.value;
  };
  const news: RunState[] = [];
  app.news.subscribe((name, body) => {
    if (name === 'run.news') news.push(structuredClone(body as RunState));
  });
  const until = async (at: RunState['at']): Promise<RunState> => {
    for (let tries = 0; tries < 400; tries += 1) {
      const found = news.findLast((run) => run.at === at);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`never ${at}: ${news.map((run) => `${run.at} ${run.problem?.code ?? ''}`).join(', ')}`);
  };
  const recordings = await ask('machine.recordings', {});
  const { machine } = (await ask('machine.rehearse', { of: { kind: 'recording', recording }, choices })).entry;
  const look = await ask('machine.look', { machine, again: false });
  const chosen = look.assessment.cards.find((it) => it.gpu === card);
  if (chosen === undefined) throw new Error(`no card ${card}`);
  const devices = look.facts.pci.functions
    .filter((it) => it.address === card || chosen.companions.includes(it.address))
    .map(({ address, vendor, device, subsystemVendor, subsystemDevice }) => ({ address, vendor, device, subsystemVendor, subsystemDevice }));
  const intent: Intent = { kind: 'dedicate', devices, consents: [] };
  const drawn = await ask('plan.draw', { machine, intent });
  const approved = drawn.review.hash;
  const revealed = await ask('plan.reveal', { machine, intent, approved });
  await ask('run.apply', { machine, intent, approved });
  const restartNeeded = await until('restart-needed');
  const working = news.find((run) => run.at === 'working' && run.steps.some((step) => step.state === 'changing')) ?? restartNeeded;
  const { run } = await ask('run.restart', { machine, firmware: false });
  const asking = run?.at === 'asking' ? run : await until('asking');
  await ask('run.keep', { machine });
  const kept = await until('kept');
  const after = await ask('machine.look', { machine, again: true });
  const history = await ask('history.list', { machine });
  if (kept.transaction === null) throw new Error('kept without a transaction');
  const wayBack = await ask('history.way-back', { machine, transaction: kept.transaction });
  await ask('run.undo', { machine, transaction: kept.transaction });
  const undone = await until('undone').catch(() => kept);
  await app.close();
  return still({ look, after, drawn, revealed, working, restartNeeded, asking, kept, history, wayBack, undone, recordings });
}
