// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { must, pause } from './command';
import { addPackages } from './guest-packages';
import { buildImage, imageHash } from './image';
import { guestArgs, overlay, patience, payloadFile, startGuest, variablesFile, type Guest } from './machine';
import { cacheFolder, type Qemu } from './needs';
import type { Payload } from './payload';
import { firmware, topologies, type Topology, type TopologyName } from './topology';

/** The name of the RAM snapshot in a ready disk. */
const tag = 'ready';

/** Whether the image lies in the cache, so that no package is needed. */
export const hasImage = (): boolean => existsSync(path.join(imageFolder(), 'base.qcow2'));

const imageFolder = (): string => path.join(cacheFolder, `image-${imageHash()}`);

/** Makes a folder of the cache whole or not at all: work is done beside it, and the last thing is its name. Another run that makes the same is waited for. */
async function made(folder: string, work: (at: string) => Promise<void>): Promise<string> {
  const at = `${folder}.making`;
  const owner = `${at}.owner`;
  mkdirSync(path.dirname(folder), { recursive: true });
  while (!existsSync(folder)) {
    if (!claim(owner)) {
      await pause(2000);
      continue;
    }
    try {
      rmSync(at, { recursive: true, force: true });
      mkdirSync(at);
      await work(at);
      renameSync(at, folder);
    } finally {
      rmSync(owner, { force: true });
    }
  }
  const now = new Date();
  utimesSync(folder, now, now); // when it was last of use, for tidy()
  return folder;
}

/** Whether this process may make what the file stands for; a note of a process that is gone counts for nothing. */
function claim(owner: string): boolean {
  try {
    writeFileSync(owner, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const pid = existsSync(owner) ? readFileSync(owner, 'utf8') : '';
    if (pid !== '' && !existsSync(`/proc/${pid}`)) rmSync(owner, { force: true });
    return false;
  }
}

/** Days after which what nobody used is thrown away: whole images, and machines with a package that is not the present one. */
const shelfLife = { image: 14, installed: 1 } as const;

const names = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
const older = (folder: string, days: number): boolean => Date.now() - statSync(folder).mtimeMs > days * 86_400_000;
const lives = (pid: string): boolean => existsSync(`/proc/${pid}`);

/** Throws away what the cache holds for nobody, also what a run that was killed left; only folders that the lab makes. */
export function tidy(payload: Payload): void {
  const here = imageFolder();
  const images = names(cacheFolder).filter((name) => /^image-[0-9a-f]{16}$/.test(name)).map((name) => path.join(cacheFolder, name));
  const gone = [
    ...images.filter((folder) => folder !== here && older(folder, shelfLife.image)),
    ...names(path.join(cacheFolder, 'run')).filter((name) => !lives(name.split('-')[0] ?? '')).map((name) => path.join(cacheFolder, 'run', name)),
    ...names(here).filter((name) => name.endsWith('.making.owner') && !lives(readFileSync(path.join(here, name), 'utf8'))).flatMap((name) => [path.join(here, name), path.join(here, name.replace(/\.owner$/, ''))]),
    ...names(here).filter((name) => /-with-[0-9a-f]{12}$/.test(name) && !name.endsWith(payload.hash)).map((name) => path.join(here, name)).filter((folder) => older(folder, shelfLife.installed)),
  ];
  for (const each of gone) rmSync(each, { recursive: true, force: true });
}

/** Starts a guest for something that must be done to its disk, and ends it whatever happens. */
async function using(guest: Guest, work: (guest: Guest) => Promise<void>): Promise<void> {
  try {
    await work(guest);
  } finally {
    if (guest.alive()) await guest.cut();
  }
}

/** Empty UEFI variables beside a disk, where the machine has any. */
async function emptyVariables(qemu: Qemu, topology: Topology, folder: string): Promise<void> {
  if (topology.firmware === 'uefi') await must(qemu.img, ['convert', '-f', 'raw', '-O', 'qcow2', firmware.variables, variablesFile(folder)], { env: qemu.env });
}

/** base.qcow2 after its first start: the distribution has installed its own boot loader. With systemd-boot, after a second one. */
async function golden(qemu: Qemu, loader: Topology['loader'], say: (line: string) => void): Promise<string> {
  const folder = await made(path.join(imageFolder(), `golden-${loader}`), async (at) => {
    const disk = path.join(at, 'disk.qcow2');
    const name = loader === 'grub' ? 'intel-one-card' : 'uefi-one-card';
    await overlay(qemu, loader === 'grub' ? await buildImage(qemu, say) : await golden(qemu, 'grub', say), disk);
    await emptyVariables(qemu, topologies[name], at);
    say(`image: first start with ${loader}`);
    await using(await startGuest({ qemu, name, folder: at, disk: { kind: 'qcow2', file: disk } }), async (guest) => {
      await guest.waitForLogin();
      await guest.sh(loader === 'grub' ? 'lab-first-boot' : 'lab-systemd-boot', { limit: 600_000 });
      await guest.off();
    });
  });
  return path.join(folder, 'disk.qcow2');
}

/** A snapshot is only good for the same QEMU and machine. */
function keyOf(qemu: Qemu, name: TopologyName): string {
  const args = guestArgs({ name, folder: '/', disk: { kind: 'qcow2', file: '/disk', snapshot: tag } }, { port: 0, sockets: '/' });
  return createHash('sha256').update(qemu.version).update([...args, ...packagesOf(name)].join(' ')).digest('hex').slice(0, 12);
}

const packagesOf = (name: TopologyName): readonly string[] => (topologies[name] as Topology).packages ?? [];

/** A machine of this topology, started and idle, as a disk with its RAM in it; made once and kept in the cache. */
function readyFolder(qemu: Qemu, name: TopologyName, say: (line: string) => void): Promise<string> {
  return made(path.join(imageFolder(), `${name}-${keyOf(qemu, name)}`), async (at) => {
    const file = path.join(at, 'disk.qcow2');
    await overlay(qemu, await golden(qemu, topologies[name].loader, say), file);
    await emptyVariables(qemu, topologies[name], at);
    say(`${name}: first start`);
    await using(await startGuest({ qemu, name, folder: at, disk: { kind: 'qcow2', file } }), async (guest) => {
      await guest.waitForLogin();
      await addPackages(guest, packagesOf(name), at);
      await guest.sh('systemctl is-system-running --wait || true; virsh -q domcapabilities --virttype qemu --machine q35 > /dev/null; udevadm settle; sync', { limit: 400_000 });
      await guest.monitor(`savevm ${tag}`);
    });
  });
}

/** The same machine with our package in it: what every scenario starts from. */
export function installedFolder(qemu: Qemu, name: TopologyName, payload: Payload, say: (line: string) => void): Promise<string> {
  return made(path.join(imageFolder(), `${name}-${keyOf(qemu, name)}-with-${payload.hash}`), async (at) => {
    const ready = await readyFolder(qemu, name, say);
    say(`${name}: installing our package`);
    copyFileSync(payload.tar, payloadFile(at));
    await using(await resumeFrom({ qemu, name, from: ready, folder: at }), async (guest) => {
      await install(guest);
      await guest.sh('switchyard scan --json > /dev/null; sync', { limit: 240_000 });
      await guest.monitor(`delvm ${tag}`);
      await guest.monitor(`savevm ${tag}`);
    });
  });
}

export async function install(guest: Guest): Promise<void> {
  await guest.sh('mkdir -p /opt/lab/payload && tar -C /opt/lab/payload -xf /dev/vdb && dpkg -i /opt/lab/payload/switchyard.deb > /dev/null && install -D -m 644 /opt/lab/payload/slow.conf /etc/systemd/system/switchyard-recover.service.d/lab.conf && systemctl daemon-reload', { limit: 600_000 });
}

/** A guest of this topology with our package, seconds after asking; its disk is a copy of its own in `folder`. */
export async function resume(qemu: Qemu, name: TopologyName, { folder, payload, say }: { folder: string; payload: Payload; say: (line: string) => void }): Promise<Guest> {
  return resumeFrom({ qemu, name, from: await installedFolder(qemu, name, payload, say), folder });
}

async function resumeFrom({ qemu, name, from, folder }: { qemu: Qemu; name: TopologyName; from: string; folder: string }): Promise<Guest> {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'disk.qcow2');
  for (const [source, to] of [[path.join(from, 'disk.qcow2'), file], [variablesFile(from), variablesFile(folder)]] as const) {
    if (existsSync(source)) await must('/bin/cp', ['--reflink=auto', '--sparse=always', source, to]);
  }
  const guest = await startGuest({ qemu, name, folder, disk: { kind: 'qcow2', file, snapshot: tag } });
  await guest.waitForLogin(patience.resume);
  return guest;
}

/** The disk of a machine that is off, as plain bytes: what a machine whose writes are written down starts from. */
export async function plainDisk(qemu: Qemu, name: TopologyName, say: (line: string) => void): Promise<string> {
  const { loader } = topologies[name];
  const folder = await made(path.join(imageFolder(), `plain-${loader}`), async (at) => {
    await must(qemu.img, ['convert', '-O', 'raw', await golden(qemu, loader, say), path.join(at, 'disk.raw')], { env: qemu.env });
  });
  return path.join(folder, 'disk.raw');
}
