// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceFile, removeFile, rootReadable } from '../../helper/replace-file';
import { isRoot, portrait, realTree, type RealTree } from './real';

const place = '/boot/grub/custom.cfg';
const fresh = new TextEncoder().encode('new content\n');
let tree: RealTree;

beforeEach(() => {
  tree = realTree();
});
afterEach(() => {
  tree.remove();
});

const put = async (path = place) => {
  const seen = tree.hands.inspect(path);
  return seen.ok ? replaceFile(tree.hands, { path, expected: seen.value, content: fresh, owner: rootReadable }) : seen;
};

describe.runIf(isRoot)('on the real file system', () => {
  test('replaces a file whole, keeps owner, mode and attributes, and leaves beside it only the old blocks the loader may still need', async () => {
    chmodSync(tree.at(place), 0o640);
    chownSync(tree.at(place), 0, 4);
    const labelled = ((): boolean => {
      try {
        execFileSync('setfattr', ['-n', 'user.label', '-v', 'kept', tree.at(place)], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    })();
    expect(await put()).toMatchObject({ ok: true, value: { mode: 0o640, uid: 0, gid: 4 } });
    expect(tree.read(place)).toBe('new content\n');
    expect(tree.names('/boot/grub')).toEqual(['custom.cfg', 'custom.cfg.switchyard-old0']);
    if (labelled) expect(execFileSync('getfattr', ['-n', 'user.label', '--only-values', tree.at(place)], { encoding: 'utf8' })).toBe('kept');
  });

  test("keeps owner and mode of a VM's file, for which no program copies anything", async () => {
    const variables = '/var/lib/libvirt/qemu/nvram/win11_VARS.fd';
    mkdirSync(tree.at('/var/lib/libvirt/qemu/nvram'), { recursive: true });
    writeFileSync(tree.at(variables), 'old variables');
    chmodSync(tree.at(variables), 0o640);
    chownSync(tree.at(variables), 64_055, 64_055);
    expect(await put(variables)).toMatchObject({ ok: true, value: { mode: 0o640, uid: 64_055, gid: 64_055 } });
    expect(tree.read(variables)).toBe('new content\n');
  });

  const hasLabels = existsSync('/usr/bin/getfattr') && existsSync('/usr/bin/setfattr');
  if (!hasLabels) console.log('NOT TESTED: labels and ACLs of replaced files, because getfattr and setfattr are not installed (package attr)');
  const label = (name: string, value: string): void => { execFileSync('setfattr', ['-n', name, '-v', value, tree.at(place)]); };
  const labels = (): string => execFileSync('getfattr', ['--dump', '--match=-', '--absolute-names', tree.at(place)], { encoding: 'utf8' });

  test.runIf(hasLabels)('keeps every label and ACL of the old file, the security one too', async () => {
    label('security.selinux', 'system_u:object_r:boot_t:s0');
    label('user.mine', 'kept');
    label('trusted.other', 'kept');
    // An ACL that lets user 1000 read (acl(5), as the kernel stores it).
    label('system.posix_acl_access', '0x0200000001000600ffffffff02000400e803000004000400ffffffff10000400ffffffff20000400ffffffff');
    const before = labels();
    expect(await put()).toMatchObject({ ok: true });
    expect(tree.read(place)).toBe('new content\n');
    expect(labels()).toBe(before);
    expect(before).toContain('security.selinux');
  });

  test.runIf(hasLabels)('does not believe a copy of labels that did not take, and leaves the old file', async () => {
    label('user.mine', 'kept');
    const seen = tree.hands.inspect(place);
    if (!seen.ok) throw new Error('look');
    const lying: typeof tree.hands = { ...tree.hands, start: (call) => (call.program === 'copy-attributes' ? Promise.resolve({ ok: true, value: { exit: 0, output: '' } }) : tree.hands.start(call)) };
    expect(await replaceFile(lying, { path: place, expected: seen.value, content: fresh, owner: rootReadable })).toMatchObject({ ok: false, problem: { code: 'step-failed', detail: { why: 'attributes' } } });
    expect(tree.read(place)).toBe('old content\n');
    expect(tree.names('/boot/grub')).toEqual(['custom.cfg']);
  });

  test('makes a new file or folder with the mode it was asked for, whatever the umask is', async () => {
    const before = process.umask(0o077);
    rmSync(tree.at('/etc/default/grub.d'), { recursive: true, force: true });
    expect(tree.hands.makeFolder('/etc/default/grub.d', 0o755)).toMatchObject({ ok: true });
    expect(tree.hands.folder('/etc/default/grub.d')).toMatchObject({ ok: true, value: { mode: 0o755 } });
    expect(await put('/etc/default/grub.d/60-switchyard.cfg')).toMatchObject({ ok: true, value: { mode: 0o644 } });
    process.umask(before);
  });

  const hostile: readonly (readonly [string, string, (tree: RealTree) => void])[] = [
    ['a symbolic link', 'link', (at) => { renameSync(at.at(place), at.at('/boot/victim')); symlinkSync('../victim', at.at(place)); }],
    ['a dangling link', 'link', (at) => { rmSync(at.at(place)); symlinkSync('/etc/shadow', at.at(place)); }],
    ['a FIFO', 'not-regular', (at) => { rmSync(at.at(place)); execFileSync('mkfifo', [at.at(place)]); }],
    ['a device', 'not-regular', (at) => { rmSync(at.at(place)); execFileSync('mknod', [at.at(place), 'c', '1', '3']); }],
    ['a folder', 'not-regular', (at) => { rmSync(at.at(place)); mkdirSync(at.at(place)); }],
    ["somebody else's file", 'owner', (at) => { chownSync(at.at(place), 1000, 1000); }],
    ['a file others may write', 'writable', (at) => { chmodSync(at.at(place), 0o666); }],
    ['a folder that is a link', 'not-folder', (at) => { renameSync(at.at('/boot/grub'), at.at('/boot/real')); symlinkSync('real', at.at('/boot/grub')); }],
    ['a folder that is a FIFO', 'not-folder', (at) => { rmSync(at.at('/boot/grub'), { recursive: true }); execFileSync('mkfifo', [at.at('/boot/grub')]); }],
    ["somebody else's folder", 'owner', (at) => { chownSync(at.at('/boot/grub'), 1000, 1000); }],
    ['a folder others may write', 'writable', (at) => { chmodSync(at.at('/boot/grub'), 0o777); }],
    ['a folder higher up that others may write', 'writable', (at) => { chmodSync(at.at('/boot'), 0o775); chownSync(at.at('/boot'), 0, 100); }],
    ['a folder higher up that is a link', 'not-folder', (at) => { renameSync(at.at('/boot'), at.at('/real-boot')); symlinkSync('real-boot', at.at('/boot')); }],
  ];

  test.each(hostile)('refuses %s in the place of a file (%s) and leaves the whole tree as it was', async (_, why, arrange) => {
    arrange(tree);
    const before = portrait(tree.root);
    expect(await put()).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why } } });
    expect(portrait(tree.root)).toBe(before);
  });

  test.each(hostile)('removes nothing where %s stands (%s)', (_, why, arrange) => {
    const seen = tree.hands.inspect(place);
    arrange(tree);
    const before = portrait(tree.root);
    expect(tree.hands.remove(place)).toMatchObject({ ok: false, problem: { detail: { why } } });
    if (!seen.ok || seen.value === null) throw new Error('the tree has no custom.cfg');
    expect(removeFile(tree.hands, place, seen.value).ok).toBe(false);
    expect(portrait(tree.root)).toBe(before);
  });

  test('a link planted under the name of the temporary file is not written through', async () => {
    writeFileSync(tree.at('/boot/victim'), 'precious');
    symlinkSync('../victim', tree.at('/boot/grub/.custom.cfg.switchyard-new'));
    expect(await put()).toMatchObject({ ok: false, problem: { code: 'precondition-failed' } });
    expect(tree.read('/boot/victim')).toBe('precious');
    expect(tree.read(place)).toBe('old content\n');
  });

  test("touches nothing that somebody changed since it was seen, and keeps that somebody's content", async () => {
    const seen = tree.hands.inspect(place);
    if (!seen.ok) throw new Error('unreadable');
    writeFileSync(tree.at(place), 'a third hand\n');
    expect(await replaceFile(tree.hands, { path: place, expected: seen.value, content: fresh, owner: rootReadable })).toMatchObject({ ok: false, problem: { detail: { why: 'changed' } } });
    expect(tree.read(place)).toBe('a third hand\n');
    expect(tree.names('/boot/grub')).toEqual(['custom.cfg']);
  });

  test('another file of the same content under the same name is not the one that was seen', async () => {
    const seen = tree.hands.inspect(place);
    if (!seen.ok) throw new Error('unreadable');
    writeFileSync(tree.at('/boot/grub/other'), 'old content\n', { mode: 0o644 });
    renameSync(tree.at('/boot/grub/other'), tree.at(place));
    expect(await replaceFile(tree.hands, { path: place, expected: seen.value, content: fresh, owner: rootReadable })).toMatchObject({ ok: false, problem: { detail: { why: 'changed' } } });
  });

  test('does not make a file that was to be new and is there by now', async () => {
    expect(await replaceFile(tree.hands, { path: place, expected: null, content: fresh, owner: rootReadable })).toMatchObject({ ok: false, problem: { detail: { why: 'changed' } } });
    expect(tree.read(place)).toBe('old content\n');
  });

  test.each(['/etc/passwd', '/etc/default/grub', '/boot/vmlinuz-6.1.0', '/boot/initrd.img', '/var/lib/switchyard-evil', '/boot/grub/../../etc/passwd', '/boot/grub/custom.cfg\n', 'boot/grub/custom.cfg', '/boot//grub/custom.cfg'])(
    'writes nowhere but in its places: not to %j',
    (path) => {
      const before = portrait(tree.root);
      expect(tree.hands.create(path, 0o644)).toMatchObject({ ok: false, problem: { code: 'precondition-failed' } });
      expect(tree.hands.remove(path).ok).toBe(false);
      expect(tree.hands.makeFolder(path, 0o755).ok).toBe(false);
      expect(tree.hands.truncate(path, 0).ok).toBe(false);
      expect(portrait(tree.root)).toBe(before);
    },
  );

  test('renames and links only within one folder and only onto places', () => {
    expect(tree.hands.rename(place, '/boot/initrd.img-6.1.0')).toMatchObject({ ok: false, problem: { detail: { why: 'other-folder' } } });
    expect(tree.hands.rename(place, '/boot/grub/grub.cfg.bak')).toMatchObject({ ok: false, problem: { detail: { why: 'not-ours' } } });
    expect(tree.hands.link(place, `${place}.switchyard-old0`).ok).toBe(true);
    expect(tree.hands.link(place, `${place}.switchyard-old0`)).toMatchObject({ ok: false, problem: { detail: { why: 'exists' } } });
  });

  test('tells what is absent from what cannot be read', () => {
    expect(tree.hands.inspect('/boot/grub/grubenv')).toEqual({ ok: true, value: null });
    expect(tree.hands.inspect('/boot/nowhere/at/all')).toEqual({ ok: true, value: null });
    expect(tree.hands.folder('/boot/nowhere')).toEqual({ ok: true, value: null });
    expect(tree.hands.take(place, 3)).toMatchObject({ ok: false, problem: { code: 'too-large' } });
  });

  test('a second name does not keep a file from being replaced, and keeps its own content', async () => {
    linkSync(tree.at(place), tree.at('/boot/grub/other-name'));
    expect((await put()).ok).toBe(true);
    expect(tree.read('/boot/grub/other-name')).toBe('old content\n');
  });
});
