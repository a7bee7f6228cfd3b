// SPDX-License-Identifier: GPL-3.0-or-later
import { openHistory } from '../../../main/history/history';
import { sampleSummary } from './summary-sample';

/** Writes runs until it is killed, and says after each one that it is on disk. Bundled and started by crash.test.ts. */
const [folder = '', first = '0', most = '1000000'] = process.argv.slice(2);
const opened = await openHistory({ folder, clock: () => 1_800_000_000_000 });
if (!opened.ok) {
  console.log(`problem ${JSON.stringify(opened.problem)}`);
  process.exit(3);
}
const padding = Array.from({ length: 8 }, (_, index) => ({
  path: `/etc/${'x'.repeat(200)}${index}`,
  before: null,
  ours: null,
}));
for (let number = Number(first); number < Number(first) + Number(most); number += 1) {
  const steps = [{ id: 'a', kind: 'write', phase: 'prepare', outcome: 'verified', why: null, places: padding }];
  const done = opened.value.rememberRun('this', sampleSummary(number, { steps }));
  console.log(done.ok ? `done ${number}` : `problem ${JSON.stringify(done.problem)}`);
  if (!done.ok) break;
}
const read = opened.value.timeline();
console.log(read.ok ? `read ${read.value.length}` : `problem ${JSON.stringify(read.problem)}`);
opened.value.close();
