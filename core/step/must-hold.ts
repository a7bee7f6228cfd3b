// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, Plan, Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { ruleOf } from './kinds';
import { proveConfig, proveEntry, proveImage } from './proof';
import type { Check, CheckView, StartCheck, StepView } from './rule';
import { isWanted } from './setting';
import { trialArg } from './tokens';

export type { Check, CheckView, StartCheck } from './rule';

/** What must hold after the step; `before` shows the places as they were when the step began. */
export function mustHold(step: Step, before: StepView): Result<readonly Check[]> {
  const rule = ruleOf(step);
  const changes = rule.changes(before);
  if (!changes.ok) return changes;
  const checks: Check[] = [];
  for (const change of changes.value) {
    if (change.change === 'write') checks.push({ check: 'text', place: change.place, text: change.text });
    if (change.change === 'remove') checks.push({ check: 'absent', place: change.place });
    if (change.change === 'put-back')
      checks.push(change.then === null ? { check: 'absent', place: change.place } : { check: 'stands', place: change.place, then: change.then });
    if (change.change === 'copy-config')
      checks.push({ check: 'config-copy', place: change.place, files: change.files });
    if (change.change === 'set') checks.push({ check: 'set', setting: change.setting, to: change.to });
  }
  const more = rule.proofs?.(before) ?? ok([]);
  return more.ok ? ok([...checks, ...more.value]) : more;
}

/** Whether a check holds in what was found; the problem says which part does not. */
export function holds(check: Check, found: CheckView): Result<void> {
  switch (check.check) {
    case 'text':
      return textIs(found, check.place, check.text)
        ? ok(undefined)
        : failed('step-failed', { why: 'not-as-written', place: check.place });
    case 'absent':
      return textIs(found, check.place, null)
        ? ok(undefined)
        : failed('step-failed', { why: 'still-there', place: check.place });
    case 'stands':
      return stands(check, found);
    case 'image':
      return imageHolds(check, found);
    case 'config-copy':
      return copyHolds(check, found);
    case 'set': {
      const value = found.value(check.setting);
      return value.ok ? isWanted(check.setting, check.to, value.value) : value;
    }
    case 'config':
      return onText(found, check.place, (text) => proveConfig(check.old, text, check.start));
    case 'entry':
      return onText(found, check.place, (custom) =>
        onText(found, 'grub-config', (config) => {
          const env = found.text('grub-env');
          return env.ok ? proveEntry(custom, { config, env: env.value }, check) : env;
        }),
      );
    default:
      return check satisfies never;
  }
}

function stands({ place, then }: Extract<Check, { check: 'stands' }>, found: CheckView): Result<void> {
  const is = found.standing(place);
  if (!is.ok) return is;
  const same = is.value?.sha256 === then.sha256 && is.value.mode === then.mode && is.value.uid === then.uid && is.value.gid === then.gid;
  return same ? ok(undefined) : failed('step-failed', { why: 'not-as-written', place });
}

function textIs(found: CheckView, place: Place, wanted: string | null): boolean {
  const text = found.text(place);
  return text.ok && text.value === wanted;
}

function onText(found: CheckView, place: Place, prove: (text: string) => Result<void>): Result<void> {
  const text = found.text(place);
  if (!text.ok) return text;
  return text.value === null ? failed('step-failed', { why: 'not-there', place }) : prove(text.value);
}

function imageHolds(check: Extract<Check, { check: 'image' }>, found: CheckView): Result<void> {
  const image = found.image(check.place);
  if (!image.ok) return image;
  return image.value === null
    ? failed('step-failed', { why: 'not-there', place: check.place })
    : proveImage(image.value, check);
}

function copyHolds(check: Extract<Check, { check: 'config-copy' }>, found: CheckView): Result<void> {
  for (const wanted of check.files) {
    const file = found.file(check.place, wanted.name);
    if (!file.ok) return file;
    const isRight = file.value !== null && file.value.text === wanted.text && (file.value.mode & 0o100) !== 0;
    if (!isRight) return failed('step-failed', { why: 'not-as-written', place: check.place });
  }
  return ok(undefined);
}

/** What the self check of a start looks at: in the trial, and at every start once kept. */
export function expectAfterStart(plan: Plan, transaction: string, when: 'trial' | 'kept'): readonly StartCheck[] {
  return [
    ...(when === 'trial' ? [{ check: 'argument' as const, arg: trialArg(transaction) }] : []),
    ...plan.steps.flatMap((step) => ruleOf(step).afterStart?.(transaction) ?? []),
  ];
}
