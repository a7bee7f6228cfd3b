// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { closeSync, cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { must } from './command';
import { cacheFolder, mirror, type Qemu } from './needs';

const here = import.meta.dirname;
const megabyte = 1024 * 1024;
const sector = 512;
/** Megabytes. */
const sizes = { root: 5600, esp: 256 };
/** First sectors of the partitions. */
const start = { bios: 2048, esp: 4096, root: 4096 + (sizes.esp * megabyte) / sector } as const;
/** Where the root file system begins on the disk, in bytes, and GRUB's name for its partition. */
export const rootOffset = start.root * sector;
export const rootPartition = 'gpt3';
/** The Debian that the guests run. */
export const suite = 'trixie';

const packages = [
  'systemd systemd-sysv systemd-resolved dbus libpam-systemd udev polkitd pkexec sudo dbus-user-session apparmor',
  'libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 qemu-utils ovmf swtpm swtpm-tools mdevctl',
  'openssh-server pciutils usbutils kmod lsof iproute2 procps psmisc util-linux less dash',
  'initramfs-tools zstd linux-image-amd64 linux-headers-amd64 build-essential',
  'grub-pc grub-efi-amd64-bin grub2-common efibootmgr systemd-boot-efi systemd-boot-tools',
].flatMap((line) => line.split(' '));

/** The image's name in the cache: every file that goes into it, and the packages' names. Not Debian's package versions: a weekly rebuild is not worth an hour. */
export function imageHash(): string {
  const hash = createHash('sha256').update(packages.join(' ')).update(JSON.stringify(sizes)).update(suite);
  for (const folder of ['image', 'driver']) {
    for (const name of readdirSync(path.join(here, folder)).toSorted()) hash.update(name).update(readFileSync(path.join(here, folder, name)));
  }
  return hash.update(readFileSync(path.join(here, 'image.ts'))).digest('hex').slice(0, 16);
}

/** Where the key that opens the lab's guests lies; made once, never leaves the cache. */
export const keyFile = path.join(cacheFolder, 'id_lab');

/**
 * Builds the disk image of the lab's guests without loop devices, mounts or KVM: mmdebstrap -> folder -> mke2fs -d,
 * an ESP by mtools, GPT by sfdisk, and GRUB's BIOS boot code written where grub-bios-setup would put it.
 */
export async function buildImage(qemu: Qemu, say: (line: string) => void): Promise<string> {
  const folder = path.join(cacheFolder, `image-${imageHash()}`);
  const image = path.join(folder, 'base.qcow2');
  if (existsSync(image)) return image;
  const work = path.join(folder, 'work');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(path.join(work, 'ours'), { recursive: true });
  if (!existsSync(keyFile)) await must('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', keyFile]);
  cpSync(path.join(here, 'driver'), path.join(work, 'ours/driver'), { recursive: true });
  for (const script of ['first-boot', 'systemd-boot']) cpSync(path.join(here, `image/${script}.sh`), path.join(work, `ours/${script}.sh`));
  cpSync(`${keyFile}.pub`, path.join(work, 'ours/key.pub'));

  say('image: installing Debian');
  await bootstrap(work);
  say('image: making file systems');
  await fileSystems(work);
  await disk(work);
  await must(qemu.img, ['convert', '-O', 'qcow2', `${work}/disk.raw`, `${image}.new`], { env: qemu.env });
  renameSync(`${image}.new`, image);
  rmSync(work, { recursive: true, force: true });
  return image;
}

async function bootstrap(work: string): Promise<void> {
  const excluded = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const hook = `sh ${here}/image/customize.sh "$1" ${work}/ours`;
  await must('/usr/bin/mmdebstrap', [
    '--mode=root',
    '--variant=minbase',
    '--skip=check/empty',
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    '--dpkgopt=force-unsafe-io',
    ...excluded,
    `--include=${packages.join(',')}`,
    `--customize-hook=${hook}`,
    suite,
    `${work}/root`,
    mirror(),
  ], { limit: 1_500_000 });
}

async function fileSystems(work: string): Promise<void> {
  writeFileSync(`${work}/root.ext4`, '');
  truncateSync(`${work}/root.ext4`, sizes.root * megabyte);
  await must('/sbin/mke2fs', ['-q', '-t', 'ext4', '-L', 'labroot', '-d', `${work}/root`, `${work}/root.ext4`]);
  writeFileSync(`${work}/esp.img`, '');
  truncateSync(`${work}/esp.img`, sizes.esp * megabyte);
  await must('/sbin/mkfs.vfat', ['-F32', '-n', 'LABESP', `${work}/esp.img`]);
  writeFileSync(`${work}/early.cfg`, 'search --no-floppy --label labroot --set=root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n');
  const modules = ['part_gpt', 'part_msdos', 'fat', 'ext2', 'normal', 'linux', 'search', 'search_label', 'configfile', 'serial', 'terminal', 'echo', 'loadenv', 'test'];
  const common = ['-c', `${work}/early.cfg`, '-p', '/boot/grub'];
  await must('/usr/bin/grub-mkimage', ['-O', 'x86_64-efi', '-o', `${work}/BOOTX64.EFI`, ...common, ...modules, 'all_video']);
  await must('/usr/bin/grub-mkimage', ['-O', 'i386-pc', '-o', `${work}/core.img`, ...common, 'biosdisk', ...modules]);
  await must('/usr/bin/mmd', ['-i', `${work}/esp.img`, '::/EFI', '::/EFI/BOOT']);
  await must('/usr/bin/mcopy', ['-i', `${work}/esp.img`, `${work}/BOOTX64.EFI`, '::/EFI/BOOT/BOOTX64.EFI']);
}

/** GPT with a BIOS boot partition, the ESP and the root; the numbers are sectors. */
async function disk(work: string): Promise<void> {
  const { bios, esp, root } = start;
  const end = root + (sizes.root * megabyte) / sector + 2048;
  writeFileSync(`${work}/disk.raw`, '');
  truncateSync(`${work}/disk.raw`, end * sector);
  const table = [
    'label: gpt',
    `start=${bios}, size=2048, type=21686148-6449-6E6F-744E-656564454649`,
    `start=${esp}, size=${root - esp}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B`,
    `start=${root}, size=${(sizes.root * megabyte) / sector}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709`,
  ];
  await must('/sbin/sfdisk', ['-q', `${work}/disk.raw`], { input: `${table.join('\n')}\n` });
  for (const [file, at] of [['esp.img', esp], ['root.ext4', root]] as const) {
    await must('/bin/dd', [`if=${work}/${file}`, `of=${work}/disk.raw`, 'bs=1M', `seek=${(at * sector) / megabyte}`, 'conv=notrunc,sparse', 'status=none']);
  }
  writeBootCode(`${work}/disk.raw`, readFileSync(`${work}/core.img`), bios);
}

/** boot.img into the MBR with the place of core.img at 0x5c; core.img's first block list entry, at 0x1f4, points at its second sector. GRUB: util/setup.c. */
function writeBootCode(file: string, core: Buffer, at: number): void {
  const boot = readFileSync('/usr/lib/grub/i386-pc/boot.img');
  boot.writeBigUInt64LE(BigInt(at), 0x5c);
  boot.write('\u0090\u0090', 0x66, 'latin1');
  core.writeBigUInt64LE(BigInt(at + 1), 0x1f4);
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, boot.subarray(0, 440), 0, 440, 0);
  writeSync(descriptor, core, 0, core.length, at * sector);
  closeSync(descriptor);
}
