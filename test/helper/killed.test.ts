// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, describe, expect, test } from 'vitest';
import { replaceFile, rootReadable } from '../../helper/replace-file';
import { isRoot, realTree, type RealTree } from './real';

const house = join(import.meta.dirname, '../..');
const strace = '/usr/bin/strace';
const canWatch = isRoot && existsSync(strace) && spawnSync(strace, ['-o', '/dev/null', 'true']).status === 0;
if (!canWatch) console.log('NOT TESTED: SIGKILL at each system call of replacing a file, because strace is not installed or may not trace here');

const place = '/boot/grub/custom.cfg';
const older = 'old content\n';
const newer = 'new content\n';
/** Everything that changes a file system; between two of these nothing on the disk is another one. */
const changing = ['openat', 'write', 'pwrite64', 'writev', 'fchown', 'fchmod', 'fsync', 'fdatasync', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'ftruncate', 'close'];
let program = '';

/** Runs the program with strace; `kill`: SIGKILL arrives as it enters its nth call of that name. */
function watched(tree: RealTree, log: string, kill: { readonly call: string; readonly nth: number } | null): number | null {
  const inject = kill === null ? [] : ['-e', `inject=${kill.call}:signal=SIGKILL:when=${kill.nth}`];
  const ended = spawnSync(strace, ['-q', '-o', log, '-e', `trace=access,faccessat,faccessat2,${changing.join(',')}`, ...inject, process.execPath, program, tree.root, place, newer], { stdio: 'ignore', timeout: 60_000 });
  return ended.status;
}

/** The calls of a whole run after its work began, each by its name and number. */
function boundaries(log: string): readonly { readonly call: string; readonly nth: number; readonly line: string }[] {
  const counts = new Map<string, number>();
  const found: { call: string; nth: number; line: string }[] = [];
  let works = false;
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    if (line.includes('switchyard-work-begins')) works = true;
    const call = /^(\w+)\(/.exec(line)?.[1] ?? '';
    if (!changing.includes(call)) continue;
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    if (works) found.push({ call, nth, line });
  }
  return found;
}

/** What may change a file: not opening to read, not what is written to a pipe of the runtime's own. */
const counts = (line: string): boolean => !/^(?:openat\([^)]*O_RDONLY|close\()/.test(line) || /O_CREAT/.test(line);

describe.runIf(canWatch)('a helper that is killed while it replaces a file', () => {
  beforeAll(async () => {
    const outDir = join(house, '.cache/replace-once');
    await build({ configFile: false, logLevel: 'error', build: { ssr: join(import.meta.dirname, 'replace-once.ts'), outDir, emptyOutDir: true, target: 'node24', rollupOptions: { output: { entryFileNames: 'replace-once.mjs' } } } });
    program = join(outDir, 'replace-once.mjs');
  }, 120_000);

  test('leaves the old file or the new one, whole, wherever it was killed, and the next attempt works and tidies', { timeout: 600_000 }, async () => {
    const whole = realTree();
    const log = join(whole.root, 'run/strace');
    expect(watched(whole, log, null)).toBe(0);
    expect(whole.read(place)).toBe(newer);
    const all = boundaries(log).filter(({ line }) => counts(line));
    whole.remove();
    for (const call of ['fsync', 'rename', 'fchown', 'fchmod', 'write']) expect(all.map((each) => each.call.replace(/at2?$/, ''))).toContain(call);

    const wrong: string[] = [];
    const seen = new Set<string>();
    for (const boundary of all) {
      const tree = realTree();
      watched(tree, join(tree.root, 'run/strace'), boundary);
      const text = tree.read(place);
      seen.add(text);
      if (text !== older && text !== newer) wrong.push(`${boundary.line}: ${text}`);
      rmSync(join(tree.root, 'run/strace'), { force: true });
      const expected = tree.hands.inspect(place);
      const again = expected.ok ? await replaceFile(tree.hands, { path: place, expected: expected.value, content: new TextEncoder().encode(newer), owner: rootReadable }) : expected;
      if (!again.ok || tree.read(place) !== newer) wrong.push(`${boundary.line}: again ${JSON.stringify(again)}`);
      const left = tree.names('/boot/grub').filter((name) => name !== 'custom.cfg' && !/^custom\.cfg\.switchyard-old\d$/.test(name));
      if (left.length > 0) wrong.push(`${boundary.line}: left ${left.join(' ')}`);
      tree.remove();
    }
    expect(wrong).toEqual([]);
    // Both ends were met: it was killed before the rename and after it.
    expect(seen).toEqual(new Set([older, newer]));
    expect(all.length).toBeGreaterThan(10);
  });
});
