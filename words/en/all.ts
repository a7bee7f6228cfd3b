// SPDX-License-Identifier: GPL-3.0-or-later
import { cli } from './cli';
import { devices } from './devices';
import { door } from './door';
import { findings } from './findings';
import { problems } from './problems';
import { read } from './read';
import { steps } from './steps';
import { window } from './window';

/** Every sentence of the product, by key; keys of an area start with its name (`finding.`, `problem.`, `step.`, `cli.`, `window.`, `device.`, `door.`, `read.`). */
export const en = { ...findings, ...problems, ...steps, ...cli, ...window, ...devices, ...door, ...read } as const;
export type Key = keyof typeof en;
