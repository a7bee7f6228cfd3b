// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
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
/** Bytes the lab needs free beside what is cached: an image being built, and one overlay per running machine. */
const needed = 12 * 2 ** 30;

/** One line for each thing without which nothing of the lab can run; empty when all is there. Installs Debian packages as root after showing the line. */
export async function missingNeeds(): Promise<readonly string[]> {
  const gone: string[] = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') return [`a Linux machine on x86-64 (this is ${process.platform} on ${process.arch})`];
  const lacking = Object.keys(packages).filter((name) => !existsSync(packages[name] ?? ''));
  if (lacking.length > 0) {
    const line = `apt-get install -y --no-install-recommends ${lacking.join(' ')}`;
    console.log(`The lab needs Debian packages that are not here:\n  ${line}`);
    if (process.getuid?.() === 0) await run('/usr/bin/apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...line.split(' ').slice(1)], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
    gone.push(...lacking.filter((name) => !existsSync(packages[name] ?? '')).map((name) => `the Debian package ${name}`));
  }
  mkdirSync(cacheFolder, { recursive: true });
  const { bavail, bsize } = statfsSync(cacheFolder);
  if (bavail * bsize < needed) gone.push(`${Math.ceil(needed / 2 ** 30)} GiB free under ${cacheFolder} (there are ${Math.floor((bavail * bsize) / 2 ** 30)})`);
  if (process.getuid?.() !== 0) gone.push('root, to make a file system with the right owners');
  return gone;
}

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
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const release = codename();
  const sources = ['', '-backports'].map((suite) => `deb [signed-by=${keys}] ${mirror()} ${release}${suite} main\n`).join('');
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
