// SPDX-License-Identifier: GPL-3.0-or-later
import { cli } from './cli';
import { cliHistory } from './cli-history';
import { door } from './door';
import { page } from './page';
import { pageDesktop } from './page-desktop';
import { pageHand } from './page-hand';
import { pageVm } from './page-vm';
import { rehearse } from './rehearse';

/** Every sentence of the product, by key; keys of an area start with its name (`finding.`, `problem.`, `step.`, `cli.`, `window.`, `device.`, `door.`, `read.`, `history.`, `vm.`, `trial.`). */
export const en = { ...page, ...pageVm, ...cli, ...cliHistory, ...door, ...rehearse, ...pageHand, ...pageDesktop } as const;
export type Key = keyof typeof en;
/** Those the window can say. */
export type PageKey = keyof typeof page | keyof typeof pageVm | keyof typeof pageHand | keyof typeof pageDesktop;
