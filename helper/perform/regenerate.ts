// SPDX-License-Identifier: GPL-3.0-or-later
import type { Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { readDropIn } from '../../core/step/drop-in';
import { ruleOf } from '../../core/step/kinds';
import { pathOf } from '../../core/step/places';
import { proveImageWithout, proveWithout } from '../../core/step/proof';
import type { StepChange, StepView } from '../../core/step/rule';
import { discard, swapBeside } from '../replace-file';
import { besideOf } from '../territory';
import { textAt, type Bench } from './bench';
import { generatedBeside, need } from './put';
import { readImage } from './read-image';

/** systemd reads its units anew; what runs goes on as it was started. */
export async function reloadUnits(bench: Bench): Promise<Result<void>> {
  const reloaded = await need(bench, { program: 'systemctl-daemon-reload' });
  return reloaded.ok ? ok(undefined) : reloaded;
}

/** After files went back: what the running system has to read anew. Gives the steps of which it still has to, because it is not running yet or would not. */
export async function reloadAfter(bench: Bench, steps: readonly Step[]): Promise<readonly string[]> {
  const units = steps.filter((step) => ruleOf(step).generated === 'units').map(({ id }) => id);
  if (units.length === 0) return [];
  const reloaded = bench.running ? await reloadUnits(bench) : failed('refused');
  return reloaded.ok ? [] : units;
}

/**
 * Makes once more what a step had made and somebody made anew since, from sources that are as before by now: beside it,
 * proven to lack our part and nothing else, journaled, and swapped.
 */
export async function remakeStep(bench: Bench, step: Step): Promise<Result<void>> {
  if (!bench.running) return failed('precondition-failed', { why: 'not-running' });
  const view: StepView = { transaction: bench.transaction, text: (place) => textAt(bench, pathOf(place, bench.transaction)) };
  const changes = ruleOf(step).changes(view);
  if (!changes.ok) return changes;
  for (const change of changes.value) {
    const made = await remake(bench, step, change);
    if (!made.ok) return made;
  }
  return ok(undefined);
}

async function remake(bench: Bench, step: Step, change: StepChange): Promise<Result<void>> {
  if (change.change !== 'build-image' && change.change !== 'build-config') return failed('refused');
  const { hands } = bench;
  const path = pathOf(change.place, bench.transaction);
  const output = besideOf(path);
  const present = hands.inspect(path);
  if (!present.ok) return present;
  const cleared = discard(hands, output);
  if (!cleared.ok) return cleared;
  const built = change.change === 'build-image' ? await buildImage(bench, { path, output, kernel: change.kernel }) : await buildConfig(bench, { path, output, step });
  const beside = built.ok ? generatedBeside(bench, path) : built;
  const noted = beside.ok ? await bench.putting(step.id, path, beside.value) : beside;
  const swapped = noted.ok && beside.ok ? await swapBeside(hands, { path, expected: present.value, sha256: beside.value }) : noted;
  if (swapped.ok) return ok(undefined);
  discard(hands, output);
  return swapped;
}

interface Making {
  readonly path: string;
  readonly output: string;
}

async function buildImage(bench: Bench, { path, output, kernel }: Making & { readonly kernel: string }): Promise<Result<void>> {
  const present = await readImage(bench, path, kernel);
  if (!present.ok) return present;
  const built = await need(bench, { program: 'mkinitramfs', kernel, output, config: null });
  const now = built.ok ? await readImage(bench, output, kernel) : built;
  if (!now.ok) return now;
  const script = textAt(bench, pathOf('early-script', bench.transaction));
  return script.ok ? proveImageWithout(present.value, now.value, script.value) : script;
}

async function buildConfig(bench: Bench, { path, output, step }: Making & { readonly step: Step }): Promise<Result<void>> {
  const built = await need(bench, { program: 'grub-mkconfig', output });
  const checked = built.ok ? await need(bench, { program: 'grub-script-check', file: output }) : built;
  if (!checked.ok) return checked;
  const [present, now, dropIn] = [textAt(bench, path), textAt(bench, output), textAt(bench, pathOf('grub-drop-in', bench.transaction))];
  if (!present.ok) return present;
  if (!now.ok) return now;
  if (!dropIn.ok) return dropIn;
  const kept = dropIn.value === null ? { transaction: null, args: [] } : readDropIn(dropIn.value);
  if (kept === null) return failed('refused', { why: 'not-ours', place: 'grub-drop-in' });
  const gone = ('args' in step ? step.args : []).filter((arg) => !kept.args.includes(arg));
  return proveWithout(present.value ?? '', now.value ?? '', { start: { bind: kept.transaction, trial: null, args: kept.args }, gone });
}
