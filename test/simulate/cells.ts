// SPDX-License-Identifier: GPL-3.0-or-later
import { step } from '../../contract/plan';
import { faultKinds } from '../../rehearsal/faults';
import { verbs } from './verb';

/** In a step: looking and saving, changing, looking again, going back, and when it was told that it is back. */
export const phases = ['checking', 'changing', 'verifying', 'undoing', 'undone'] as const;

/** Every step kind there is. */
export const stepKinds: readonly string[] = step.options.map((option) => option.shape.kind.value);

/** Cells that cannot be met, by the beginning of their name, and why. */
export const impossible: readonly { readonly cell: string; readonly why: string }[] = [
  { cell: 'trial-config|undoing', why: 'its only place is a folder of the store, which goes with the transaction and is nobody\'s to put back' },
  ...['libvirt-hook', 'modules-load', 'unit-drop-in'].map((kind) => ({ cell: `${kind}|undoing|half`, why: 'its file always says the same: undoing it takes a name away, and a name goes whole or not at all' })),
  { cell: 'drop-trial-image|undoing|half', why: 'an image is put back by its name, and a name comes whole or not at all' },
];

/** Hits a cell must have in 100,000 walks. */
const wanted = 50;

const everyCell: readonly string[] = [
  ...stepKinds.flatMap((kind) => phases.flatMap((phase) => faultKinds.map((fault) => `${kind}|${phase}|${fault}`))),
  ...verbs.flatMap((verb) => faultKinds.map((fault) => `-|${verb}|${fault}`)),
];

const isImpossible = (cell: string): boolean => impossible.some((one) => cell === one.cell || cell.startsWith(`${one.cell}|`));

/** Cells met less often than they must be, told with how often, and those met although they are listed as impossible. */
export function missingCells(met: ReadonlyMap<string, number>, walks: number): readonly string[] {
  const least = (wanted * walks) / 100_000;
  const seldom = everyCell.filter((cell) => !isImpossible(cell) && (met.get(cell) ?? 0) < least).map((cell) => `seldom: ${cell} ${met.get(cell) ?? 0} of ${least}`);
  const odd = [...met.keys()].filter((cell) => isImpossible(cell) || !everyCell.includes(cell)).map((cell) => `not in the table: ${cell}`);
  return [...seldom, ...odd];
}
