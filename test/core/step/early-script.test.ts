// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { earlyHook, earlyScript, readEarlyScript } from '../../../core/step/early-script';
import { facts, identities, transaction } from '../plan/machine';

const gpu = '0000:01:00.0';
const sound = '0000:01:00.1';
const devices = identities(facts(), gpu, sound);
const old = 'fedcba9876543210';
const script = earlyScript([
  { transaction: old, devices: identities(facts(), gpu) },
  { transaction, devices },
]);

let root = '';
const file = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
const override = (address: string): string =>
  readFileSync(join(root, `sys/bus/pci/devices/${address}/driver_override`), 'utf8');

/** A folder that looks like /sys and /proc of a machine with the two functions. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'switchyard-early-'));
  for (const device of devices) {
    const folder = `sys/bus/pci/devices/${device.address}`;
    file(`${folder}/vendor`, `0x${device.vendor}\n`);
    file(`${folder}/device`, `0x${device.device}\n`);
    file(`${folder}/subsystem_vendor`, `0x${device.subsystemVendor}\n`);
    file(`${folder}/subsystem_device`, `0x${device.subsystemDevice}\n`);
    file(`${folder}/iommu_group/type`, 'DMA\n');
    file(`${folder}/driver_override`, '(null)\n');
  }
  file('sys/bus/pci/drivers_probe', '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs it as the initramfs does, with dash, and tells which modules it asked for. */
function run(args: string): string {
  file('proc/cmdline', `${args}\n`);
  file('early', script.replaceAll('/sys/bus', `${root}/sys/bus`).replaceAll('/proc/cmdline', `${root}/proc/cmdline`));
  file('bin/modprobe', `#!/bin/sh\necho "$2" >> ${root}/asked\n`);
  execFileSync('/bin/chmod', ['755', join(root, 'bin/modprobe')]);
  execFileSync('/usr/bin/dash', [join(root, 'early')], { env: { PATH: join(root, 'bin') } });
  return existsSync(join(root, 'asked')) ? readFileSync(join(root, 'asked'), 'utf8') : '';
}

describe('the early script', () => {
  test('reads back as the tables it was made of, and as nothing when one byte differs', () => {
    expect(readEarlyScript(script)).toEqual([
      { transaction: old, devices: devices.slice(0, 1) },
      { transaction, devices },
    ]);
    expect(readEarlyScript(script.replace('01:00.1', '01:00.2'))?.[1]?.devices[1]?.address).toBe('0000:01:00.2');
    for (const text of [
      '',
      `${script}\n`,
      script.replace('exit 0', 'exit  0'),
      script.replace('0x10de', '0x10DE'),
      script.replace('#!/bin/sh', '#!/bin/bash'),
    ])
      expect(readEarlyScript(text)).toBeNull();
  });

  test.each([
    ['script', script],
    ['hook', earlyHook],
  ])('is a %s that dash can read', (_, text) => {
    file('x', text);
    execFileSync('/usr/bin/dash', ['-n', join(root, 'x')]);
  });

  test('answers initramfs-tools about its prerequisites and does nothing else', () => {
    file('x', script);
    expect(execFileSync('/usr/bin/dash', [join(root, 'x'), 'prereqs'], { encoding: 'utf8' })).toBe('\n');
  });

  test('gives every device of the named table to vfio-pci and loads it', () => {
    expect(run(`ro quiet switchyard.bind=${transaction} panic=30`)).toBe('vfio_iommu_type1\nvfio_pci\n');
    expect([override(gpu), override(sound)]).toEqual(['vfio-pci\n', 'vfio-pci\n']);
  });

  test('goes by the table that is named', () => {
    run(`switchyard.bind=${old}`);
    expect([override(gpu), override(sound)]).toEqual(['vfio-pci\n', '(null)\n']);
  });

  test.each([
    'ro quiet',
    'switchyard.bind=',
    'switchyard.bind=0000000000000000',
    `xswitchyard.bind=${transaction}`,
    `switchyard.trial=${transaction}`,
  ])('does nothing for the command line "%s"', (args) => {
    expect(run(args)).toBe('');
    expect([override(gpu), override(sound)]).toEqual(['(null)\n', '(null)\n']);
  });

  test.each([
    ['another card sits at the address', `${gpu}/device`, '0x2208\n'],
    ['another board sits there', `${sound}/subsystem_vendor`, '0x1462\n'],
  ])('takes none of them when %s', (_, path, text) => {
    file(`sys/bus/pci/devices/${path}`, text);
    expect(run(`switchyard.bind=${transaction}`)).toBe('');
    expect([override(gpu), override(sound)]).toEqual(['(null)\n', '(null)\n']);
  });

  test('takes none of them without an IOMMU, so that the host keeps its card', () => {
    rmSync(join(root, `sys/bus/pci/devices/${sound}/iommu_group`), { recursive: true });
    expect(run(`switchyard.bind=${transaction}`)).toBe('');
    expect(override(gpu)).toBe('(null)\n');
  });

  test('takes a device back from a driver that is built into the kernel', () => {
    mkdirSync(join(root, 'sys/bus/pci/drivers/xhci_hcd'), { recursive: true });
    file('sys/bus/pci/drivers/xhci_hcd/unbind', '');
    symlinkSync(join(root, 'sys/bus/pci/drivers/xhci_hcd'), join(root, `sys/bus/pci/devices/${gpu}/driver`));
    run(`switchyard.bind=${transaction}`);
    expect(readFileSync(join(root, 'sys/bus/pci/drivers/xhci_hcd/unbind'), 'utf8')).toBe(`${gpu}\n`);
    expect(readFileSync(join(root, 'sys/bus/pci/drivers_probe'), 'utf8')).toBe(`${sound}\n`);
  });
});
