// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHistory } from '../../../main/history/history';

const cache = path.join(import.meta.dirname, '../../../node_modules/.cache');
let out: string;
let child: string;
let base: string;

beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  out = mkdtempSync(path.join(cache, 'history-child-'));
  base = mkdtempSync(path.join(tmpdir(), 'switchyard-crash-'));
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: out,
      target: 'node22',
      rolldownOptions: {
        input: path.join(import.meta.dirname, 'crash-child.ts'),
        external: [/^node:/, 'better-sqlite3'],
        output: { entryFileNames: 'child.mjs' },
      },
    },
  });
  child = path.join(out, 'child.mjs');
  for (const folder of [out, base]) chmodSync(folder, 0o755);
});
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
  rmSync(base, { recursive: true, force: true });
});

/** Starts the writing child, kills it without warning once it has said `after` times that a row is on disk. */
function killedAfter(folder: string, after: number, first: number): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, [child, folder, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if ((said.match(/\n/g)?.length ?? 0) >= after) writer.kill('SIGKILL');
    });
    writer.on('error', reject);
    writer.on('close', () => {
      resolve([...said.matchAll(/^done (\d+)$/gm)].map((found) => Number(found[1])));
    });
  });
}

describe('a process killed in the middle of writing', () => {
  test('loses no row it had said was on disk, and leaves a whole file every time', async () => {
    const folder = path.join(base, 'killed');
    const all: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      all.push(...(await killedAfter(folder, 3 + round * 5, round * 100_000)));
      const history = await openHistory({ folder, clock: () => 0 });
      if (!history.ok) throw new Error(JSON.stringify(history.problem));
      expect(history.value.notice).toBeNull();
      const rows = history.value.timeline();
      history.value.close();
      const known = new Set(rows.ok ? rows.value.map((row) => parseInt(row.summary.transaction, 16)) : []);
      expect(all.filter((number) => !known.has(number))).toEqual([]);
      expect(known.size).toBeLessThanOrEqual(all.length + round + 1);
    }
    expect(all.length).toBeGreaterThan(50);
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
  });
});

describe('a place that cannot be written', () => {
  const run = (command: string, folder: string, more: { uid?: number; gid?: number } = {}): string =>
    spawnSync('/bin/sh', ['-c', command, 'sh', process.execPath, child, folder], {
      encoding: 'utf8',
      cwd: '/',
      ...more,
    }).stdout;

  test('a full disk is said, and what was written before can be read', () => {
    const said = run('ulimit -f 128; trap "" XFSZ; exec "$1" "$2" "$3" 0 100000', path.join(base, 'full'));
    const written = [...said.matchAll(/^done /gm)].length;
    expect(written).toBeGreaterThan(3);
    expect(said).toMatch(/^problem \{"code":"unreadable","detail":\{"why":"history-(?:full|disk)"/m);
    expect(said).toContain(`read ${written}`);
  });

  // Root may write everywhere, so another user tries.
  const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

  test('a folder that can only be read is said; the history in it can still be read', () => {
    const folder = path.join(base, 'read-only');
    mkdirSync(folder);
    if (other.uid !== undefined) chownSync(folder, other.uid, other.gid);
    expect(run('exec "$1" "$2" "$3" 0 2', folder, other)).toContain('read 2');
    chmodSync(folder, 0o500);
    chmodSync(path.join(folder, 'history.db'), 0o400);
    const said = run('exec "$1" "$2" "$3" 5 2', folder, other);
    expect(said).toMatch(/^problem \{"code":"unreadable","detail":\{"why":"history-(?:read-only|denied)"/m);
    expect(said).toContain('read 2');
    chmodSync(folder, 0o700);
  });

  test('a folder that may not be made is said', () => {
    const parent = path.join(base, 'closed');
    mkdirSync(parent, { mode: 0o555 });
    expect(run('exec "$1" "$2" "$3"', path.join(parent, 'switchyard'), other)).toMatch(
      /^problem \{"code":"unreadable","detail":\{"why":"history-denied"/,
    );
  });

  test('a file of somebody else is said', () => {
    const folder = path.join(base, 'foreign');
    mkdirSync(folder);
    if (other.uid !== undefined) chownSync(folder, other.uid, other.gid);
    writeFileSync(path.join(folder, 'history.db'), '', { mode: 0o000 });
    if (other.uid === undefined) return;
    expect(run('exec "$1" "$2" "$3"', folder, other)).toMatch(
      /^problem \{"code":"unreadable","detail":\{"why":"history-denied"/,
    );
  });
});
