// SPDX-License-Identifier: GPL-3.0-or-later
// What `switchyard scan --json` does, on a recorded tree: look and print. Bundled by bench.ts and started as its own process.
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';

const facts = probe(liveMachine(process.argv[2]));
process.stdout.write(`${JSON.stringify({ schema: facts.schema, kind: 'scan', facts }, null, 2)}\n`);
