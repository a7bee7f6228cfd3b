// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { readName } from '../core/read/sysfs/clean';
import { known, unknown, type Read } from './fact';
import type { Machine } from './machine';

type Display = HostFacts['display'];

/** The display manager that systemd starts; `none` where systemd runs and no unit stands behind the name. */
export function lookAtManager(machine: Machine): Display['manager'] {
  const place = '/etc/systemd/system/display-manager.service';
  const link = machine.target(place);
  if (link.at === 'is')
    return known(readName(link.value.slice(link.value.lastIndexOf('/') + 1).replace(/\.service$/, ''), 128), place);
  return link.at === 'absent' && machine.stat('/run/systemd/system').at === 'is'
    ? known('none', place)
    : unknown(place);
}

const sessionFolder = '/run/systemd/sessions';

/** The kind of the graphical session: this process's own, else the active one that logind keeps a note of. */
export function lookAtSession(machine: Machine): Read<string> {
  const own = machine.env['XDG_SESSION_TYPE'];
  if (own === 'wayland' || own === 'x11') return known(own, 'XDG_SESSION_TYPE');
  const names = machine.names(sessionFolder);
  if (names.at !== 'is')
    return own === undefined ? unknown(sessionFolder) : known(readName(own, 32), 'XDG_SESSION_TYPE');
  const kinds = names.value
    .slice(0, 256)
    .map((name) => ({ name, kind: kindOfSession(machine, `${sessionFolder}/${name}`) }));
  const best =
    kinds.find(({ kind }) => kind === 'wayland' || kind === 'x11') ?? kinds.find(({ kind }) => kind === 'tty');
  return best?.kind === undefined ? known('none', sessionFolder) : known(best.kind, `${sessionFolder}/${best.name}`);
}

/** Type of a person's active session at this machine; undefined for any other. */
function kindOfSession(machine: Machine, place: string): string | undefined {
  const note = machine.text(place, 65536);
  if (note.at !== 'is') return undefined;
  const field = (key: string): string | undefined => new RegExp(`^${key}=(\\w*)$`, 'm').exec(note.value)?.[1];
  return field('CLASS') === 'user' && field('REMOTE') !== '1' && field('ACTIVE') === '1' ? field('TYPE') : undefined;
}

/** Reached over ssh: by the environment, or, where sudo has emptied it, by an sshd among this process's ancestors. */
export function lookAtRemote(machine: Machine): Read<boolean> {
  if (machine.env['SSH_CONNECTION'] !== undefined || machine.env['SSH_TTY'] !== undefined)
    return known(true, 'SSH_CONNECTION');
  let pid = 'self';
  for (let up = 0; up < 64; up++) {
    const status = machine.text(`/proc/${pid}/status`, 65536);
    if (status.at !== 'is') return unknown(`/proc/${pid}/status`);
    const [, name] = /^Name:\t(.*)$/m.exec(status.value) ?? [];
    const [, parent] = /^PPid:\t(\d+)$/m.exec(status.value) ?? [];
    if (name !== undefined && /^sshd(-session)?$/.test(name)) return known(true, `/proc/${pid}/status`);
    if (parent === undefined) return unknown(`/proc/${pid}/status`);
    if (parent === '0') return known(false, '/proc/self/status');
    pid = parent;
  }
  return unknown('/proc/self/status');
}
