// SPDX-License-Identifier: GPL-3.0-or-later
import type { Key } from '../en/all';
import { cli } from './cli';
import { cliHistory } from './cli-history';
import { door } from './door';
import { page } from './page';
import { pageDesktop } from './page-desktop';
import { pageHand } from './page-hand';
import { pageVm } from './page-vm';
import { rehearse } from './rehearse';

/** The Chinese sentences; a missing one is a type error. */
export const zh: Readonly<Record<Key, string>> = { ...page, ...pageVm, ...cli, ...cliHistory, ...door, ...rehearse, ...pageHand, ...pageDesktop };
