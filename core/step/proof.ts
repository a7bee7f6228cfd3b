// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { allGrubEntries, readGrubConfig, type GrubEntry } from '../read/grub-cfg';
import { argName, editKernelArgs } from '../read/kernel-args';
import { blockBody } from './edit/marker-block';
import { defaultImageName, earlyScriptName, trialImageName } from './places';
import { bindArg, bindWord, panicArg, trialArg, trialEntryId, trialWord } from './tokens';
import { defaultEntry, type GrubFiles } from './trial-entry';

/** An image as read back: names in it, and the text of three files; null where one is not in it. */
export interface ImageFound {
  /** Paths without a leading slash. */
  readonly names: readonly string[];
  /** scripts/init-top/ORDER: what runs when. */
  readonly order: string | null;
  readonly script: string | null;
  /** lib/modules/<kernel>/modules.builtin, with or without usr/ before it. */
  readonly builtin: string | null;
}

/** The words of a start that are ours; null: none of that kind. */
export interface StartArgs {
  readonly bind: string | null;
  readonly trial: string | null;
  readonly args: readonly string[];
  /** Words of ours that the old configuration had and the new one has no more. */
  readonly gone?: readonly string[];
}

const wrong = (why: string): Result<never> => failed('step-failed', { why });

/** Read back from the built image: our script, executed first of init-top, and the modules it needs; or nothing of ours. */
export function proveImage(
  found: ImageFound,
  expected: { readonly kernel: string; readonly script: string | null },
): Result<void> {
  if (!found.names.includes('init')) return wrong('image-incomplete');
  if (expected.script === null)
    return found.names.includes(earlyScriptName) || found.script !== null ? wrong('image-script-left') : ok(undefined);
  if (!found.names.includes(earlyScriptName) || found.script !== expected.script) return wrong('image-script');
  const first = (found.order ?? '').split('\n').find((line) => line.startsWith('/scripts/'));
  if (first?.split(' ')[0] !== `/${earlyScriptName}`) return wrong('image-order');
  const missing = ['vfio-pci', 'vfio_iommu_type1'].find((module) => !hasModule(found, expected.kernel, module));
  return missing === undefined ? ok(undefined) : failed('step-failed', { why: 'image-module', module: missing });
}

function hasModule(found: ImageFound, kernel: string, module: string): boolean {
  const file = new RegExp(`(?:^|/)${module}\\.ko(?:\\.(?:xz|zst|gz))?$`);
  const folder = `lib/modules/${kernel}/`;
  return (
    found.names.some((name) => name.includes(folder) && file.test(name)) ||
    (found.builtin ?? '').split('\n').some((line) => file.test(line))
  );
}

/** Read back from custom.cfg: one entry of ours, the default entry's kernel and words, our words, the right image. */
export function proveEntry(
  custom: string,
  files: GrubFiles,
  expected: { readonly kernel: string; readonly image: 'own' | 'default'; readonly start: StartArgs },
): Result<void> {
  const usual = defaultEntry(files);
  if (!usual.ok) return usual;
  const body = blockBody(custom);
  if (!body.ok) return body;
  const block = readGrubConfig(body.value ?? '');
  if (!block.ok) return block;
  const [ours, ...others] = allGrubEntries(block.value.items);
  if (ours?.id !== trialEntryId || others.length > 0) return wrong('entry-missing');
  const { entry } = usual.value;
  if (ours.linux === null || ours.linux.path !== entry.linux?.path) return wrong('entry-kernel');
  const words = ours.linux.args.map((word) => word.raw);
  if (!sameWords(words, argsOf(entry), [...ownWords(expected.start), panicArg])) return wrong('entry-args');
  const images = entry.initrd.map((image) => (expected.image === 'own' ? swapImage(image, expected.kernel) : image));
  return sameList(ours.initrd, images) ? ok(undefined) : wrong('entry-image');
}

const swapImage = (image: string, kernel: string): string =>
  image.endsWith(`/${defaultImageName(kernel)}`)
    ? image.slice(0, -defaultImageName(kernel).length) + trialImageName(kernel)
    : image;
const argsOf = (entry: GrubEntry): readonly string[] => (entry.linux?.args ?? []).map((word) => word.raw);

/** Normal entries of this system as Debian's 10_linux names them; those of other systems and recovery ones are not ours to change. */
const isOurs = (entry: GrubEntry): boolean =>
  entry.id !== null && entry.id.startsWith('gnulinux-') && !entry.id.includes('-recovery-');

/**
 * The newly generated configuration differs from the old one by our words on every normal entry, and by nothing else.
 * Anything else means that settings changed earlier were never generated: nobody has seen those, so they are refused.
 */
export function proveConfig(old: string, now: string, start: StartArgs): Result<void> {
  const [before, after] = [readGrubConfig(old), readGrubConfig(now)];
  if (!before.ok) return before;
  if (!after.ok) return after;
  const [oldEntries, newEntries] = [allGrubEntries(before.value.items), allGrubEntries(after.value.items)];
  const normal = newEntries.filter(isOurs);
  if (normal.length === 0) return wrong('config-no-entries');
  for (const entry of normal)
    if (!ownWords(start).every((word) => argsOf(entry).includes(word))) return wrong('config-args');
  if (oldEntries.length !== newEntries.length) return failed('precondition-failed', { why: 'config-drift' });
  const drifts = newEntries.some((entry, index) => {
    const was = oldEntries[index];
    if (was === undefined || was.id !== entry.id) return true;
    return isOurs(entry)
      ? !sameWords(argsOf(entry), editKernelArgs(argsOf(was), { remove: [...(start.gone ?? [])] }), ownWords(start))
      : !sameList(argsOf(entry), argsOf(was));
  });
  if (drifts || bare(old) !== bare(now)) return failed('precondition-failed', { why: 'config-drift' });
  return ok(undefined);
}

/**
 * A configuration generated once our words are gone differs from the present one by their absence alone: somebody built
 * the present one since, and nothing of theirs is lost. `gone`: arguments that only we asked for.
 */
export function proveWithout(present: string, now: string, { start, gone }: { readonly start: StartArgs; readonly gone: readonly string[] }): Result<void> {
  const [before, after] = [readGrubConfig(present), readGrubConfig(now)];
  if (!before.ok) return before;
  if (!after.ok) return after;
  const [oldEntries, newEntries] = [allGrubEntries(before.value.items), allGrubEntries(after.value.items)];
  const drifts =
    oldEntries.length !== newEntries.length ||
    newEntries.some((entry, index) => {
      const was = oldEntries[index];
      if (was === undefined || was.id !== entry.id) return true;
      return !sameWords(argsOf(entry), editKernelArgs(argsOf(was), { remove: [...gone] }), isOurs(entry) ? ownWords(start) : []);
    });
  return drifts || bare(present) !== bare(now) ? failed('precondition-failed', { why: 'config-drift' }) : ok(undefined);
}

/** An image built once our script is gone lacks what came with the script, and nothing else that is in the present one. */
export function proveImageWithout(present: ImageFound, now: ImageFound, script: string | null): Result<void> {
  if (now.script !== script) return wrong('image-script-left');
  const left = new Set(now.names);
  const lost = present.names.filter((name) => !left.has(name) && !cameWithUs.test(name));
  return lost.length === 0 && now.names.includes('init') ? ok(undefined) : failed('precondition-failed', { why: 'image-drift' });
}

/** Our script, and the modules its hook asks for with what they need. */
const cameWithUs = /(?:^|\/)00-switchyard$|\/(?:vfio|irqbypass|iommufd)[^/]*\.ko(?:\.(?:xz|zst|gz))?$|\/drivers\/vfio(?:\/|$)|\/virt(?:\/lib)?$/;

/** The configuration without the lines that start a kernel, which are compared word by word. */
const bare = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*linux(?:16|efi)?\s/.test(line))
    .join('\n');

const ownWords = (start: StartArgs): readonly string[] => [
  ...(start.bind === null ? [] : [bindArg(start.bind)]),
  ...(start.trial === null ? [] : [trialArg(start.trial)]),
  ...start.args,
];

/** `words` are `usual` with `ours` added, any earlier words of Switchyard gone, and everything else in its order. */
function sameWords(words: readonly string[], usual: readonly string[], ours: readonly string[]): boolean {
  const names = new Set([bindWord, trialWord].map(argName));
  const isOwn = (word: string): boolean => names.has(argName(word));
  const rest = (list: readonly string[]): readonly string[] =>
    editKernelArgs(list, { remove: [...ours] }).filter((word) => !isOwn(word));
  const strange = words.some((word) => isOwn(word) && !ours.includes(word));
  return !strange && ours.every((word) => words.includes(word)) && sameList(rest(words), rest(usual));
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
