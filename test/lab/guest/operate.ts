// SPDX-License-Identifier: GPL-3.0-or-later
// In the guest, as root: performs the node writes on standard input with the helper's real hands and prints what was seen.
import { readFileSync } from 'node:fs';
import { liveHands } from '../../../helper/life';
import { operate, type NodeWrite } from '../operations';

const writes = JSON.parse(readFileSync(0, 'utf8')) as NodeWrite[];
process.stdout.write(`${JSON.stringify(await operate(liveHands(), writes))}\n`);
