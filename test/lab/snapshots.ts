// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { must } from './command';
import { buildImage, imageHash } from './image';
import { overlay, startGuest, type Guest } from './machine';
import { cacheFolder, type Qemu } from './needs';
import { machineArgs, topologies, type TopologyName } from './topology';

/** The name of the RAM snapshot in a ready disk. */
const tag = 'ready';

const imageFolder = (): string => path.join(cacheFolder, `image-${imageHash()}`);

/** base.qcow2 after its first start: the distribution has installed its own boot loader. */
async function golden(qemu: Qemu, say: (line: string) => void): Promise<string> {
  const disk = path.join(imageFolder(), 'golden.qcow2');
  if (existsSync(disk)) return disk;
  const base = await buildImage(qemu, say);
  const folder = path.join(imageFolder(), 'first-start');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  say('image: first start');
  await overlay(qemu, base, path.join(folder, 'disk.qcow2'));
  const guest = await startGuest({ qemu, name: 'intel-one-card', folder, disk: path.join(folder, 'disk.qcow2') });
  try {
    await guest.waitForLogin(420_000);
    await guest.sh('lab-first-boot', { limit: 420_000 });
    await guest.off();
  } finally {
    if (guest.alive()) await guest.cut();
  }
  renameSync(path.join(folder, 'disk.qcow2'), disk);
  rmSync(folder, { recursive: true, force: true });
  return disk;
}

/** A snapshot is only good for the same QEMU, machine and image. */
function readyKey(qemu: Qemu, name: TopologyName): string {
  const hash = createHash('sha256').update(qemu.version).update(machineArgs(topologies[name]).join(' ')).update(topologies[name].firmware);
  return hash.update(readFileSync(path.join(import.meta.dirname, 'machine.ts'))).digest('hex').slice(0, 12);
}

/** A machine of this topology, started and idle, as a disk with its RAM in it; made once and kept in the cache. */
export async function readyFolder(qemu: Qemu, name: TopologyName, say: (line: string) => void): Promise<string> {
  const folder = path.join(imageFolder(), `${name}-${readyKey(qemu, name)}`);
  if (existsSync(path.join(folder, 'disk.qcow2'))) return folder;
  const work = `${folder}.making`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const disk = path.join(work, 'disk.qcow2');
  await overlay(qemu, await golden(qemu, say), disk);
  say(`${name}: first start`);
  const guest = await startGuest({ qemu, name, folder: work, disk });
  try {
    await guest.waitForLogin(420_000);
    await guest.sh('systemctl is-system-running --wait || true; virsh -q domcapabilities --virttype qemu --machine q35 > /dev/null; udevadm settle; sync', { limit: 240_000 });
    await guest.monitor(`savevm ${tag}`);
  } finally {
    await guest.cut();
  }
  renameSync(work, folder);
  return folder;
}

/** A guest of this topology, seconds after asking; its disk is a copy of its own in `folder`. */
export async function resume(qemu: Qemu, name: TopologyName, folder: string, say: (line: string) => void): Promise<Guest> {
  const ready = await readyFolder(qemu, name, say);
  mkdirSync(folder, { recursive: true });
  for (const file of ['disk.qcow2', 'vars.fd']) {
    if (existsSync(path.join(ready, file))) await must('/bin/cp', ['--reflink=auto', '--sparse=always', path.join(ready, file), path.join(folder, file)]);
  }
  const guest = await startGuest({ qemu, name, folder, disk: path.join(folder, 'disk.qcow2'), snapshot: tag });
  await guest.waitForLogin(60_000);
  return guest;
}
