// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { summary, type TransactionState } from '../../contract/history';
import type { Outcome } from '../../contract/progress';
import type { Result } from '../../contract/problem';
import { storeFolder } from '../../core/step/places';
import { liveHands } from '../../helper/life';
import { recover } from '../../helper/recover';
import { inTree } from '../helper/real';
import { startProgram } from '../../helper/run';
import { must, run } from './command';
import { rootOffset, rootPartition } from './image';

/** Digests by path, as `Host.digests` gives them; a file that is not there has none. */
export type Digests = ReadonlyMap<string, string>;

/** What the boot loader reads: its files below /boot on the bare disk, without replaying the file system's journal, by GRUB's own code. Null: not there. */
export async function asGrubReads(disk: string, file: string): Promise<string | null> {
  const into = `${disk}.read`;
  rmSync(into, { force: true });
  const ran = await run('/usr/bin/grub-fstest', [disk, 'cp', `(loop0,${rootPartition})${file}`, into], { limit: 60_000 });
  const digest = ran.code === 0 && existsSync(into) ? sha256(readFileSync(into)) : null;
  rmSync(into, { force: true });
  return digest;
}

/** Bytes of a small file as the loader reads it. */
export async function textAsGrubReads(disk: string, file: string): Promise<string | null> {
  const ran = await run('/usr/bin/grub-fstest', [disk, 'cat', `(loop0,${rootPartition})${file}`], { limit: 60_000 });
  return ran.code === 0 ? ran.out : null;
}

/** The machine's own files after its file system was mounted again, as a tree on this computer. */
export interface Mounted {
  readonly tree: string;
  digests(): Digests;
  /** What the store tells everybody of a transaction; null: it does not know it. */
  state(transaction: string): TransactionState | null;
  /** The words of the start that follows, and what our recover unit does in it. */
  recover(commandLine: string, boot: string): Promise<Result<Outcome> | null>;
}

/**
 * What is in the disk after the journal was replayed, with everything that our recover unit may touch, given to `work`.
 * The disk itself is afterwards as it was before.
 */
export async function mounted<T>(disk: string, work: (machine: Mounted) => Promise<T>): Promise<T> {
  const tree = `${disk}.tree`;
  const before = `${disk}.e2undo`;
  rmSync(tree, { recursive: true, force: true });
  rmSync(before, { force: true });
  mkdirSync(path.join(tree, 'var/lib'), { recursive: true });
  const partition = `${disk}?offset=${rootOffset}`;
  // e2fsprogs 1.47 replays the journal through the undo file, and then complains that the file system is another one; so the journal is asked whether it was done.
  const journalStart = async (): Promise<string | undefined> => /^Journal start:\s+(\d+)/m.exec(await must('/sbin/dumpe2fs', ['-h', partition]))?.[1];
  const replays = (await journalStart()) !== '0';
  if (replays) await run('/sbin/e2fsck', ['-p', '-z', before, partition], { limit: 300_000 });
  try {
    const left = await journalStart();
    if (left !== '0') throw new Error(`the journal cannot be replayed: it still starts at ${left ?? 'nowhere'}`);
    const { out } = await run('/sbin/e2fsck', ['-fn', partition], { limit: 300_000 });
    const damage = out.split('\n').filter((line) => damaged.test(line));
    if (damage.length > 0) throw new Error(`the file system is damaged: ${damage.slice(0, 5).join(' | ')}`);
    await must('/sbin/debugfs', ['-R', `rdump /etc /boot ${tree}`, partition]);
    await run('/sbin/debugfs', ['-R', `rdump /var/lib/switchyard ${tree}/var/lib`, partition]);
    rmSync(path.join(tree, 'boot/efi'), { recursive: true, force: true });
    return await work(machineIn(tree));
  } finally {
    if (replays) await must('/sbin/e2undo', ['-o', String(rootOffset), before, disk]);
    rmSync(tree, { recursive: true, force: true });
    rmSync(before, { force: true });
  }
}

/** What a replayed journal never leaves behind; wrong counts and files that were deleted while open it does. */
const damaged = /multiply-claimed|deleted\/unused inode|corrupt|checksum|invalid|unconnected|unattached directory/i;

function machineIn(tree: string): Mounted {
  const at = (place: string): string => path.join(tree, place);
  return {
    tree,
    digests: () => new Map(['/etc', '/boot'].flatMap((folder) => filesBelow(tree, folder)).map((file) => [file, sha256(readFileSync(at(file)))])),
    state: (transaction) => {
      const told = at(`${storeFolder}/${transaction}/summary.json`);
      return existsSync(told) ? summary.parse(JSON.parse(readFileSync(told, 'utf8'))).state : null;
    },
    recover: async (commandLine, boot) => {
      if (!existsSync(at('/var/lib/switchyard/waiting'))) return null; // ConditionPathExists= of the unit
      mkdirSync(at('/proc/sys/kernel/random'), { recursive: true });
      mkdirSync(at('/run'), { recursive: true });
      writeFileSync(at('/proc/cmdline'), `${commandLine}\n`);
      writeFileSync(at('/proc/sys/kernel/random/boot_id'), `${boot}\n`);
      const hands = { ...liveHands(tree), start: (call: Parameters<typeof startProgram>[0]) => startProgram(inTree(call, at)) };
      return recover({ hands, session: { progress: () => undefined, stopAsked: () => Promise.resolve(false) }, origin: { via: 'systemd', uid: null } });
    },
  };
}

function filesBelow(tree: string, folder: string): readonly string[] {
  return readdirSync(path.join(tree, folder), { withFileTypes: true }).flatMap((entry) => {
    const place = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(tree, place) : entry.isFile() ? [place] : [];
  });
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
