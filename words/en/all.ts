// SPDX-License-Identifier: GPL-3.0-or-later
import { cli } from './cli';
import { devices } from './devices';
import { door } from './door';
import { findings } from './findings';
import { history } from './history';
import { problems } from './problems';
import { read } from './read';
import { rehearse } from './rehearse';
import { steps } from './steps';
import { window } from './window';

/** Every sentence of the product, by key; keys of an area start with its name (`finding.`, `problem.`, `step.`, `cli.`, `window.`, `device.`, `door.`, `read.`, `history.`). */
export const en = { ...findings, ...problems, ...steps, ...cli, ...window, ...devices, ...door, ...read, ...rehearse, ...history } as const;
export type Key = keyof typeof en;
