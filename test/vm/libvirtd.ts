// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian packages this needs: libvirt-daemon, libvirt-daemon-driver-qemu, libvirt-clients, qemu-system-x86, ovmf, swtpm, libxml2-utils. */
const needed = ['/usr/sbin/libvirtd', '/usr/bin/virsh', '/usr/bin/qemu-system-x86_64', '/usr/bin/unshare', '/usr/bin/nsenter', '/usr/bin/xmllint'];

/** Why a private libvirtd cannot run here, or null. Only root can have a mount namespace of its own without further ado. */
export function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  const missing = needed.find((file) => !existsSync(file));
  if (missing !== undefined) return `${missing} is not here`;
  return spawnSync('/usr/bin/unshare', ['-m', '--propagation', 'private', 'true']).status === 0 ? null : 'no mount namespaces';
}

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A real libvirtd whose folders are its own, so that nothing of this computer's libvirt is touched or seen. */
export interface PrivateLibvirt {
  /** Of the daemon; its mount namespace is reached by it. */
  readonly pid: number;
  readonly virsh: (...words: readonly string[]) => Ran;
  /** virsh with all of its words; a text becomes a file whose path is the last word. */
  readonly raw: (words: readonly string[], text?: string | Uint8Array | null) => Ran;
  /** A program that finds this libvirt where the computer's own would be. */
  readonly inside: (program: string, words: readonly string[], env: NodeJS.ProcessEnv) => Promise<Ran>;
  /** A file only it and the test see. */
  readonly file: (name: string, content: string) => string;
  readonly stop: () => Promise<void>;
}

const configuration = ['user="root"', 'group="root"', 'security_driver="none"', 'cgroup_controllers=[]', 'namespaces=[]', 'remember_owner=0', 'stdio_handler="file"', ''].join('\n');

/** Its own folders, and a passwd file with the user that Debian's package would have made. */
const script = `
set -eu
folder=$1
for place in /run/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt /etc/libvirt; do mkdir -p "$place"; mount -t tmpfs none "$place"; chmod 755 "$place"; done
mkdir -p /var/lib/libvirt/qemu /var/lib/libvirt/images /var/cache/libvirt/qemu
cp "$folder/qemu.conf" /etc/libvirt/qemu.conf
cat /etc/passwd > "$folder/passwd"; cat /etc/group > "$folder/group"
grep -q '^libvirt-qemu:' "$folder/passwd" || echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >> "$folder/passwd"
for name in libvirt-qemu kvm libvirt; do grep -q "^$name:" "$folder/group" || echo "$name:x:6405\${#name}:" >> "$folder/group"; done
mount --bind "$folder/passwd" /etc/passwd; mount --bind "$folder/group" /etc/group
exec /usr/sbin/libvirtd -p "$folder/pid" 2> "$folder/err"
`;

export async function startLibvirtd(): Promise<PrivateLibvirt> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-libvirt-'));
  writeFileSync(join(folder, 'qemu.conf'), configuration);
  const daemon = spawn('/usr/bin/unshare', ['-m', '--propagation', 'private', 'sh', '-c', script, 'libvirtd', folder], { stdio: 'ignore' });
  const raw: PrivateLibvirt['raw'] = (words, text = null) => {
    const file = join(folder, 'text.xml');
    if (text !== null) writeFileSync(file, text);
    const run = spawnSync('/usr/bin/nsenter', [`--mount=/proc/${daemon.pid ?? 0}/ns/mnt`, '/usr/bin/virsh', ...words, ...(text === null ? [] : [file])], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      timeout: 60_000,
    });
    return { status: run.status ?? -1, out: run.stdout, err: run.stderr };
  };
  const virsh: PrivateLibvirt['virsh'] = (...words) => raw(['-q', '-c', 'qemu:///system', ...words]);
  for (let tries = 0; tries < 100 && virsh('uri').status !== 0; tries++) {
    if (daemon.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  if (virsh('uri').status !== 0) {
    await ended(daemon);
    throw new Error(`libvirtd does not answer: ${existsSync(join(folder, 'err')) ? readFileSync(join(folder, 'err'), 'utf8') : ''}`);
  }
  return {
    pid: daemon.pid ?? 0,
    virsh,
    raw,
    inside: (program, words, env) =>
      new Promise((resolve) => {
        const child = spawn('/usr/bin/nsenter', [`--mount=/proc/${daemon.pid ?? 0}/ns/mnt`, `--wd=${process.cwd()}`, program, ...words], { env, timeout: 120_000 });
        const said = { out: '', err: '' };
        child.stdout.on('data', (chunk: Buffer) => { said.out += chunk.toString(); });
        child.stderr.on('data', (chunk: Buffer) => { said.err += chunk.toString(); });
        child.on('close', (status) => { resolve({ status: status ?? -1, ...said }); });
      }),
    file(name, content) {
      const place = join(folder, name);
      writeFileSync(place, content);
      return place;
    },
    async stop() {
      await ended(daemon);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** unshare has become libvirtd by `exec`, so ending the child ends the daemon. */
function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    daemon.on('exit', () => { resolve(); });
    daemon.kill('SIGTERM');
  });
}
