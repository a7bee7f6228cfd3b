// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmChoices } from '../../contract/vm-asks';
import type { Machine } from '../../host/machine';

type Offers = Pick<VmChoices, 'interfaces' | 'discs' | 'keyboards' | 'mice'>;

const names = (machine: Machine, folder: string): readonly string[] => {
  const look = machine.names(folder);
  return look.at === 'is' ? look.value : [];
};

/** What a machine has that a VM can be given without a plan: looked at by names alone. */
export function offersOf(machine: Machine): Offers {
  const inputs = (ending: string): string[] => {
    const folder = '/dev/input/by-id';
    return names(machine, folder).filter((name) => name.endsWith(ending) && !/[\p{Cc}/]/u.test(name)).map((name) => `${folder}/${name}`).slice(0, 64);
  };
  return { interfaces: interfacesOf(machine), discs: discsOf(machine), keyboards: inputs('-event-kbd'), mice: inputs('-event-mouse') };
}

/** A bridge has a folder of that name; what hangs on a device is wired unless it has one for radio (kernel ABI sysfs-class-net). */
function interfacesOf(machine: Machine): Offers['interfaces'] {
  return names(machine, '/sys/class/net').flatMap((name): Offers['interfaces'] => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,14}$/.test(name)) return [];
    const has = (what: string): boolean => machine.stat(`/sys/class/net/${name}/${what}`, 'follow').at === 'is';
    if (has('bridge')) return [{ name, kind: 'bridge' }];
    return has('device') ? [{ name, kind: has('wireless') || has('phy80211') ? 'wireless' : 'wired' }] : [];
  }).slice(0, 256);
}

const sharedFolders = ['/var/lib/libvirt/images', '/var/lib/libvirt/boot', '/usr/share/virtio-win', '/srv/iso'] as const;

/** Disc images where people keep them; folders that this person may not list are passed over. */
function discsOf(machine: Machine): Offers['discs'] {
  const home = machine.env['HOME'];
  const own = home === undefined || !home.startsWith('/') ? [] : [...downloads(machine, home), home];
  const found = [...own, ...sharedFolders].flatMap((folder) =>
    names(machine, folder).flatMap((name) => {
      const path = `${folder}/${name}`;
      if (!/\.iso$/i.test(name) || /[\p{Cc}\p{Cs}]/u.test(name) || path.length > 1024) return [];
      const stat = machine.stat(path, 'follow');
      return stat.at === 'is' && stat.value.kind === 'file' ? [{ path, sizeMiB: Math.ceil(stat.value.size / 2 ** 20) }] : [];
    }),
  );
  return [...new Map(found.map((one) => [one.path, one])).values()].slice(0, 256);
}

/** The folder for downloads as the desktop names it in the person's language (xdg-user-dirs). */
function downloads(machine: Machine, home: string): string[] {
  const look = machine.text(`${home}/.config/user-dirs.dirs`, 65_536);
  const named = look.at === 'is' ? /^XDG_DOWNLOAD_DIR="(?:\$HOME\/)([^"$`\\]{1,512})"/m.exec(look.value)?.[1] : undefined;
  return [`${home}/${named ?? 'Downloads'}`];
}

/** libvirt's own definition of its usual network, as its package ships it. */
export function usualNetwork(machine: Machine): string | null {
  const look = machine.text('/usr/share/libvirt/networks/default.xml', 65_536);
  return look.at === 'is' ? look.value : null;
}
