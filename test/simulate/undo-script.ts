// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, lstatSync, symlinkSync, writeFileSync, readlinkSync, chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransactionId } from '../../contract/history';
import { undo } from '../../helper/undo';
import { childOf, type Disk, type Inode } from '../../rehearsal/disk';
import { find } from '../../rehearsal/files';
import { forkRunning } from '../../rehearsal/fork';
import { rehearsalOf } from '../../rehearsal/machine';
import { powerOn } from '../../rehearsal/start';
import type { World } from '../../rehearsal/world';

const folders = ['/etc', '/boot'] as const;
const store = '/var/lib/switchyard';

/** Undoes a change twice from where the machine stands: by the helper in memory and by undo.sh with a real dash on a copy; says where they differ. */
export async function sameByScript(world: World, transaction: TransactionId): Promise<string> {
  const forked = forkRunning(world, 7);
  if (forked.kernel === null && powerOn(forked).at !== 'up') return 'nothing to undo';
  const script = find(forked.disk, `${store}/${transaction}/private/undo.sh`);
  if (script === null) return 'nothing to undo';
  const root = mkdtempSync(join(tmpdir(), 'switchyard-walk-'));
  try {
    for (const folder of [...folders, store]) plant(forked.disk, root, folder);
    const ran = spawnSync('/usr/bin/dash', [join(root, `${store}/${transaction}/private/undo.sh`), '--root', root], { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
    if (ran.status !== 0 && ran.status !== 2) return `exit ${String(ran.status)}: ${ran.stdout}${ran.stderr}`;
    const undone = await undo(rehearsalOf(forked).desk(), { transaction });
    if (!undone.ok && undone.problem.code === 'not-found') return 'nothing to undo';
    return compare(forked.disk, root, { undone: undone.ok, exit: ran.status });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function compare(disk: Disk, root: string, ended: { readonly undone: boolean; readonly exit: number }): string {
  const byHelper = new Map<string, string>();
  const byScript = new Map<string, string>();
  for (const folder of folders) {
    listDisk(disk, folder, byHelper);
    listFolder(root, folder, byScript);
  }
  const differs = [...new Set([...byHelper.keys(), ...byScript.keys()])].filter((path) => byHelper.get(path) !== byScript.get(path));
  if (differs.length > 0) return differs.slice(0, 6).join(' ');
  return ended.undone === (ended.exit === 0) ? 'the same' : `one says undone, the other not (${String(ended.undone)}, exit ${ended.exit})`;
}

/** Groups and what starts by itself are programs' to change, and belong to no place: undo.sh says so in a line. */
export const isSetting = (path: string): boolean => /^\/etc\/g(?:roup|shadow)-?$|^\/etc\/libvirt\/(?:qemu\/networks|storage)\/autostart(?:\/|$)|^\/var\/lib\/libvirt\//.test(path);

/** Second names for a loader that replays no journal: the helper leaves them until the next good start, a rescue system's script has no use for them. */
const counts = (path: string): boolean => !/\.switchyard-old\d*$/.test(path) && !isSetting(path);

function listDisk(disk: Disk, path: string, into: Map<string, string>): void {
  const inode = find(disk, path);
  if (inode !== null) walkDisk(disk, { inode, path }, (one, at) => { if (counts(at)) into.set(at, pictureOf(one.kind, one.attributes.mode, one.kind === 'link' ? one.target : one.content.bytes)); });
}

function walkDisk(disk: Disk, { inode, path }: { inode: Inode; path: string }, each: (inode: Inode, path: string) => void): void {
  each(inode, path);
  if (inode.kind !== 'folder') return;
  for (const name of inode.entries.keys()) {
    const child = childOf(disk, inode, name);
    if (child !== null) walkDisk(disk, { inode: child, path: `${path}/${name}` }, each);
  }
}

function listFolder(root: string, path: string, into: Map<string, string>): void {
  const stat = lstatSync(join(root, path));
  const kind = stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'file';
  const what = kind === 'link' ? readlinkSync(join(root, path)) : kind === 'file' ? readFileSync(join(root, path)) : '';
  if (counts(path)) into.set(path, pictureOf(kind, stat.mode & 0o7777, what));
  if (kind === 'folder') for (const name of readdirSync(join(root, path))) listFolder(root, `${path}/${name}`, into);
}

const pictureOf = (kind: string, mode: number, what: string | Uint8Array): string =>
  `${kind} ${kind === 'link' ? '' : mode.toString(8)} ${kind === 'folder' ? '' : typeof what === 'string' ? what : Buffer.from(what).toString('latin1')}`;

/** Puts a folder of the machine of memory on the real disk below `root`, owners kept where that is allowed. */
function plant(disk: Disk, root: string, folder: string): void {
  const inode = find(disk, folder);
  if (inode === null) return;
  mkdirSync(join(root, folder), { recursive: true });
  walkDisk(disk, { inode, path: folder }, (one, path) => {
    const real = join(root, path);
    if (one.kind === 'link') {
      symlinkSync(one.target, real);
      return;
    }
    if (one.kind === 'folder') mkdirSync(real, { recursive: true });
    else writeFileSync(real, one.content.bytes);
    chmodSync(real, one.attributes.mode);
    if (process.getuid?.() === 0) chownSync(real, one.attributes.uid, one.attributes.gid);
  });
}
