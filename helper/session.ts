// SPDX-License-Identifier: GPL-3.0-or-later
import type { Progress } from '../contract/progress';

/** The other side of one request while root works: a pipe in life, a caller in the same process in a rehearsal. */
export interface Session {
  progress(line: Progress): void;
  /** True once the other side said stop or went away. Asked between steps, never in one. */
  stopAsked(): Promise<boolean>;
}
