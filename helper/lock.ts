// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { failed, ok, type Result } from '../contract/problem';
import type { Hands, Holder } from './hands';
import { programPath, waitFor } from './run';
import { inFolderOf, oddity } from './walk';

const longest = 512;

/**
 * One helper at a time. util-linux flock locks our own open file, handed to it as descriptor 3 (flock(1), second form):
 * the lock belongs to the open file, so it stays ours after flock left and dies with us, whatever way we die.
 */
export function lockHands(root: string, path: string): Pick<Hands, 'lock' | 'unlock'> {
  let held: number | null = null;
  return {
    async lock(holder) {
      const flock = programPath('flock');
      if (flock === null) return failed('precondition-failed', { why: 'missing', program: 'flock' });
      const opened = open(root, path);
      if (!opened.ok) return opened;
      const ended = await waitFor({ path: flock, args: ['--exclusive', '--nonblock', '--conflict-exit-code', '75', '3'], input: null, inherit: [opened.value], limit: { time: 10_000, output: 256 } });
      if ('exit' in ended && ended.exit === 0) {
        held = opened.value;
        note(held, holder);
        return ok(undefined);
      }
      const other = read(opened.value);
      closeSync(opened.value);
      if ('exit' in ended && ended.exit === 75) return failed('busy', other);
      return failed('step-failed', { why: 'exit' in ended ? 'lock' : ended.why, program: 'flock' });
    },
    unlock() {
      if (held === null) return;
      ftruncateSync(held, 0);
      closeSync(held);
      held = null;
    },
  };
}

function open(root: string, path: string): Result<number> {
  return inFolderOf(root, path, (spot) => {
    const file = openSync(spot.at, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
    const odd = oddity(fstatSync(file));
    if (odd === null) return ok(file);
    closeSync(file);
    return failed('precondition-failed', { why: odd, place: path });
  });
}

function note(file: number, holder: Holder): void {
  fchmodSync(file, 0o600);
  ftruncateSync(file, 0);
  writeSync(file, `${JSON.stringify(holder)}\n`, 0);
  fsyncSync(file);
}

/** Who holds it, as they wrote it; empty words when they have not got round to it yet. */
function read(file: number): { who: string; what: string; since: string } {
  const buffer = new Uint8Array(longest);
  const text = new TextDecoder().decode(buffer.subarray(0, readSync(file, buffer, 0, longest, 0)));
  const word = (name: string): string => new RegExp(`"${name}":"?([a-z0-9 -]{1,64})"?[,}]`).exec(text)?.[1] ?? '';
  return { who: word('who'), what: word('what'), since: word('since') };
}
