// SPDX-License-Identifier: GPL-3.0-or-later
import { cli } from './cli';
import { devices } from './devices';
import { door } from './door';
import { findings } from './findings';
import { handOff } from './hand-off';
import { history } from './history';
import { point } from './point';
import { problems } from './problems';
import { read } from './read';
import { rehearse } from './rehearse';
import { steps } from './steps';
import { trial } from './trial';
import { vm } from './vm';
import { vmFailures } from './vm-failures';
import { window } from './window';

/** Every sentence of the product, by key; keys of an area start with its name (`finding.`, `problem.`, `step.`, `cli.`, `window.`, `device.`, `door.`, `read.`, `history.`, `vm.`, `trial.`). */
export const en = { ...findings, ...problems, ...point, ...steps, ...cli, ...window, ...devices, ...door, ...read, ...rehearse, ...history, ...handOff, ...vm, ...vmFailures, ...trial } as const;
export type Key = keyof typeof en;
