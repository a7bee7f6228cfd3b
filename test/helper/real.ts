// SPDX-License-Identifier: GPL-3.0-or-later
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, lstatSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liveHands } from '../../helper/life';
import type { Hands } from '../../helper/hands';
import type { ProgramCall } from '../../helper/programs';
import { startProgram } from '../../helper/run';

/** A small tree of root's on the real file system, and hands that take it for the whole machine. */
export interface RealTree {
  readonly root: string;
  readonly hands: Hands;
  at(path: string): string;
  read(path: string): string;
  names(path: string): readonly string[];
  remove(): void;
}

export const isRoot = process.getuid?.() === 0;

export function realTree(): RealTree {
  const root = mkdtempSync(join(tmpdir(), 'switchyard-tree-'));
  chmodSync(root, 0o755);
  for (const folder of ['/etc', '/etc/default', '/etc/default/grub.d', '/boot', '/boot/grub', '/var', '/var/lib', '/var/lib/switchyard', '/run']) mkdirSync(join(root, folder), { mode: 0o755 });
  const at = (path: string): string => join(root, path);
  writeFileSync(at('/boot/grub/custom.cfg'), 'old content\n', { mode: 0o644 });
  return {
    root,
    hands: { ...liveHands(root), start: (call) => startProgram(inTree(call, at)) },
    at,
    read: (path) => readFileSync(at(path), 'utf8'),
    names: (path) => readdirSync(at(path)).sort(),
    remove: () => { rmSync(root, { recursive: true, force: true }); },
  };
}

/** Programs do not know of the tree: those that only move files about or flush them are led into it. */
export function inTree(call: ProgramCall, at: (path: string) => string): ProgramCall {
  if (call.program === 'copy-attributes') return { ...call, from: at(call.from), to: at(call.to) };
  if (call.program === 'read-attributes' || call.program === 'sync-filesystem') return { ...call, path: at(call.path) };
  return call.program === 'remove-unpacked' ? { ...call, folder: at(call.folder) } : call;
}

/** Every file, folder and link below a folder with kind, mode, owner and content: what "unchanged" means. */
export function portrait(folder: string): string {
  const lines: string[] = [];
  const walk = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      const each = join(path, name);
      const stat = lstatSync(each);
      const what = stat.isFile() ? readFileSync(each).toString('base64') : stat.isDirectory() ? '/' : 'special';
      lines.push(`${each.slice(folder.length)} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${what}`);
      if (stat.isDirectory()) walk(each);
    }
  };
  walk(folder);
  return lines.join('\n');
}
