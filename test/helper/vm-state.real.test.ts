// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ok, type Result } from '../../contract/problem';
import type { Hands, ProgramEnd } from '../../helper/hands';
import { liveHands } from '../../helper/life';
import type { ProgramCall } from '../../helper/programs';
import { argumentsOf } from '../../helper/run';
import { openStore } from '../../helper/store';
import { lookAtVm, putVm, saveVm } from '../../helper/vm/state';
import { startLibvirtd, whyNot, type PrivateLibvirt } from '../vm/libvirtd';
import { isRoot, portrait, realTree, type RealTree } from './real';

const vm = '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1102';
const nvram = '/var/lib/libvirt/qemu/nvram/win11_VARS.fd';
const folder = `/var/lib/libvirt/swtpm/${vm}/tpm2`;
const tpm = `${folder}/tpm2-00.permall`;
const definition = `<domain type='qemu'><name>win11</name><uuid>${vm}</uuid><memory unit='MiB'>256</memory><os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware><feature enabled='no' name='secure-boot'/></firmware></os><features><acpi/></features><devices><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices></domain>`;

const qemu = 64055;
const tss = 102;

describe.runIf(isRoot)('files of a VM in a tree of root’s', () => {
  let tree: RealTree;
  let hands: Hands;
  let output: Readonly<Record<string, string>>;
  beforeEach(() => {
    tree = realTree();
    output = { 'virsh-domain-state': 'shut off\n\n', 'virsh-domain-xml': definition.replace("<firmware>", `<nvram>${nvram}</nvram><firmware>`) };
    hands = { ...tree.hands, start: (call): Promise<Result<ProgramEnd>> => Promise.resolve(ok({ exit: 0, output: output[call.program] ?? 'no such program here' })) };
    for (const [path, uid, mode] of [['/var/lib/libvirt', 0, 0o755], ['/var/lib/libvirt/qemu', qemu, 0o750], ['/var/lib/libvirt/qemu/nvram', qemu, 0o755], ['/var/lib/libvirt/swtpm', 0, 0o711], [`/var/lib/libvirt/swtpm/${vm}`, 0, 0o711], [folder, tss, 0o700]] as const) {
      mkdirSync(tree.at(path));
      chownSync(tree.at(path), uid, uid);
      chmodSync(tree.at(path), mode);
    }
    plant(nvram, 'variables', qemu);
    plant(tpm, 'keys', tss);
    writeFileSync(tree.at('/etc/victim'), 'secret\n', { mode: 0o600 });
  });
  afterEach(() => { tree.remove(); });

  const plant = (path: string, content: string, uid: number): void => {
    writeFileSync(tree.at(path), content, { mode: 0o600 });
    chownSync(tree.at(path), uid, uid);
  };
  const save = async () => {
    expect(openStore(hands).ok).toBe(true);
    return saveVm(hands, vm);
  };
  const copies = (): readonly string[] => readdirSync(tree.at('/var/lib/switchyard')).includes('contents') ? readdirSync(tree.at('/var/lib/switchyard/contents')).map((name) => readFileSync(tree.at(`/var/lib/switchyard/contents/${name}`), 'utf8')) : [];

  test('are saved for root alone and put back as they were, owner and mode and all', async () => {
    const seen = await save();
    if (!seen.ok) throw new Error(JSON.stringify(seen));
    expect([...copies()].sort()).toEqual(['keys', 'variables']);
    expect(statSync(tree.at(`/var/lib/switchyard/contents/${seen.value.tpm}`)).mode & 0o777).toBe(0o600);
    const before = portrait(tree.at('/var/lib/libvirt'));
    plant(nvram, 'what the guest wrote', qemu);
    rmSync(tree.at(folder), { recursive: true });
    expect(await putVm(hands, seen.value)).toEqual({ ok: true, value: undefined });
    // The folder is root's until libvirt gives it to swtpm's account at the next start.
    for (const path of [folder, tpm]) chownSync(tree.at(path), tss, tss);
    expect(portrait(tree.at('/var/lib/libvirt'))).toBe(before);
  });

  const swap = (path: string, make: () => void): void => {
    rmSync(tree.at(path), { recursive: true });
    make();
  };
  const kinds: readonly (readonly [string, string, () => void, string])[] = [
    ['the variables', 'a link', () => { swap(nvram, () => { symlinkSync(tree.at('/etc/victim'), tree.at(nvram)); }); }, 'link'],
    ['the variables', 'a second name of another file', () => { swap(nvram, () => { linkSync(tree.at('/etc/victim'), tree.at(nvram)); }); }, 'link'],
    ['the variables', 'a FIFO', () => { swap(nvram, () => { spawnSync('mkfifo', [tree.at(nvram)]); }); }, 'not-regular'],
    ['the variables', 'a device', () => { swap(nvram, () => { spawnSync('mknod', [tree.at(nvram), 'c', '1', '5']); }); }, 'not-regular'],
    ['the variables', 'a person’s', () => { chownSync(tree.at(nvram), 1000, 1000); }, 'owner'],
    ['the variables', 'open to others', () => { chmodSync(tree.at(nvram), 0o666); }, 'writable'],
    ['their folder', 'a link', () => { swap('/var/lib/libvirt/qemu/nvram', () => { symlinkSync(tree.at('/etc'), tree.at('/var/lib/libvirt/qemu/nvram')); }); }, 'not-folder'],
    ['their folder', 'open to others', () => { chmodSync(tree.at('/var/lib/libvirt/qemu/nvram'), 0o777); }, 'writable'],
    ['the TPM’s folder', 'a link', () => { swap(folder, () => { symlinkSync(tree.at('/etc'), tree.at(folder)); }); }, 'not-folder'],
    ['the TPM’s folder', 'a person’s', () => { chownSync(tree.at(folder), 1000, 1000); }, 'owner'],
    ['the TPM’s state', 'a link', () => { swap(tpm, () => { symlinkSync(tree.at('/etc/victim'), tree.at(tpm)); }); }, 'link'],
    ['libvirt’s folder', 'its own account’s', () => { chownSync(tree.at('/var/lib/libvirt'), qemu, qemu); }, 'owner'],
  ];
  test.each(kinds)('%s being %s, nothing is saved and nothing is put back', async (_what, _how, change, why) => {
    const seen = await save();
    if (!seen.ok) throw new Error(JSON.stringify(seen));
    rmSync(tree.at('/var/lib/switchyard/contents'), { recursive: true });
    const wanted = { ...seen.value };
    change();
    const before = [portrait(tree.at('/var/lib/libvirt')), portrait(tree.at('/etc'))];
    const saved = await save();
    expect(saved).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why } } });
    expect(copies()).not.toContain('secret\n');
    const put = await putVm(hands, { ...wanted, nvram: 'a'.repeat(64), tpm: 'b'.repeat(64) });
    expect(put.ok).toBe(false);
    expect([portrait(tree.at('/var/lib/libvirt')), portrait(tree.at('/etc'))]).toEqual(before);
  });

  test('where a leftover beside it is a link, nothing is written through it', async () => {
    const seen = await save();
    if (!seen.ok) throw new Error(JSON.stringify(seen));
    plant(nvram, 'what the guest wrote', qemu);
    symlinkSync(tree.at('/etc/victim'), tree.at('/var/lib/libvirt/qemu/nvram/.win11_VARS.fd.switchyard-new'));
    expect((await putVm(hands, seen.value)).ok).toBe(false);
    expect(readFileSync(tree.at('/etc/victim'), 'utf8')).toBe('secret\n');
    expect(lstatSync(tree.at('/etc/victim')).uid).toBe(0);
  });

  test.each([
    ['runs', { 'virsh-domain-state': 'running\n' }, 'vm-running'],
    ['is paused', { 'virsh-domain-state': 'paused\n' }, 'vm-running'],
    ['is another VM', { 'virsh-domain-xml': definition.replace(vm, 'aaaaaaaa-6f0a-4d6c-9a1e-0c6d5a1b1102') }, 'vm-shape'],
    ['names a place of its own', { 'virsh-domain-xml': definition.replace('<firmware>', '<nvram>/etc/victim</nvram><firmware>') }, 'vm-elsewhere'],
    ['has a TPM elsewhere', { 'virsh-domain-xml': definition.replace("version='2.0'/>", "version='2.0'><source type='file' path='/etc/victim'/></backend>") }, 'vm-elsewhere'],
    ['is no XML', { 'virsh-domain-xml': '<domain' }, 'vm-shape'],
  ])('what libvirt tells: it %s, and nothing is touched', async (_name, said, why) => {
    output = { ...output, ...said };
    expect(await save()).toMatchObject({ ok: false, problem: { detail: { why } } });
    expect(copies()).toEqual([]);
  });

  test('no program is led into a folder of theirs', async () => {
    const asked: string[] = [];
    const watched: Hands = { ...hands, start: (call) => { asked.push(call.program); return hands.start(call); } };
    expect(openStore(watched).ok).toBe(true);
    const seen = await saveVm(watched, vm);
    plant(nvram, 'what the guest wrote', qemu);
    expect(seen.ok && (await putVm(watched, seen.value)).ok).toBe(true);
    expect(new Set(asked)).toEqual(new Set(['virsh-domain-state', 'virsh-domain-xml']));
  });
});

const why = whyNot();
if (why !== null) console.log(`NOT TESTED: the state of a VM of a real libvirt: ${why}`);

describe.runIf(why === null)('a VM of a real libvirt', () => {
  let libvirt: PrivateLibvirt;
  let hands: Hands;
  beforeAll(async () => {
    libvirt = await startLibvirtd();
    // Its /var/lib becomes its own, so that our store is, too.
    const moved = `set -e; d=$(mktemp -d); mount --rbind /var/lib/libvirt "$d"; mount -t tmpfs -o mode=755 none /var/lib; mkdir /var/lib/libvirt /var/lib/swtpm-localca; chown tss /var/lib/swtpm-localca; mount --rbind "$d" /var/lib/libvirt; umount -l "$d"; rmdir "$d"`;
    const done = spawnSync('/usr/bin/nsenter', [`--mount=/proc/${libvirt.pid}/ns/mnt`, '/bin/sh', '-c', moved], { encoding: 'utf8' });
    expect(done.stderr).toBe('');
    const start = (call: ProgramCall): Promise<Result<ProgramEnd>> => {
      const ran = libvirt.raw(argumentsOf(call));
      return Promise.resolve(ok({ exit: ran.status, output: ran.out }));
    };
    hands = { ...liveHands(`/proc/${libvirt.pid}/root/`), start };
  }, 60_000);
  afterAll(() => libvirt.stop());

  test('is saved while it is off, and put back so that it starts again', async () => {
    const at = (path: string): string => join(`/proc/${libvirt.pid}/root`, path);
    expect(libvirt.raw(['-q', '-c', 'qemu:///system', 'define'], definition)).toMatchObject({ status: 0, err: '' });
    expect(await lookAtVm(hands, vm)).toEqual({ ok: true, value: { vm, nvram: null, tpm: null } });
    expect(libvirt.virsh('start', '--paused', vm)).toMatchObject({ status: 0, err: '' });
    expect(await saveVm(hands, vm)).toMatchObject({ ok: false, problem: { detail: { why: 'vm-running' } } });
    expect(libvirt.virsh('destroy', vm)).toMatchObject({ status: 0 });
    expect(openStore(hands).ok).toBe(true);
    const seen = await saveVm(hands, vm);
    if (!seen.ok) throw new Error(JSON.stringify(seen));
    for (const digest of [seen.value.nvram, seen.value.tpm]) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const before = portrait(at('/var/lib/libvirt/swtpm'));
    writeFileSync(at(tpm), 'what no swtpm would take');
    expect(libvirt.virsh('start', '--paused', vm).status).not.toBe(0);
    rmSync(at(nvram));
    expect(await putVm(hands, seen.value)).toEqual({ ok: true, value: undefined });
    expect(portrait(at('/var/lib/libvirt/swtpm'))).toBe(before);
    expect(libvirt.virsh('start', '--paused', vm)).toMatchObject({ status: 0, err: '' });
    expect(libvirt.virsh('destroy', vm)).toMatchObject({ status: 0 });
    expect(await lookAtVm(hands, 'aaaaaaaa-6f0a-4d6c-9a1e-0c6d5a1b1102')).toMatchObject({ ok: false, problem: { detail: { why: 'vm-unknown' } } });
  }, 120_000);
});
