// SPDX-License-Identifier: GPL-3.0-or-later
import { helperRequests, type HelperVerb, type LookedPlace } from '../contract/helper';
import { failed, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { apply } from './apply';
import { askNobody } from './ask-everybody';
import type { Desk } from './desk';
import { takeBack } from './hook/take-back';
import { keep } from './keep';
import { look, type Looked } from './look';
import { recover } from './recover';
import { restore } from './restore';
import { goBack, undo, undoLast } from './undo';
import { saveVmPoint } from './vm/save-vm';
import { guard } from './watch';
import { readRequest } from './wire';

/** Verbs that read one line; the others read nothing. */
export const takesLine = (verb: HelperVerb): boolean => Object.hasOwn(helperRequests, verb);

/** What a verb leaves behind; only a look tells places. */
export type Done = Outcome | Looked;

/** Does what a verb says, with its request line where it has one. */
export async function perform(desk: Desk, verb: HelperVerb, line: string): Promise<Result<Done>> {
  switch (verb) {
    case 'apply':
      return on(readRequest(helperRequests.apply, line), (request) => apply(desk, request));
    case 'keep':
      return answered(desk, on(readRequest(helperRequests.keep, line), (request) => keep(desk, request)));
    case 'undo':
      return answered(desk, on(readRequest(helperRequests.undo, line), (request) => undo(desk, request)));
    case 'go-back':
      return answered(desk, goBack(desk));
    case 'undo-last':
      return answered(desk, undoLast(desk));
    case 'recover':
      return recover(desk);
    case 'guard':
      return guard(desk, sayOnConsole);
    case 'take-back':
      return takeBack(desk, desk.hands.now());
    case 'look':
      return on(readRequest(helperRequests.look, line), (request) => look(desk, request));
    case 'restore':
      return on(readRequest(helperRequests.restore, line), (request) => restore(desk, request));
    case 'save-vm':
      return on(readRequest(helperRequests['save-vm'], line), (request) => saveVmPoint(desk, request));
    case 'hook':
      return Promise.resolve(failed('refused', { why: 'not-yet', verb }));
    default:
      return verb satisfies never;
  }
}

/** The two parts of an end line. */
export function endOfDone(done: Done): { readonly outcome: Outcome; readonly places: LookedPlace[] } {
  const { transaction, state, restart, regenerate } = done;
  return { outcome: { transaction, state, restart, regenerate }, places: 'places' in done ? [...done.places] : [] };
}

/** What was kept or undone asks no longer. */
async function answered(desk: Desk, work: Promise<Result<Outcome>>): Promise<Result<Outcome>> {
  const result = await work;
  if (result.ok) askNobody(desk.hands);
  return result;
}

/** The guard's unit leads standard output to the journal and the console; `<0>` is shown to everybody who is logged in (sd-daemon(3), ForwardToWall=). */
function sayOnConsole(line: string, how: 'quiet' | 'aloud'): void {
  process.stdout.write(`${how === 'aloud' ? '<0>' : '<5>'}${line}\n`);
}

async function on<T, D extends Done>(request: Result<T>, work: (request: T) => Promise<Result<D>>): Promise<Result<D>> {
  return request.ok ? work(request.value) : request;
}
