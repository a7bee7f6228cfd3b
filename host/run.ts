// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { readKernelMessages } from './kernel-messages';
import type { Look, LookProgram } from './machine';

interface Program {
  readonly paths: readonly string[];
  readonly args: readonly string[];
  /** Milliseconds. */
  readonly time: number;
  /** Bytes of output. */
  readonly output: number;
}

/** The only programs a look ever starts: absolute, with fixed arguments, a deadline and a bound on what they may say. */
const programs: Readonly<Record<LookProgram, Program>> = {
  'qemu-version': {
    paths: ['/usr/bin/qemu-system-x86_64', '/usr/libexec/qemu-kvm', '/usr/bin/qemu-system-aarch64'],
    args: ['--version'],
    time: 2000,
    output: 4096,
  },
  'virsh-version': { paths: ['/usr/bin/virsh'], args: ['--version'], time: 2000, output: 4096 },
  'systemd-detect-virt': { paths: ['/usr/bin/systemd-detect-virt'], args: ['--vm'], time: 1000, output: 256 },
  'loginctl-sessions': {
    paths: ['/usr/bin/loginctl'],
    args: ['list-sessions', '--no-legend', '--no-pager'],
    time: 1500,
    output: 65536,
  },
  'kernel-log': { paths: ['/usr/bin/dmesg', '/bin/dmesg'], args: [], time: 2000, output: 8 << 20 },
  'kernel-log-journal': {
    paths: ['/usr/bin/journalctl'],
    args: ['-k', '-b', '0', '-o', 'cat', '--no-pager', '-q'],
    time: 3000,
    output: 8 << 20,
  },
  'failed-units': {
    paths: ['/usr/bin/systemctl', '/bin/systemctl'],
    args: ['list-units', '--state=failed', '--plain', '--no-legend', '--no-pager', '--full'],
    time: 5000,
    output: 262_144,
  },
};

/**
 * What a look program printed; absent when it is not installed. No shell, no input, a bare environment in the C locale.
 * The kernel's log needs no program where /dev/kmsg may be read.
 */
export function runLook(name: LookProgram): Look<string> {
  if (name === 'kernel-log') {
    const messages = readKernelMessages();
    if (messages.at !== 'absent') return messages;
  }
  const program = programs[name];
  for (const path of program.paths) {
    const done = spawnSync(path, program.args, {
      encoding: 'utf8',
      timeout: program.time,
      killSignal: 'SIGKILL',
      maxBuffer: program.output,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
      cwd: '/',
    });
    if (done.error !== undefined) {
      const code = 'code' in done.error ? done.error.code : undefined;
      if (code === 'ENOENT') continue;
      return { at: 'unreadable', why: code === 'ENOBUFS' ? 'too-large' : code === 'EACCES' ? 'permission' : 'io' };
    }
    // systemd-detect-virt answers "none" with exit code 1; everyone else's failure is no answer.
    if (done.status === 0 || (name === 'systemd-detect-virt' && done.stdout.trim() !== ''))
      return { at: 'is', value: done.stdout };
    return { at: 'unreadable', why: 'io' };
  }
  return { at: 'absent' };
}
