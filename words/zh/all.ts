// SPDX-License-Identifier: GPL-3.0-or-later
import type { Key } from '../en/all';
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

export const zh: Readonly<Record<Key, string>> = { ...findings, ...problems, ...point, ...steps, ...cli, ...window, ...devices, ...door, ...read, ...rehearse, ...history, ...handOff, ...vm, ...vmFailures, ...trial };
