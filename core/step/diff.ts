// SPDX-License-Identifier: GPL-3.0-or-later
import type { Change } from '../../contract/review';
import type { Place, Step } from '../../contract/plan';
import { readGrubEnv } from '../read/grub-env';
import { isPlaceChange } from './changes';
import { ruleOf } from './kinds';
import { isImage, pathOf } from './places';
import type { PlaceChange, StepView } from './rule';

export interface DiffLine {
  readonly mark: ' ' | '+' | '-';
  readonly text: string;
}

/** The exact changes of a step for Review; a place the person may not read is *hidden* as a whole. */
export function diffOf(step: Step, view: StepView): readonly Change[] {
  const rule = ruleOf(step);
  const changes = rule.changes(view);
  if (!changes.ok) return rule.places.map((place) => ({ kind: 'hidden', path: pathOf(place, view.transaction) }));
  return [...changes.value.filter(isPlaceChange).flatMap((change) => changeLines(change, view)), ...(rule.shown?.() ?? [])];
}

function changeLines(change: PlaceChange, view: StepView): readonly Change[] {
  const path = pathOf(change.place, view.transaction);
  switch (change.change) {
    case 'write':
      return [fileChange(path, change.place, { view, text: change.text })];
    case 'remove':
      return change.place.includes('-image:')
        ? [{ kind: 'command', line: `rm ${path}` }]
        : [fileChange(path, change.place, { view, text: null })];
    case 'build-image': {
      const config = change.config === null ? '' : `-d ${pathOf(change.config, view.transaction)} `;
      return [{ kind: 'command', line: `mkinitramfs ${config}-o ${path} ${change.kernel}` }];
    }
    case 'build-config':
      return [{ kind: 'command', line: `grub-mkconfig -o ${path}` }];
    // Which bytes these are only the store knows: root shows our own lines of them (verb look).
    case 'put-back':
      return [change.then === null && !isImage(change.place) ? fileChange(path, change.place, { view, text: null }) : { kind: 'hidden', path }];
    case 'copy-config':
      return [
        { kind: 'command', line: `cp -a ${change.from} ${path}` },
        ...change.files.map((file): Change => ({
          kind: 'file',
          path: `${path}/${file.name}`,
          what: 'create',
          lines: [...lineDiff('', file.text)],
        })),
      ];
    default:
      return change satisfies never;
  }
}

function fileChange(
  path: string,
  place: Place,
  { view, text }: { readonly view: StepView; readonly text: string | null },
): Change {
  const old = view.text(place);
  if (!old.ok) return { kind: 'hidden', path };
  const what = old.value === null ? 'create' : text === null ? 'remove' : 'replace';
  const was = old.value ?? '';
  const now = text ?? '';
  if (place === 'grub-env' && readGrubEnv(was).ok && readGrubEnv(now).ok)
    return { kind: 'file', path, what, lines: [...lineDiff(unpadded(was), unpadded(now))], withoutPadding: true };
  return { kind: 'file', path, what, lines: [...lineDiff(was, now)] };
}

/** A sound environment block without its filling, which its lines and its fixed size give back byte for byte. */
const unpadded = (block: string): string => block.slice(0, block.replace(/#*$/, '').length);

/** Said, as diff does, under a last line without a line break. */
export const noNewline = '\\ No newline at end of file';

/** Every line of both texts, once: kept, taken away or added. */
export function lineDiff(old: string, now: string): readonly DiffLine[] {
  const [a, b] = [linesOf(old), linesOf(now)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const middle = merge(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const kept = (line: string): DiffLine => ({ mark: ' ', text: line });
  return [...a.slice(0, head).map(kept), ...middle, ...a.slice(a.length - tail).map(kept)].flatMap(withMark);
}

/** A line keeps its line break until the end, so that a missing one is a difference. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const withMark = (line: DiffLine): readonly DiffLine[] =>
  line.text.endsWith('\n')
    ? [{ mark: line.mark, text: line.text.slice(0, -1) }]
    : [line, { mark: line.mark, text: noNewline }];

/** Cells of the table of common lines; above it the two middles are simply shown one after the other. */
const largest = 4_000_000;

function merge(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  if (a.length * b.length > largest) return [...a.map(removed), ...b.map(added)];
  const longest = commonTable(a, b);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  for (let x = a[i], y = b[j]; x !== undefined && y !== undefined; x = a[i], y = b[j]) {
    if (x === y) {
      lines.push({ mark: ' ', text: x });
      [i, j] = [i + 1, j + 1];
    } else if (longest(i + 1, j) >= longest(i, j + 1)) {
      lines.push(removed(x));
      i += 1;
    } else {
      lines.push(added(y));
      j += 1;
    }
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

const removed = (text: string): DiffLine => ({ mark: '-', text });
const added = (text: string): DiffLine => ({ mark: '+', text });

/** How many lines the rests from i and from j have in common, in order. */
function commonTable(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  return at;
}
