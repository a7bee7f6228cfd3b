// SPDX-License-Identifier: GPL-3.0-or-later
import type { WayBackFacts } from '../contract/way-back';
import { isListening, lookAtNetwork } from './start-facts';
import type { Machine } from './machine';

/** Looks at what would still lead back into this machine if its screen stayed dark. */
export function lookAtWaysBack(machine: Machine): WayBackFacts {
  return {
    sshEnabled: isEnabled(machine),
    sshListening: isListening(machine, sshPort(machine)),
    networkUp: lookAtNetwork(machine)?.route ?? null,
    rescueEntry: hasRescueEntry(machine),
  };
}

const units = '/etc/systemd/system';

/** systemctl enable makes these links (systemd.unit(5)); Ubuntu since 22.10 starts ssh by its socket. */
function isEnabled(machine: Machine): boolean | null {
  const services = machine.names(`${units}/multi-user.target.wants`);
  const sockets = machine.names(`${units}/sockets.target.wants`);
  if (services.at === 'unreadable' || sockets.at === 'unreadable') return null;
  if (services.at === 'absent' && sockets.at === 'absent') return machine.names(units).at === 'is' ? false : null;
  const has = (look: typeof services, names: readonly string[]): boolean => look.at === 'is' && look.value.some((name) => names.includes(name));
  return has(services, ['ssh.service', 'sshd.service']) || has(sockets, ['ssh.socket', 'sshd.socket']);
}

/** The first port of sshd_config(5); 22 where it names none or cannot be read. */
function sshPort(machine: Machine): number {
  const config = machine.text('/etc/ssh/sshd_config');
  const named = config.at === 'is' ? /^\s*Port\s+(\d{1,5})\s*$/im.exec(config.value)?.[1] : undefined;
  return named === undefined ? 22 : Number(named);
}

/** Debian's 10_linux names them `gnulinux-<release>-recovery-<uuid>`. Many systems let only root read the file: then nobody can tell. */
function hasRescueEntry(machine: Machine): boolean | null {
  const config = machine.text('/boot/grub/grub.cfg', 4 << 20);
  return config.at === 'is' ? /^\s*menuentry\s.*-recovery-/m.test(config.value) : null;
}
