// SPDX-License-Identifier: GPL-3.0-or-later
import type { Key } from '../en/all';
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

export const zh: Readonly<Record<Key, string>> = { ...findings, ...problems, ...steps, ...cli, ...window, ...devices, ...door, ...read, ...rehearse, ...history };
