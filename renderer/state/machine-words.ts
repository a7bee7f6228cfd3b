// SPDX-License-Identifier: GPL-3.0-or-later
import type { MachineEntry } from '../../contract/target';
import type { Session } from './session.svelte';

/** What a machine is called in the switcher. */
export function entryName(session: Session, entry: MachineEntry): string {
  return entry.name ?? entry.of ?? session.t('window.machine.nameless');
}

export const machineName = (session: Session): string => (session.entry === null ? '' : entryName(session, session.entry));
