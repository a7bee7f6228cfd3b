// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandLook } from '../../core/hand-off/look';
import { line } from '../fact';
import type { Machine } from '../machine';

/**
 * Which of these processes end when the log-in screen does: its own; those of a desktop session that it opened; and those
 * of a person's service manager, which logind ends ten seconds after that person's last session (logind.conf(5),
 * UserStopDelaySec=). Whoever is also logged in over ssh or at a text console, or lingers, keeps theirs.
 */
export function endingWith(machine: Machine, manager: HandLook['manager'], pids: readonly number[]): ReadonlySet<number> {
  if (typeof manager !== 'object' || !manager.runs || pids.length === 0) return new Set();
  const sessions = sessionsOf(machine);
  return new Set(pids.filter((pid) => ends(machine, pid, { unit: manager.unit, sessions })));
}

interface Session {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  /** Drawn, at this machine's own seat: a desktop or the greeter itself. */
  readonly drawn: boolean;
}

const notes = '/run/systemd/sessions';

/** What logind keeps a note of; libsystemd reads the same lines (sd-login(3)). A session on its way out counts: it still is one. */
function sessionsOf(machine: Machine): readonly Session[] | null {
  const names = machine.names(notes);
  if (names.at !== 'is') return null;
  return names.value.slice(0, 256).filter((id) => /^[a-z0-9]{1,32}$/i.test(id)).map((id) => {
    const note = machine.text(`${notes}/${id}`, 65_536);
    const field = (key: string): string => (note.at === 'is' ? (new RegExp(`^${key}=(.*)$`, 'm').exec(note.value)?.[1] ?? '') : '');
    const drawn = /^(?:wayland|x11|mir)$/.test(field('TYPE')) && field('SEAT') !== '' && field('REMOTE') !== '1';
    return { id, user: field('UID'), name: field('USER'), drawn };
  });
}

function ends(machine: Machine, pid: number, { unit, sessions }: { readonly unit: string; readonly sessions: readonly Session[] | null }): boolean {
  const group = line(machine, `/proc/${pid}/cgroup`) ?? '';
  if (group.split(/[/\n]/).includes(unit)) return true;
  if (sessions === null) return false;
  const [, session] = /\/session-([a-z0-9]{1,32})\.scope/i.exec(group) ?? [];
  if (session !== undefined) return sessions.some((one) => one.id === session && one.drawn);
  const [, user] = /\/user@(\d{1,10})\.service(?:\/|$)/m.exec(group) ?? [];
  const mine = sessions.filter((one) => one.user === user);
  return mine.length > 0 && mine.every((one) => one.drawn && machine.stat(`/var/lib/systemd/linger/${one.name}`).at === 'absent');
}
