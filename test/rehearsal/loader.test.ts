// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { find, textAt, writeAt } from '../../rehearsal/files';
import { checkpoint } from '../../rehearsal/flush';
import { printBlock, readBlock } from '../../rehearsal/grub';
import { boundToVfio } from '../../rehearsal/run-through';
import { makeRandom } from '../../rehearsal/random';
import { rehearsalOf } from '../../rehearsal/machine';
import { runProgram } from '../../rehearsal/programs';
import { losePower, powerOn, shutDown } from '../../rehearsal/start';
import { buildWorld, type World } from '../../rehearsal/world';
import { sampleFacts } from './sample';

const kernel = '6.12.43+deb13-amd64';
const machine = (choices: Record<string, string> = {}): World => {
  const world = buildWorld(sampleFacts(), choices, null);
  powerOn(world);
  return world;
};
const restart = (world: World) => {
  shutDown(world);
  return powerOn(world);
};
const setOnce = (world: World, entry: string) => runProgram(world, { program: 'grub-editenv-set', file: '/boot/grub/grubenv', key: 'next_entry', value: entry }, 'whole');
const waiting = (world: World) => readBlock(textAt(world.disk, '/boot/grub/grubenv'))?.get('next_entry') ?? null;

/** An entry of one's own beside the usual one. */
function addEntry(world: World, args = ''): void {
  const root = world.build.installation.volume.root;
  writeAt(world.disk, '/boot/grub/custom.cfg', `menuentry 'Mine' --id mine {\n\tlinux /boot/vmlinuz-${kernel} root=${root} ro ${args}\n\tinitrd /boot/initrd.img-${kernel}\n}\n`);
}

describe('the loader', () => {
  test('starts a one-shot entry once and clears it before the kernel is read (claim one-shot)', () => {
    const world = machine();
    addEntry(world, 'mine');
    setOnce(world, 'mine');
    expect(restart(world)).toMatchObject({ at: 'up', entry: 'mine' });
    expect(waiting(world)).toBe('');
    expect(restart(world)).toMatchObject({ at: 'up', entry: expect.stringContaining('gnulinux-simple') as string });
  });

  test.each(['root-btrfs', 'root-lvm'])('cannot clear it on %s and starts it every time (claim one-shot-unwritable)', (volume) => {
    const world = machine({ 'boot-volume': volume });
    addEntry(world);
    setOnce(world, 'mine');
    expect([restart(world), restart(world)]).toMatchObject([{ entry: 'mine' }, { entry: 'mine' }]);
    expect(waiting(world)).toBe('mine');
  });

  test.each([['ext4', 'root-ext4', 'mine'], ['btrfs', 'root-btrfs', 'gnulinux-simple']])('takes an entry that wants a written mark only where it can write: %s (claim save-env-guard)', (_, volume, entry) => {
    const world = machine({ 'boot-volume': volume });
    addEntry(world);
    const guard = 'load_env mine_state\nif [ "$mine_state" = "armed" ]; then\n  set mine_state=spent\n  if save_env mine_state; then\n    set default=mine\n  fi\nfi\n';
    writeAt(world.disk, '/boot/grub/custom.cfg', `${textAt(world.disk, '/boot/grub/custom.cfg') ?? ''}${guard}`);
    runProgram(world, { program: 'grub-editenv-set', file: '/boot/grub/grubenv', key: 'mine_state', value: 'armed' }, 'whole');
    expect(restart(world)).toMatchObject({ entry: expect.stringContaining(entry) as string });
  });

  test('ignores an environment block of another length (claim grubenv-size)', () => {
    const world = machine();
    addEntry(world);
    writeAt(world.disk, '/boot/grub/grubenv', (printBlock(new Map([['next_entry', 'mine']])) ?? '').slice(0, 1000));
    expect(restart(world)).toMatchObject({ entry: expect.stringContaining('gnulinux-simple') as string });
  });

  test('starts nothing without a configuration, without a kernel or without an image', () => {
    for (const [path, why] of [['/boot/grub/grub.cfg', 'no-configuration'], [`/boot/vmlinuz-${kernel}`, 'no-kernel'], [`/boot/initrd.img-${kernel}`, 'bad-image']] as const) {
      const world = machine();
      if (path.endsWith('.cfg')) writeAt(world.disk, path, '');
      else if (path.includes('vmlinuz')) {
        writeAt(world.disk, '/boot/grub/grub.cfg', (textAt(world.disk, '/boot/grub/grub.cfg') ?? '').replaceAll(`vmlinuz-${kernel}`, 'vmlinuz-gone'));
      } else writeAt(world.disk, path, 'cut sho');
      expect(restart(world)).toEqual({ at: 'stuck', why });
    }
  });

  test('does not see a file that nobody flushed before the power went', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const world = buildWorld(sampleFacts(), {}, null);
      world.random = makeRandom(seed);
      powerOn(world);
      writeAt(world.disk, '/boot/grub/grub.cfg', '');
      losePower(world);
      seen.add(powerOn(world).at);
    }
    expect([...seen].sort()).toEqual(['stuck', 'up']);
  });

  test('comes back by itself after a panic with panic=, and stays without (claim panic-restarts)', () => {
    for (const [args, at] of [['panic=30', 'up'], ['', 'stuck']] as const) {
      const world = machine();
      writeAt(world.disk, '/boot/bad.img', 'no image');
      writeAt(world.disk, '/boot/grub/custom.cfg', `menuentry 'Bad' --id bad {\n linux /boot/vmlinuz-${kernel} root=/dev/x ro ${args}\n initrd /boot/bad.img\n}\n`);
      setOnce(world, 'bad');
      expect(restart(world).at).toBe(at);
    }
  });
});

describe('early scripts', () => {
  const script = (name: string) => `/etc/initramfs-tools/scripts/init-top/${name}`;
  const claim = '#!/bin/sh\nPREREQ=""\ncase "$1" in prereqs) echo "$PREREQ"; exit 0;; esac\necho vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override\nmodprobe -q vfio_pci\n';
  const withScript = (name: string, mode: number, graphics: string): readonly string[] => {
    const world = machine({ 'early-graphics': graphics });
    writeAt(world.disk, script(name), claim, { mode });
    writeAt(world.disk, '/etc/initramfs-tools/hooks/mine', '#!/bin/sh\nmanual_add_modules vfio_pci\n', { mode: 0o755 });
    runProgram(world, { program: 'mkinitramfs', kernel, output: `/boot/initrd.img-${kernel}`, config: null }, 'whole');
    checkpoint(world.disk);
    restart(world);
    return boundToVfio(rehearsalOf(world));
  };

  test('run before udev when their name sorts before it, and too late when not (claim early-before-udev)', () => {
    expect(withScript('00-mine', 0o755, 'in-image')).toEqual(['0000:01:00.0']);
    expect(withScript('zz-mine', 0o755, 'in-image')).toEqual([]);
    expect(withScript('zz-mine', 0o755, 'not-in-image')).toEqual(['0000:01:00.0']);
  });

  test('are left out without a word when they are not executable', () => {
    expect(withScript('00-mine', 0o644, 'in-image')).toEqual([]);
  });
});

describe('generators', () => {
  test('give the same configuration again from the same settings, with the drop-ins in their order', () => {
    const world = machine({ 'other-settings': 'own-drop-ins', kernels: 'two' });
    const before = textAt(world.disk, '/boot/grub/grub.cfg');
    runProgram(world, { program: 'grub-mkconfig', output: '/boot/grub/grub.cfg.new' }, 'whole');
    expect(textAt(world.disk, '/boot/grub/grub.cfg.new')).toBe(before);
    expect(before).toContain('quiet mitigations=auto');
    expect(before?.match(/^\tmenuentry /gm)).toHaveLength(4);
  });

  test('fail where a settings file is no shell, and check scripts as they are', () => {
    const world = machine();
    writeAt(world.disk, '/etc/default/grub.d/99.cfg', 'GRUB_TIMEOUT="5\n');
    expect(runProgram(world, { program: 'grub-mkconfig', output: '/boot/x' }, 'whole')).toMatchObject({ value: { exit: 1 } });
    writeAt(world.disk, '/boot/half.cfg', (textAt(world.disk, '/boot/grub/grub.cfg') ?? '').split('initrd')[0] ?? '');
    expect(runProgram(world, { program: 'grub-script-check', file: '/boot/grub/grub.cfg' }, 'whole')).toMatchObject({ value: { exit: 0 } });
    expect(runProgram(world, { program: 'grub-script-check', file: '/boot/half.cfg' }, 'whole')).toMatchObject({ value: { exit: 1 } });
  });

  test('read an image back: names, and its files unpacked below main where microcode stands in front', () => {
    const world = machine();
    const names = runProgram(world, { program: 'lsinitramfs', image: `/boot/initrd.img-${kernel}` }, 'whole');
    expect(names.ok && names.value.output).toContain('scripts/init-top/ORDER\n');
    runProgram(world, { program: 'unmkinitramfs', image: `/boot/initrd.img-${kernel}`, into: '/var/tmp/x' }, 'whole');
    expect(textAt(world.disk, '/var/tmp/x/main/scripts/init-top/ORDER')).toMatch(/^\/scripts\/init-top\/\w/);
    runProgram(world, { program: 'remove-unpacked', folder: '/var/tmp/x' }, 'whole');
    expect(find(world.disk, '/var/tmp/x')).toBeNull();
  });
});
