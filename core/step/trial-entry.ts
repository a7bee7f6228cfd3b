// SPDX-License-Identifier: GPL-3.0-or-later
import type { StepOf } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import {
  findGrubEntry,
  isInitrdLine,
  isLinuxLine,
  readGrubConfig,
  type GrubConfig,
  type GrubEntry,
} from '../read/grub-cfg';
import { grubEnvValue, readGrubEnv } from '../read/grub-env';
import { readGrubWords, type GrubWord } from '../read/grub-words';
import { editKernelArgs } from '../read/kernel-args';
import { boundBy } from './bound-by';
import { defaultImageName, trialImageName } from './places';
import { bindArg, bindWord, panicArg, trialArg, trialEntryId, trialWord } from './tokens';

/** The loader's files an entry is drawn from; `env` null when there is no environment block. */
export interface GrubFiles {
  readonly config: string;
  readonly env: string | null;
}

/** The entry that starts by default, or why it cannot be told. */
export function defaultEntry(files: GrubFiles): Result<{ readonly config: GrubConfig; readonly entry: GrubEntry }> {
  const config = readGrubConfig(files.config);
  if (!config.ok) return config;
  if (config.value.default === null) return failed('precondition-failed', { why: 'default-unclear' });
  const wanted = config.value.default === '${saved_entry}' ? savedEntry(files.env) : ok(config.value.default);
  if (!wanted.ok) return wanted;
  const entry = findGrubEntry(config.value.items, wanted.value === '' ? '0' : wanted.value);
  return entry === null
    ? failed('precondition-failed', { why: 'default-unclear' })
    : ok({ config: config.value, entry });
}

function savedEntry(block: string | null): Result<string> {
  if (block === null) return ok('');
  const env = readGrubEnv(block);
  return env.ok ? ok(grubEnvValue(env.value, 'saved_entry') ?? '') : env;
}

/** The text of our block in custom.cfg: the default entry once more, with our arguments and, where wanted, our own image. */
export function trialEntryBody(step: StepOf<'trial-entry'>, files: GrubFiles, transaction: string): Result<string> {
  const found = defaultEntry(files);
  if (!found.ok) return found;
  const { config, entry } = found.value;
  const usable = refuseEntry(config, entry, step.kernel);
  if (!usable.ok) return usable;
  // Started by hand from the menu, savedefault would make the trial the entry of every start.
  const lines = entry.body.filter((line) => readGrubWords(line)[0]?.raw !== 'savedefault');
  const body = lines.map((line) =>
    isLinuxLine(line)
      ? linuxLine(line, step, transaction)
      : isInitrdLine(line)
        ? initrdLine(line, step)
        : line.trimEnd(),
  );
  const options = entry.options.map((word) => ` ${word.raw}`).join('');
  return ok([`menuentry 'Switchyard trial'${options} --id ${trialEntryId} {`, ...body, '}', ''].join('\n'));
}

function refuseEntry(config: GrubConfig, entry: GrubEntry, kernel: string): Result<void> {
  if (!config.sourcesCustom) return failed('precondition-failed', { why: 'custom-not-sourced' });
  if (!config.takesOneShot) return failed('precondition-failed', { why: 'one-shot-not-taken' });
  if (
    entry.linux === null ||
    entry.body.filter(isLinuxLine).length !== 1 ||
    entry.body.filter(isInitrdLine).length !== 1
  ) {
    return failed('precondition-failed', { why: 'default-entry-shape' });
  }
  if (entry.body.some((line) => line.endsWith('\\')))
    return failed('precondition-failed', { why: 'default-entry-shape' });
  const started = baseName(entry.linux.path);
  if (started !== `vmlinuz-${kernel}` && started !== `vmlinuz-${kernel}.efi.signed`) {
    return failed('precondition-failed', { why: 'default-kernel', kernel });
  }
  return entry.initrd.some((image) => baseName(image) === defaultImageName(kernel))
    ? ok(undefined)
    : failed('precondition-failed', { why: 'default-entry-shape' });
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const indentOf = (line: string): string => /^\s*/.exec(line)?.[0] ?? '';

function linuxLine(line: string, step: StepOf<'trial-entry'>, transaction: string): string {
  const [command, path, ...rest] = readGrubWords(line).map((word) => word.raw);
  const bind = boundBy(step, transaction);
  const ours = [...(bind === null ? [] : [bindArg(bind)]), trialArg(transaction), ...step.args, panicArg];
  const args = editKernelArgs(rest, { remove: [bindWord, trialWord], add: ours });
  return `${indentOf(line)}${[command, path, ...args].join(' ')}`;
}

/** Only the image of this kernel is exchanged; microcode and others before it stay. */
function initrdLine(line: string, step: StepOf<'trial-entry'>): string {
  const [command, ...images] = readGrubWords(line);
  const own = (image: GrubWord): string => {
    const isDefault =
      step.image === 'own' &&
      baseName(image.text) === defaultImageName(step.kernel) &&
      image.raw.endsWith(defaultImageName(step.kernel));
    return isDefault
      ? `${image.raw.slice(0, image.raw.length - defaultImageName(step.kernel).length)}${trialImageName(step.kernel)}`
      : image.raw;
  };
  return `${indentOf(line)}${[command?.raw, ...images.map(own)].join(' ')}`;
}
