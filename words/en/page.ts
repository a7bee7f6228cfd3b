// SPDX-License-Identifier: GPL-3.0-or-later
import { devices } from './devices';
import { findings } from './findings';
import { history } from './history';
import { point } from './point';
import { problems } from './problems';
import { read } from './read';
import { steps } from './steps';
import { trial } from './trial';
import { window } from './window';

/** What the window says before one of its further areas is opened; the page loads it for one language. */
export const page = { ...findings, ...problems, ...point, ...steps, ...window, ...devices, ...read, ...history, ...trial } as const;
