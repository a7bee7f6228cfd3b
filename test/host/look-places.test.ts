// SPDX-License-Identifier: GPL-3.0-or-later
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownPlaces } from '../../contract/steps-now';
import type { PlacesSeen } from '../../core/plan/seen';
import { liveMachine } from '../../host/live';
import { lookPlaces } from '../../host/look-places';

const kernel = '6.1.0-18-amd64';
let root = '';
const put = (path: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
};
const look = (): PlacesSeen => lookPlaces(liveMachine(root), kernel);
const state = (seen: PlacesSeen, place: string): string | undefined =>
  seen.places.find((one) => one.place === place)?.state.kind;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'switchyard-places-'));
  chmodSync(root, 0o755);
  for (const release of [kernel, '6.1.0-17-amd64']) {
    put(`/boot/vmlinuz-${release}`, 'k', 0o600);
    put(`/boot/initrd.img-${release}`, 'image', 0o600);
    mkdirSync(join(root, `/lib/modules/${release}`), { recursive: true });
  }
  put('/boot/vmlinuz-6.1.0-18-amd64.efi.signed', 'k');
  put('/boot/vmlinuz-5.0.0-removed', 'k');
  put('/boot/grub/grub.cfg', 'set default="0"\n', 0o600);
  put('/boot/grub/grubenv', '# GRUB Environment Block\n');
  put('/etc/default/grub', 'GRUB_DEFAULT=0\n');
  put('/usr/sbin/grub-mkconfig', 'for x in ${sysconfdir}/default/grub.d/*.cfg ; do\n', 0o755);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a look at the places of a plan', () => {
  test('tells files everybody may read by digest, closed files and images by stat, and what is not there', () => {
    const seen = look();
    expect(seen.places.map((one) => `${one.place} ${one.state.kind}`)).toEqual([
      'grub-default file',
      'grub-drop-in absent',
      'grub-config stat',
      'grub-custom absent',
      'grub-env file',
      'early-script absent',
      'early-hook absent',
      `default-image:6.1.0-17-amd64 stat`,
      `default-image:${kernel} stat`,
      `trial-image:${kernel} absent`,
      ...ownPlaces.map((place) => `${place} absent`),
    ]);
    expect(seen.places.find((one) => one.place === 'grub-default')?.text).toBe('GRUB_DEFAULT=0\n');
    expect(seen.grubDropIns).toBe(true);
  });

  test('counts kernels that have modules, and not the copies beside them', () => {
    expect(look().kernels).toEqual(['6.1.0-17-amd64', kernel]);
  });

  test('tells a GRUB that reads no drop-ins, and one that is not there', () => {
    put('/usr/sbin/grub-mkconfig', 'echo\n', 0o755);
    expect(look().grubDropIns).toBe(false);
    rmSync(join(root, '/usr/sbin/grub-mkconfig'));
    expect(look().grubDropIns).toBe(false);
  });

  test('takes a link or a folder at a place for what it is', () => {
    symlinkSync('/etc/passwd', join(root, '/boot/grub/custom.cfg'));
    mkdirSync(join(root, '/etc/default/grub.d/60-switchyard.cfg'), { recursive: true });
    expect([state(look(), 'grub-custom'), state(look(), 'grub-drop-in')]).toEqual(['odd', 'odd']);
  });

  test('calls everything behind a closed folder hidden, also for root', () => {
    chmodSync(join(root, '/boot'), 0o700);
    const seen = look();
    expect(seen.kernels).toBeNull();
    expect(state(seen, 'grub-config')).toBe('hidden');
    expect(seen.places.find((one) => one.place === 'grub-config')?.text).toBeNull();
  });

  test.runIf(process.geteuid?.() === 0)(
    'gives an ordinary user and root the same states, and only root the text of a closed file',
    () => {
      const asRoot = look();
      process.seteuid?.(65_534);
      const ordinary = process.geteuid?.();
      const asUser = look();
      process.seteuid?.(0);
      expect(ordinary, 'this test must drop root first').toBe(65_534);
      expect(asUser.kernels).toEqual(asRoot.kernels);
      expect(asUser.places.map(({ place, state }) => ({ place, state }))).toEqual(
        asRoot.places.map(({ place, state }) => ({ place, state })),
      );
      const config = (seen: PlacesSeen): string | null | undefined =>
        seen.places.find((one) => one.place === 'grub-config')?.text;
      expect([config(asRoot), config(asUser)]).toEqual(['set default="0"\n', null]);
    },
  );
});

describe('a look at who asks', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\ntwin:x:1001:1001::/:/bin/sh\ntwin2:x:1001:1001::/:/bin/sh\nBad Name:x:1002:1002::/:/bin/sh\n';
  const person = (uid: number | null): PlacesSeen['person'] => lookPlaces(liveMachine(root), kernel, uid).person;

  test('finds the name and the groups that matter by user number, in the files everybody may read', () => {
    put('/etc/passwd', passwd);
    put('/etc/group', 'root:x:0:\nkvm:x:105:other,user\nlibvirt:x:106:username\nsudo:x:27:user\n');
    expect(person(1000)).toEqual({ uid: 1000, user: 'user', groups: ['kvm'], there: ['libvirt', 'kvm'] });
  });

  test('names nobody who is root, unknown here, not one person, or no name a program may be given', () => {
    put('/etc/passwd', passwd);
    put('/etc/group', 'kvm:x:105:\n');
    expect([null, 0, 4242, 1001, 1002].map(person)).toEqual([null, null, null, null, null]);
    put('/etc/passwd', 'x:x:1003:-1::/:/bin/sh\n--help:x:1004:1::/:/bin/sh\n');
    expect(person(1004)).toBeNull();
  });
});

describe("a look at libvirt's default network", () => {
  const network = (): PlacesSeen['network'] => look().network;
  test('tells whether it is there and starts by itself, and nothing where not everybody may see', () => {
    expect(network()).toBe('absent');
    put('/etc/libvirt/qemu/networks/default.xml', '<network/>', 0o600);
    expect(network()).toBe('off');
    mkdirSync(join(root, '/etc/libvirt/qemu/networks/autostart'));
    symlinkSync('/etc/libvirt/qemu/networks/default.xml', join(root, '/etc/libvirt/qemu/networks/autostart/default.xml'));
    expect(network()).toBe('on');
    chmodSync(join(root, '/etc/libvirt'), 0o700);
    expect(network()).toBe('unknown');
  });
});
