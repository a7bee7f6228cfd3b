// SPDX-License-Identifier: GPL-3.0-or-later
import type { Script } from './syntax';

/** What a script can see and touch; a rehearsal gives it a machine of memory. */
export interface ShellWorld {
  /** A command that is neither of the language nor built in: exit status and output; null when there is none of that name. */
  run(name: string, args: readonly string[], given: { readonly input: string; readonly block: Script | null; readonly shell: Shell }): { status: number; output: string } | null;
  read(path: string): string | null;
  write(path: string, text: string, how: 'replace' | 'append'): boolean;
  /** Follows links. */
  kind(path: string): 'file' | 'folder' | 'other' | null;
  isLink(path: string): boolean;
  executable(path: string): boolean;
  names(folder: string): readonly string[];
}

/** A command of the language itself, or one its world adds that needs the shell. */
export type BuiltIn = (shell: Shell, args: readonly string[]) => number;

export interface Shell {
  readonly world: ShellWorld;
  readonly variables: Map<string, string>;
  readonly functions: Map<string, Script>;
  parameters: readonly string[];
  readonly options: Set<string>;
  status: number;
  output: string;
  input: { text: string };
  /** Steps left: a script that never ends is a failure, not a hang. */
  fuel: number;
}

/** A way out of a block. It is no accident: nobody wants to know where it was thrown, so each is made once. */
export class Leave extends Error {
  readonly how: 'exit' | 'return' | 'break' | 'continue';
  constructor(how: Leave['how']) {
    super(how);
    this.how = how;
  }
}

export const leaves: Readonly<Record<Leave['how'], Leave>> = { exit: new Leave('exit'), return: new Leave('return'), break: new Leave('break'), continue: new Leave('continue') };
