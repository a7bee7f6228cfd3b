// SPDX-License-Identifier: GPL-3.0-or-later
import { stayAwake } from '../../helper/run';

/** Holds the lock against sleep and is killed in the middle. */
stayAwake(process.argv[2] ?? null);
setTimeout(() => process.kill(process.pid, 'SIGKILL'), 400);
