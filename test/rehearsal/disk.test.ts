// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../../rehearsal/content';
import { append, change, create, forkDisk, inodeOf, link, makeDisk, mountAt, overwrite, rename, unlink, type Disk, type Inode } from '../../rehearsal/disk';
import { differences, find, folderAt, listing, textAt, writeAt } from '../../rehearsal/files';
import { checkpoint, flushAll, flushFile, flushFolder } from '../../rehearsal/flush';
import { cutPower } from '../../rehearsal/power-cut';
import { makeRandom } from '../../rehearsal/random';

const seed = fc.integer({ min: 0, max: 0xffff_ffff });

function withFile(text: string): Disk {
  const disk = makeDisk('ext4');
  writeAt(disk, '/etc/a', text);
  checkpoint(disk);
  return disk;
}
const at = (disk: Disk, path: string): Inode => {
  const inode = find(disk, path);
  if (inode === null) throw new Error(path);
  return inode;
};
const folderOf = (disk: Disk) => at(disk, '/etc');

/** Beside, complete, flushed (and with `back` written back), renamed, folder flushed; stops after `steps` of it. */
function replaceCarefully(disk: Disk, text: string, steps: number, back = false): void {
  const file = steps > 0 ? create(disk, folderOf(disk), '.a-new', { kind: 'file', mode: 0o600 }) : null;
  if (file !== null && steps > 1) overwrite(disk, inodeOf(disk, file.id), contentOf(text));
  if (file !== null && steps > 2) flushFile(disk, inodeOf(disk, file.id));
  if (back) flushAll(disk);
  if (steps > 3) rename(disk, { parent: folderOf(disk), name: '.a-new' }, { parent: folderOf(disk), name: 'a' });
  if (steps > 4) flushFolder(disk, folderOf(disk));
}

describe('power cut', () => {
  test('keeps whole what was flushed under a flushed name (claim replace-survives)', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 0, max: 5 }), (number, steps) => {
        const disk = withFile('old');
        replaceCarefully(disk, 'new content', steps);
        const after = textAt(cutPower(disk, makeRandom(number)).disk, '/etc/a');
        expect(steps === 5 ? ['new content'] : ['old', 'new content']).toContain(after);
      }),
      { numRuns: 400 },
    );
  });

  test('may leave a file that was written in place old, new, empty or cut short (claim naive-write-dies)', () => {
    const left = new Set<string>();
    for (let number = 0; number < 200; number++) {
      const disk = withFile('old');
      overwrite(disk, at(disk, '/etc/a'), contentOf('new content'));
      const text = textAt(cutPower(disk, makeRandom(number)).disk, '/etc/a') ?? 'gone';
      expect('new content'.startsWith(text) || text === 'old').toBe(true);
      left.add(text === 'old' || text === 'new content' || text === '' ? text : 'cut short');
    }
    expect([...left].sort()).toEqual(['', 'cut short', 'new content', 'old']);
  });

  test('never takes flushed lines from a journal that grows', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 6 }), (number, lines) => {
        const disk = makeDisk('ext4');
        writeAt(disk, '/etc/journal', '');
        checkpoint(disk);
        for (let line = 0; line < lines; line++) {
          append(disk, at(disk, '/etc/journal'), `line ${line}\n`);
          if (line < lines - 1) flushFile(disk, at(disk, '/etc/journal'));
        }
        const text = textAt(cutPower(disk, makeRandom(number)).disk, '/etc/journal') ?? '';
        const whole = Array.from({ length: lines }, (_, line) => `line ${line}\n`);
        expect(whole.join('').startsWith(text)).toBe(true);
        expect(text.startsWith(whole.slice(0, -1).join(''))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('drops changes of one folder only from the last backwards, and a rename whole or not at all', () => {
    fc.assert(
      fc.property(seed, (number) => {
        const disk = withFile('old');
        create(disk, folderOf(disk), 'one', { kind: 'file', mode: 0o644 });
        link(disk, at(disk, '/etc/a'), folderOf(disk), 'aside');
        rename(disk, { parent: folderOf(disk), name: 'one' }, { parent: folderOf(disk), name: 'a' });
        create(disk, folderOf(disk), 'last', { kind: 'file', mode: 0o644 });
        const after = cutPower(disk, makeRandom(number)).disk;
        const names = [...folderOf(after).entries.keys()].sort().join(' ');
        expect(['a', 'a one', 'a aside one', 'a aside', 'a aside last']).toContain(names);
        if (names === 'a aside last' || names === 'a aside') expect(textAt(after, '/etc/aside')).toBe('old');
      }),
      { numRuns: 300 },
    );
  });

  test('shows the loader the old or the new name of a committed rename, nothing below a new name that was not written back, and garbage where the old blocks were given back (claims no-journal-replay, written-back)', () => {
    const kept = new Set<string>();
    const flushed = new Set<string>();
    const freed = new Set<string>();
    for (let number = 0; number < 300; number++) {
      for (const [aside, back, seen] of [[true, true, kept], [true, false, flushed], [false, true, freed]] as const) {
        const disk = withFile('old');
        if (aside) link(disk, at(disk, '/etc/a'), folderOf(disk), 'aside');
        flushFolder(disk, folderOf(disk));
        replaceCarefully(disk, 'new', 5, back);
        const remains = cutPower(disk, makeRandom(number));
        expect(textAt(remains.disk, '/etc/a')).toBe('new');
        seen.add(textAt(remains.loader, '/etc/a') ?? 'gone');
      }
    }
    expect([...kept].sort()).toEqual(['new', 'old']);
    expect([...flushed].sort()).toEqual(['', 'new', 'old']);
    expect([...freed].some((text) => text !== 'old' && text !== 'new')).toBe(true);
  });

  test('is the same for the same seed', () => {
    fc.assert(
      fc.property(seed, (number) => {
        const disk = withFile('old');
        overwrite(disk, at(disk, '/etc/a'), contentOf('a longer text than before'));
        create(disk, folderOf(disk), 'b', { kind: 'file', mode: 0o644 });
        const once = listing(cutPower(disk, makeRandom(number)).disk, '/');
        expect(differences(once, listing(cutPower(disk, makeRandom(number)).disk, '/'))).toEqual([]);
      }),
    );
  });

  test('takes nothing after a checkpoint, and after a sync only from the loader', () => {
    fc.assert(
      fc.property(seed, fc.boolean(), (number, everything) => {
        const disk = withFile('old');
        writeAt(disk, '/etc/b', 'b');
        unlink(disk, folderOf(disk), 'a');
        (everything ? checkpoint : flushAll)(disk);
        const live = listing(disk, '/');
        const remains = cutPower(disk, makeRandom(number));
        expect(differences(live, listing(remains.disk, '/'))).toEqual([]);
        if (everything) expect(differences(live, listing(remains.loader, '/'))).toEqual([]);
      }),
    );
  });
});

describe('a disk in memory', () => {
  test('gives a fork nothing of what is changed later, and takes nothing from it', () => {
    const disk = withFile('old');
    const fork = forkDisk(disk);
    writeAt(fork, '/etc/a', 'fork');
    writeAt(disk, '/etc/c', 'mine');
    expect([textAt(disk, '/etc/a'), textAt(fork, '/etc/a'), textAt(fork, '/etc/c')]).toEqual(['old', 'fork', null]);
  });

  test('refuses links on FAT and renames between file systems', () => {
    const disk = withFile('old');
    mountAt(disk, folderAt(disk, '/boot/efi').id, { type: 'vfat', at: '/boot/efi' });
    writeAt(disk, '/boot/efi/x', 'x');
    expect(() => { link(disk, at(disk, '/boot/efi/x'), at(disk, '/boot/efi'), 'y'); }).toThrow('EPERM');
    expect(() => { rename(disk, { parent: folderOf(disk), name: 'a' }, { parent: at(disk, '/boot/efi'), name: 'a' }); }).toThrow('EXDEV');
  });

  test('follows links inside itself and gives up on a loop', () => {
    const disk = makeDisk('ext4');
    create(disk, folderAt(disk, '/usr/lib'), 'os-release', { kind: 'file', mode: 0o644 });
    create(disk, folderAt(disk, '/etc'), 'os-release', { kind: 'link', mode: 0o777, target: '../usr/lib/os-release' });
    create(disk, folderAt(disk, '/etc'), 'loop', { kind: 'link', mode: 0o777, target: 'loop' });
    expect(find(disk, '/etc/os-release')?.kind).toBe('file');
    expect(find(disk, '/etc/loop')).toBeNull();
  });

  test('counts names, and forgets none that is left', () => {
    const disk = withFile('old');
    link(disk, at(disk, '/etc/a'), folderOf(disk), 'b');
    unlink(disk, folderOf(disk), 'a');
    expect([textAt(disk, '/etc/b'), at(disk, '/etc/b').links]).toEqual(['old', 1]);
    change(disk, at(disk, '/etc/b'), {});
  });
});
