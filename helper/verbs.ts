// SPDX-License-Identifier: GPL-3.0-or-later
import { helperRequests, type HelperVerb } from '../contract/helper';
import { failed, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { apply } from './apply';
import type { Desk } from './desk';
import { keep } from './keep';
import { recover } from './recover';
import { goBack, undo, undoLast } from './undo';
import { readRequest } from './wire';

/** Verbs that read one line; the others read nothing. */
export const takesLine = (verb: HelperVerb): boolean => Object.hasOwn(helperRequests, verb);

/** Does what a verb says, with its request line where it has one. */
export async function perform(desk: Desk, verb: HelperVerb, line: string): Promise<Result<Outcome>> {
  switch (verb) {
    case 'apply':
      return on(readRequest(helperRequests.apply, line), (request) => apply(desk, request));
    case 'keep':
      return on(readRequest(helperRequests.keep, line), (request) => keep(desk, request));
    case 'undo':
      return on(readRequest(helperRequests.undo, line), (request) => undo(desk, request));
    case 'go-back':
      return goBack(desk);
    case 'undo-last':
      return undoLast(desk);
    case 'recover':
      return recover(desk);
    case 'look':
    case 'restore':
    case 'save-vm':
    case 'hook':
      return Promise.resolve(failed('refused', { why: 'not-yet', verb }));
    default:
      return verb satisfies never;
  }
}

async function on<T>(request: Result<T>, work: (request: T) => Promise<Result<Outcome>>): Promise<Result<Outcome>> {
  return request.ok ? work(request.value) : request;
}
