// SPDX-License-Identifier: GPL-3.0-or-later
// A process that replaces one file below a root and ends: started under strace, to be killed in the middle.
import { accessSync } from 'node:fs';
import { liveHands } from '../../helper/life';
import { replaceFile, rootReadable } from '../../helper/replace-file';
import { startProgram } from '../../helper/run';
import { inTree } from './real';

const [root = '', path = '', content = ''] = process.argv.slice(2);
const at = (place: string): string => `${root}${place}`;
const hands = { ...liveHands(root), start: (call: Parameters<typeof startProgram>[0]) => startProgram(inTree(call, at)) };

const seen = hands.inspect(path);
if (!seen.ok) throw new Error(seen.problem.code);
// Whoever watches the system calls knows by this one where the work begins.
try {
  accessSync('/switchyard-work-begins');
} catch {
  // It is not there, and need not be.
}
const replaced = await replaceFile(hands, { path, expected: seen.value, content: new TextEncoder().encode(content), owner: rootReadable });
process.exitCode = replaced.ok ? 0 : 1;
