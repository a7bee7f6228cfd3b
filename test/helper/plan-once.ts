// SPDX-License-Identifier: GPL-3.0-or-later
// A person's own process: draws the plan of an intent on this machine and prints its hash, or why there is none.
import { intent } from '../../contract/plan';
import { draw, hashOf } from '../../helper/draw';
import { liveMachine } from '../../host/live';

const plan = draw(liveMachine('/'), intent.parse(JSON.parse(process.argv[2] ?? '')));
console.log(plan.ok ? hashOf(plan.value) : JSON.stringify(plan.problem));
