// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { must, run } from './command';

/** Where image, QEMU and snapshots are kept: outside the repository, by content hash. */
export const cacheFolder = process.env['SWITCHYARD_LAB_CACHE'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'switchyard-lab');

const packages: Readonly<Record<string, string>> = {
  mmdebstrap: '/usr/bin/mmdebstrap',
  e2fsprogs: '/sbin/mke2fs',
  mtools: '/usr/bin/mcopy',
  dosfstools: '/sbin/mkfs.vfat',
  fdisk: '/sbin/sfdisk',
  ovmf: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  'ipxe-qemu': '/usr/lib/ipxe/qemu',
  'qemu-system-x86': '/usr/bin/qemu-system-x86_64',
  'qemu-utils': '/usr/bin/qemu-img',
  'grub-pc-bin': '/usr/lib/grub/i386-pc/boot.img',
  'grub-efi-amd64-bin': '/usr/lib/grub/x86_64-efi',
  'grub-common': '/usr/bin/grub-mkimage',
  'openssh-client': '/usr/bin/ssh',
  zstd: '/usr/bin/zstd',
};
/** Bytes the lab needs free beside what is cached: an image being built, and one copy of a disk per running machine. */
const needed = 12 * 2 ** 30;
const gibibyte = 2 ** 30;
/** Bytes of memory free: a guest has three gibibytes. */
const neededMemory = 4 * gibibyte;

/** What of this computer decides whether the lab can run; given, so that every answer can be tried. */
export interface Means {
  readonly platform: string;
  readonly architecture: string;
  readonly uid: number;
  readonly exists: (file: string) => boolean;
  /** Bytes free where the cache lies; null when no folder can be made there. */
  readonly free: () => number | null;
  /** Bytes of memory that could be had now. */
  readonly memory: () => number;
  /** Whether this process may mount, which making a system in a folder needs. */
  readonly mounts: () => boolean;
}

export const means: Means = {
  platform: process.platform,
  architecture: process.arch,
  uid: process.getuid?.() ?? -1,
  exists: existsSync,
  free: () => {
    try {
      mkdirSync(cacheFolder, { recursive: true });
      const { bavail, bsize } = statfsSync(cacheFolder);
      return bavail * bsize;
    } catch {
      return null;
    }
  },
  memory: () => Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024,
  mounts: () => spawnSync('/usr/bin/unshare', ['--mount', '/bin/true']).status === 0,
};

/** One line for each thing without which nothing of the lab can run and that cannot be installed; empty when all is there. */
export function missingMeans({ platform, architecture, uid, free, memory, mounts }: Means): readonly string[] {
  if (platform !== 'linux' || architecture !== 'x64') return [`a Linux computer with an x86-64 processor (this is ${platform} on ${architecture})`];
  const gone: string[] = [];
  if (uid !== 0) gone.push('root, to make a file system whose files have the right owners');
  else if (!mounts()) gone.push('the right to mount (CAP_SYS_ADMIN), to make a system in a folder');
  const room = memory();
  if (room < neededMemory) gone.push(`${neededMemory / gibibyte} GiB of free memory (there are ${(room / gibibyte).toFixed(1)})`);
  const space = free();
  if (space === null) gone.push(`a folder it may write to (${cacheFolder}; SWITCHYARD_LAB_CACHE names another)`);
  else if (space < needed) gone.push(`${needed / gibibyte} GiB free under ${cacheFolder} (there are ${Math.floor(space / gibibyte)}; SWITCHYARD_LAB_CACHE names another place)`);
  return gone;
}

/** The Debian packages that are not there. */
export const missingPackages = ({ exists }: Means): readonly string[] => Object.keys(packages).filter((name) => !exists(packages[name] ?? ''));

/** Installs them after showing the line; says which still lack. */
export async function installPackages(names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  if (!existsSync('/usr/bin/apt-get')) return names.map((name) => `what Debian calls the package ${name}`);
  const line = ['install', '-y', '--no-install-recommends', ...names];
  console.log(`The lab needs Debian packages that are not here:\n  apt-get ${line.join(' ')}`);
  for (const args of [['update'], line]) await run('/usr/bin/apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  return missingPackages(means).map((name) => `the Debian package ${name}`);
}

/** Null, or why Debian's packages cannot be had from the mirror of this computer. */
export async function missingSuite(suite: string): Promise<string | null> {
  const apt = path.join(cacheFolder, 'apt-probe');
  mkdirSync(path.join(apt, 'lists/partial'), { recursive: true });
  writeFileSync(path.join(apt, 'sources.list'), `deb [signed-by=${keyring}] ${mirror()} ${suite} main\n`);
  const ran = await run('/usr/bin/apt-get', ['-o', `Dir::Etc::sourcelist=${apt}/sources.list`, '-o', 'Dir::Etc::sourceparts=-', '-o', `Dir::State::lists=${apt}/lists`, '-o', 'Acquire::Languages=none', '-o', 'APT::Update::Error-Mode=any', 'update']);
  rmSync(apt, { recursive: true, force: true });
  return ran.code === 0 ? null : `Debian ${suite} from ${mirror() === '' ? 'a mirror (none is configured)' : mirror()}: ${ran.err.split('\n').find((line) => line.startsWith('E:')) ?? 'apt-get update failed'}`;
}

/** Signs Debian's lists of packages. */
export const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

export interface Qemu {
  readonly system: string;
  readonly img: string;
  /** -L arguments and environment, so that it loads its own firmware and modules. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
}

/** QEMU 10, unpacked beside the system's own from the distribution's backports; its igb (SR-IOV) is why. Null when it cannot be had. */
export async function qemu(): Promise<Qemu | null> {
  const prefix = path.join(cacheFolder, 'qemu');
  const system = path.join(prefix, 'usr/bin/qemu-system-x86_64');
  if (!existsSync(system)) await unpackQemu(prefix).catch(() => undefined);
  if (!existsSync(system)) return null;
  const at = (folder: string): string => path.join(prefix, 'usr', folder);
  const args = ['share/seabios', 'share/qemu', 'lib/ipxe/qemu'].map(at).concat('/usr/lib/ipxe/qemu').flatMap((folder) => ['-L', folder]);
  const env = { QEMU_MODULE_DIR: at('lib/x86_64-linux-gnu/qemu') };
  const version = (await must(system, ['--version'], { env })).split('\n')[0] ?? '';
  return { system, img: existsSync(at('bin/qemu-img')) ? at('bin/qemu-img') : '/usr/bin/qemu-img', args, env, version };
}

async function unpackQemu(prefix: string): Promise<void> {
  const apt = path.join(cacheFolder, 'apt');
  mkdirSync(path.join(apt, 'lists/partial'), { recursive: true });
  mkdirSync(path.join(apt, 'archives/partial'), { recursive: true });
  const release = codename();
  const sources = ['', '-backports'].map((suite) => `deb [signed-by=${keyring}] ${mirror()} ${release}${suite} main\n`).join('');
  writeFileSync(path.join(apt, 'sources.list'), sources);
  const options = ['-o', `Dir::Etc::sourcelist=${apt}/sources.list`, '-o', 'Dir::Etc::sourceparts=-', '-o', `Dir::State::lists=${apt}/lists`, '-o', `Dir::Cache::archives=${apt}/archives`];
  await must('/usr/bin/apt-get', [...options, 'update']);
  const names = ['qemu-system-x86', 'qemu-utils', 'qemu-system-data', 'qemu-system-common', 'seabios'];
  await must('/usr/bin/apt-get', [...options, '-y', '-t', `${release}-backports`, '--no-install-recommends', '--download-only', '--reinstall', 'install', ...names]);
  mkdirSync(prefix, { recursive: true });
  for (const file of readdirSync(path.join(apt, 'archives'))) {
    if (/^(qemu|seabios).*\.deb$/.test(file)) await must('/usr/bin/dpkg-deb', ['-x', path.join(apt, 'archives', file), prefix]);
  }
}

const codename = (): string => /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'bookworm';

/** The mirror this machine already uses for its own packages. */
export function mirror(): string {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    if (!existsSync(file)) continue;
    const found = /^URIs:\s*(\S+)|^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/m.exec(readFileSync(file, 'utf8'));
    if (found !== null) return found[1] ?? found[2] ?? '';
  }
  return '';
}
