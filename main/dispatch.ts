// SPDX-License-Identifier: GPL-3.0-or-later
import { askNames, type AskName, type TellName } from '../contract/names';
import { failed, type Result } from '../contract/problem';
import { asks, tells, type AskOut, type AskRead, type TellBody } from '../contract/ui';

/** The answer to each question; a throw is a bug and reaches the window as `internal`. */
export type Answers = { readonly [N in AskName]: (input: AskRead<N>) => Result<AskOut<N>> | Promise<Result<AskOut<N>>> };

export type Dispatch = (name: unknown, input: unknown) => Promise<Result<unknown>>;

const isAsk = (name: unknown): name is AskName => askNames.some((known) => known === name);

/** One gate for both doors: the name is in the table, the question has its exact shape, and so has the answer. */
export function dispatcher(answers: Answers, report: (bug: unknown) => void): Dispatch {
  return async (name, input) => {
    if (!isAsk(name)) return failed('protocol', { why: 'name' });
    try {
      return await answerOne(answers, name, input);
    } catch (bug) {
      report(bug);
      return failed('internal', { ask: name });
    }
  };
}

async function answerOne(answers: Answers, name: AskName, input: unknown): Promise<Result<unknown>> {
  const shape = asks[name].in.safeParse(input);
  if (!shape.success) return failed('protocol', { ask: name, why: 'shape' });
  const answer = await (answers[name] as (input: unknown) => Result<unknown> | Promise<Result<unknown>>)(shape.data);
  return answer.ok ? { ok: true, value: asks[name].out.parse(answer.value) } : answer;
}

export type Hearer = (name: TellName, body: unknown) => void;
export interface News {
  tell<N extends TellName>(name: N, body: TellBody<N>): void;
  subscribe(hearer: Hearer): () => void;
}

/** News for every open window; each is checked against its shape before it leaves. */
export function openNews(): News {
  const hearers = new Set<Hearer>();
  return {
    tell(name, body) {
      const checked: unknown = tells[name].parse(body);
      for (const hearer of hearers) hearer(name, checked);
    },
    subscribe(hearer) {
      hearers.add(hearer);
      return () => void hearers.delete(hearer);
    },
  };
}
