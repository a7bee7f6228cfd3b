// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingScreens } from '../../../core/read/emulator-parts';
import { readVmHost, type VirshAnswers } from '../../../core/read/virsh-host';

const version = 'Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.0\nUsing API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.22\nRunning against daemon: 9.0.0\n\n';
/** Answer of libvirt 9.0 with QEMU 7.2 on a machine with KVM and without an IOMMU. */
const domainCapabilities = readFileSync(new URL('fixtures/domcapabilities-9.0-kvm.xml', import.meta.url), 'utf8');
const answers: VirshAnswers = { version, domainCapabilities, connection: 'system', steadyClock: true, apicv: null };
const read = (change: Partial<VirshAnswers> = {}) => readVmHost({ ...answers, ...change });
const host = (change: Partial<VirshAnswers> = {}) => {
  const result = read(change);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
};

describe('what libvirt says of a host', () => {
  test('is read whole', () => {
    expect(host()).toEqual({
      schema: 1,
      connection: 'system',
      libvirt: { major: 9, minor: 0, patch: 0 },
      qemu: { major: 7, minor: 2, patch: 22 },
      emulator: '/usr/bin/qemu-system-x86_64',
      accelerated: true,
      board: 'pc-q35-7.2',
      maxVcpus: 288,
      efi: true,
      secureLoader: true,
      hostPassthrough: true,
      cpuVendor: 'amd',
      graphics: ['sdl', 'vnc', 'spice', 'egl-headless', 'dbus'],
      video: ['vga', 'cirrus', 'vmvga', 'qxl', 'virtio', 'none', 'bochs', 'ramfb'],
      hyperv: ['spinlocks', 'vendor_id'],
      tpmModels: ['tpm-tis', 'tpm-crb'],
      tpmBackends: ['passthrough', 'emulator', 'external'],
      hostdevKinds: ['usb', 'pci', 'scsi'],
      pciBackends: [],
      memorySources: ['file', 'anonymous', 'memfd'],
      redirdev: true,
      steadyClock: true,
      apicv: null,
      iommufd: null,
    });
  });

  test('leaves out screens whose part of QEMU is not installed, though libvirt names them', () => {
    // Debian 13 without its packages for OpenGL and SPICE, and Debian 12 with them.
    const bare = missingScreens(['audio-alsa.so', 'hw-display-virtio-gpu.so', 'ui-curses.so']);
    expect(host({ missingScreens: bare }).graphics).toEqual(['sdl', 'vnc', 'dbus']);
    expect(missingScreens(['ui-curses.so', 'ui-dbus.so', 'ui-egl-headless.so', 'ui-opengl.so', 'ui-spice-app.so', 'ui-spice-core.so'])).toEqual([]);
    expect(missingScreens(['ui-curses.so', 'ui-spice-core.so'])).toEqual(['egl-headless']);
    // One piece, or a folder that is not QEMU's: nothing is known to be missing.
    for (const files of [[], ['block-curl.so', 'audio-pa.so'], ['ui-', 'keymaps']]) expect(missingScreens(files)).toEqual([]);
    const untold = domainCapabilities.replace(/<graphics supported='yes'>[\s\S]*?<\/graphics>/, '');
    expect(host({ domainCapabilities: untold, missingScreens: bare }).graphics).toBeNull();
  });

  test('keeps apart a list that is empty, one that is not supported and one that is not told', () => {
    const without = (pattern: RegExp, instead: string) => host({ domainCapabilities: domainCapabilities.replace(pattern, instead) });
    expect(without(/<tpm supported='yes'>/, "<tpm supported='no'>").tpmModels).toEqual([]);
    expect(without(/<hyperv [^]*?<\/hyperv>/, '').hyperv).toBeNull();
    expect(host().pciBackends).toEqual([]);
  });

  test.each([
    ['no version at all', { version: 'error: failed to connect\n' }, 'virsh-version'],
    ['a version without numbers', { version: version.replace('QEMU 7.2.22', 'QEMU new') }, 'virsh-version'],
    ['another document', { domainCapabilities: '<capabilities/>' }, 'virsh-shape'],
    ['a list of ten thousand', { domainCapabilities: domainCapabilities.replace('<value>vga</value>', '<value>vga</value>'.repeat(10_000)) }, 'virsh-shape'],
    ['a name without end', { domainCapabilities: domainCapabilities.replace('<value>vga</value>', `<value>${'v'.repeat(100)}</value>`) }, 'virsh-shape'],
    ['a message instead of XML', { domainCapabilities: 'error: invalid argument: KVM is not supported' }, 'xml-root'],
    ['an entity', { domainCapabilities: `<!DOCTYPE x [<!ENTITY a "b">]>${domainCapabilities}` }, 'xml-doctype'],
  ])('%s is bad input', (_name, change, why) => {
    const result = read(change);
    expect(result.ok ? 'read' : `${result.problem.code} ${result.problem.detail['why'] ?? ''}`).toBe(`bad-input ${why}`);
  });

  test('an answer torn anywhere is bad input and never a throw', () => {
    fc.assert(fc.property(fc.nat(domainCapabilities.trimEnd().length - 1), (length) => !read({ domainCapabilities: domainCapabilities.slice(0, length) }).ok), { numRuns: 300 });
  });
});
