// SPDX-License-Identifier: GPL-3.0-or-later
import type { Origin } from '../contract/history';
import type { Hands } from './hands';
import type { Session } from './session';

/** What one request is worked on with: a machine, the other side, and who they are. */
export interface Desk {
  readonly hands: Hands;
  readonly session: Session;
  readonly origin: Origin;
}
