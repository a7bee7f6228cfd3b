// SPDX-License-Identifier: GPL-3.0-or-later
import { bindArg, bindWord } from './tokens';

/** What our file in /etc/default/grub.d says: kernel arguments of every normal start. */
export interface DropIn {
  /** Whose table is bound; null: none. */
  readonly transaction: string | null;
  readonly args: readonly string[];
}

const variable = 'GRUB_CMDLINE_LINUX_DEFAULT';

/** `_DEFAULT` reaches normal entries only, so recovery mode stays as it was (host fact 5.3.1). */
export function printDropIn(dropIn: DropIn): string {
  const words = [...(dropIn.transaction === null ? [] : [bindArg(dropIn.transaction)]), ...dropIn.args];
  return `# managed by switchyard\n${variable}="$${variable} ${words.join(' ')}"\n`;
}

const pattern = new RegExp(`^# managed by switchyard\\n${variable}="\\$${variable} ([A-Za-z0-9_.,:;/@+= -]+)"\\n$`);

/** Reads it back; null when it is not, byte for byte, one we wrote. */
export function readDropIn(text: string): DropIn | null {
  const words = pattern.exec(text)?.[1]?.split(' ');
  if (words === undefined) return null;
  const bind = words.find((word) => word.startsWith(`${bindWord}=`)) ?? null;
  const dropIn = { transaction: bind?.slice(bindWord.length + 1) ?? null, args: words.filter((word) => word !== bind) };
  return printDropIn(dropIn) === text ? dropIn : null;
}
