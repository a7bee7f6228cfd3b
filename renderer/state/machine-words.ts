// SPDX-License-Identifier: GPL-3.0-or-later
import type { MachineEntry, Recording } from '../../contract/target';
import type { Session } from './session.svelte';

/** What a machine is called in the switcher. */
export function entryName(session: Session, entry: MachineEntry): string {
  return entry.name ?? entry.of ?? session.t(entry.kind === 'this' ? 'window.machine.this' : 'window.machine.nameless');
}

/** The cards of a recording, equal ones counted. */
export function cardsOf(recording: Recording): string {
  const names = [...new Set(recording.gpus)];
  return names
    .map((name) => {
      const count = recording.gpus.filter((it) => it === name).length;
      return count === 1 ? name : `${String(count)} × ${name}`;
    })
    .join(', ');
}

/** A recording's name; one that is only its cards strung together is told by the counted cards. */
export const recordingName = (recording: Recording): string => (recording.name === recording.gpus.join(' + ') ? cardsOf(recording) : recording.name);

export const machineName = (session: Session): string => (session.entry === null ? '' : entryName(session, session.entry));
