// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { readName } from '../core/read/sysfs/clean';
import { known, line, unknown } from './fact';
import type { Machine } from './machine';

type Generator = NonNullable<HostFacts['system']['initramfs']['value']>;
type Facts = Pick<HostFacts['system'], 'initramfs' | 'initramfsImage'>;

/**
 * The generator that owns the running kernel's image, not one that is merely installed. Only what every user may read is
 * asked, so that root and the person see the same; a contradiction is unknown. Source: host.md 5.7.
 */
export function lookAtGenerator(machine: Machine, release: string | null): Facts {
  if (release === null) return { initramfs: unknown('/boot'), initramfsImage: unknown('/boot') };
  const chosen = chosenGenerator(machine);
  for (const { path, owner } of candidates(machine, release)) {
    if (machine.stat(path, 'follow').at !== 'is') continue;
    const generator = chosen ?? owner();
    return { initramfs: generator ?? unknown(path), initramfsImage: known(path, '/boot') };
  }
  return { initramfs: chosen ?? onlyInstalled(machine) ?? unknown('/boot'), initramfsImage: unknown('/boot') };
}

type Owner = () => Facts['initramfs'] | null;

/** Where each family puts the image, and who then made it. */
function candidates(machine: Machine, release: string): readonly { readonly path: string; readonly owner: Owner }[] {
  const flavour = line(machine, `/usr/lib/modules/${release}/pkgbase`);
  const pkgbase = flavour !== null && /^[\w.+-]{1,64}$/.test(flavour) ? flavour : null;
  const alpine = release.split('-').at(-1) ?? '';
  const [id = 'none'] = /^[0-9a-f]{32}$/.exec(line(machine, '/etc/machine-id') ?? '') ?? [];
  const named =
    (generator: Generator, proof: string): Owner =>
    () =>
      present(machine, proof) ? known(generator, proof) : null;
  return [
    { path: `/boot/initrd.img-${release}`, owner: () => ownerOnDebian(machine) },
    { path: `/boot/initramfs-${release}.img`, owner: named('dracut', '/usr/bin/dracut') },
    { path: `/boot/initrd-${release}`, owner: named('dracut', '/usr/bin/dracut') },
    ...(pkgbase === null
      ? []
      : [
          { path: `/boot/booster-${pkgbase}.img`, owner: named('booster', '/usr/bin/booster') },
          { path: `/boot/initramfs-${pkgbase}.img`, owner: () => ownerOnArch(machine, pkgbase) },
        ]),
    { path: `/boot/initramfs-${alpine}`, owner: named('mkinitfs', '/sbin/mkinitfs') },
    ...['/efi', '/boot', '/boot/efi'].map((esp) => ({
      path: `${esp}/${id}/${release}/initrd`,
      owner: () => onlyInstalled(machine),
    })),
  ];
}

const present = (machine: Machine, path: string): boolean => machine.stat(path, 'follow').at === 'is';

/** `initrd_generator=` of kernel-install decides for everybody who uses kernel-install. */
function chosenGenerator(machine: Machine): Facts['initramfs'] | null {
  const place = '/etc/kernel/install.conf';
  const look = machine.text(place);
  const [, name] = look.at === 'is' ? (/^initrd_generator=(\w+)$/m.exec(look.value) ?? []) : [];
  return name === 'dracut' || name === 'mkinitcpio' || name === 'booster' ? known(name, place) : null;
}

/** On Debian and Ubuntu both generators answer to update-initramfs; dracut's is a wrapper that names dracut. */
function ownerOnDebian(machine: Machine): Facts['initramfs'] | null {
  const place = '/usr/sbin/update-initramfs';
  const script = machine.text(place);
  if (script.at !== 'is') return present(machine, '/usr/bin/dracut') ? known('dracut', '/usr/bin/dracut') : null;
  if (/^[^#\n]*\bdracut\b/m.test(script.value)) return known('dracut', place);
  return present(machine, '/usr/sbin/mkinitramfs') ? known('initramfs-tools', place) : null;
}

/** A preset is mkinitcpio's own sign that it builds this kernel's image. */
function ownerOnArch(machine: Machine, pkgbase: string): Facts['initramfs'] | null {
  const preset = `/etc/mkinitcpio.d/${readName(pkgbase)}.preset`;
  if (present(machine, preset) && present(machine, '/usr/bin/mkinitcpio')) return known('mkinitcpio', preset);
  return onlyInstalled(machine);
}

const tools: readonly (readonly [Generator, string])[] = [
  ['initramfs-tools', '/usr/sbin/mkinitramfs'],
  ['dracut', '/usr/bin/dracut'],
  ['mkinitcpio', '/usr/bin/mkinitcpio'],
  ['booster', '/usr/bin/booster'],
  ['mkinitfs', '/sbin/mkinitfs'],
];

/** Where the image tells nothing, a generator is only named when no other one is installed. */
function onlyInstalled(machine: Machine): Facts['initramfs'] | null {
  const found = tools.filter(([, path]) => present(machine, path));
  const [only] = found;
  return only === undefined || found.length > 1 ? null : known(only[0], only[1]);
}
