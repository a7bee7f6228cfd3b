// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { isVmFile, printVmState, readVmState, vmPlacesOf } from '../../../core/read/vm-places';

const uuid = '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1102';
const vm = ({ os = '', devices = '', name = 'win11', id = uuid }: { os?: string; devices?: string; name?: string; id?: string }): string => `<domain type='kvm'><name>${name}</name><uuid>${id}</uuid>${os}<devices>${devices}</devices></domain>`;
const efi = "<os firmware='efi'><type>hvm</type></os>";
const tpm = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>";
const vars = '/var/lib/libvirt/qemu/nvram/win11_VARS.fd';
const state = `/var/lib/libvirt/swtpm/${uuid}/tpm2/tpm2-00.permall`;
const sleep = '/var/lib/libvirt/qemu/save/win11.save';

describe('where a VM’s files lie', () => {
  test.each([
    ['libvirt chooses the firmware at each start', vm({ os: efi, devices: tpm }), { nvram: vars, tpm: state, sleep }],
    ['the path is in the definition', vm({ os: `<os><loader type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader><nvram template='/x'>${vars}</nvram></os>` }), { nvram: vars, tpm: null, sleep }],
    ['it is told as a source', vm({ os: `<os><nvram type='file'><source file='${vars}'/></nvram></os>` }), { nvram: vars, tpm: null, sleep }],
    ['it is a qcow2', vm({ os: `<os firmware='efi'><nvram format='qcow2'>${vars.replace('.fd', '.qcow2')}</nvram></os>` }), { nvram: vars.replace('.fd', '.qcow2'), tpm: null, sleep }],
    ['a TPM 1.2', vm({ devices: tpm.replace('2.0', '1.2') }), { nvram: null, tpm: `/var/lib/libvirt/swtpm/${uuid}/tpm1.2/tpm-00.permall`, sleep }],
    ['a BIOS, and the TPM of the host', vm({ devices: "<tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>" }), { nvram: null, tpm: null, sleep }],
    ['firmware that keeps nothing', vm({ os: "<os><loader type='pflash' stateless='yes'>/x</loader></os>" }), { nvram: null, tpm: null, sleep }],
  ])('%s', (_name, xml, places) => {
    expect(vmPlacesOf(xml, uuid)).toEqual({ ok: true, value: places });
  });

  test.each([
    ['another VM', vm({ id: uuid.replace('7', '8') }), 'vm-shape'],
    ['no XML', '<domain', 'vm-shape'],
    ['no VM', '<network/>', 'vm-shape'],
    ['a name with a slash', vm({ os: efi, name: '../x' }), 'vm-name'],
    ['a name with a line break', vm({ os: efi, name: 'a&#10;b' }), 'vm-name'],
    ['variables elsewhere', vm({ os: '<os><nvram>/etc/shadow</nvram></os>' }), 'vm-elsewhere'],
    ['variables of another VM', vm({ os: `<os><nvram>${vars.replace('win11', 'win12')}</nvram></os>` }), 'vm-elsewhere'],
    ['variables over the way', vm({ os: `<os><nvram>/var/lib/libvirt/qemu/nvram/../nvram/win11_VARS.fd</nvram></os>` }), 'vm-elsewhere'],
    ['a TPM elsewhere', vm({ devices: "<tpm><backend type='emulator'><source type='dir' path='/x'/></backend></tpm>" }), 'vm-elsewhere'],
    ['variables in a device', vm({ os: "<os><varstore path='/x'/></os>" }), 'vm-elsewhere'],
  ])('is not told of %s', (_name, xml, why) => {
    expect(vmPlacesOf(xml, uuid)).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why } } });
  });

  test('only these paths are a VM’s', () => {
    for (const path of [vars, state]) expect(isVmFile(path)).toBe(true);
    for (const path of ['/var/lib/libvirt/images/a.qcow2', `${vars}x`, vars.replace('win11', '..'), state.replace('tpm2-00', 'tpm2-01'), '/var/lib/libvirt/qemu/nvram/a/b_VARS.fd']) expect(isVmFile(path)).toBe(false);
  });

  test('both digests are one value and back', () => {
    for (const seen of [{ nvram: 'a'.repeat(64), tpm: null }, { nvram: null, tpm: 'b'.repeat(64) }, { nvram: null, tpm: null }]) expect(readVmState(printVmState(seen))).toEqual(seen);
  });
});
