// SPDX-License-Identifier: GPL-3.0-or-later
// Started by hostile.test.ts: looks at a tree as an ordinary user and prints who it was and what it saw.
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';

if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(65534);
  process.setuid?.(65534);
}
process.stdout.write(JSON.stringify({ uid: process.getuid?.(), facts: probe(liveMachine(process.argv[2])) }));
