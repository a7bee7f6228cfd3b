// SPDX-License-Identifier: GPL-3.0-or-later
// In the guest, as an ordinary user: draws the plan of the intent on standard input as the window's process would, and prints it with its hash.
import { readFileSync } from 'node:fs';
import { intent } from '../../../contract/plan';
import { draw, hashOf } from '../../../helper/draw';
import { liveMachine } from '../../../host/live';

const plan = draw(liveMachine(), intent.parse(JSON.parse(readFileSync(0, 'utf8'))));
process.stdout.write(`${JSON.stringify(plan.ok ? { ok: true, plan: plan.value, hash: hashOf(plan.value) } : plan)}\n`);
