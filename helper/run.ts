// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { statSync } from 'node:fs';
import { failed, ok, type Result } from '../contract/problem';
import type { ProgramEnd } from './hands';
import { programLimits, type ProgramCall, type ProgramCallOf, type ProgramName } from './programs';

/** Name of the transient timer and of the service it starts. */
export const takeBackUnit = 'switchyard-take-back';

/** Absolute path first tried first; merged-/usr systems have both names for one file. */
const places: Readonly<Record<ProgramName | 'dd' | 'flock' | 'systemd-inhibit', readonly string[]>> = {
  'systemd-inhibit': ['/usr/bin/systemd-inhibit', '/bin/systemd-inhibit'],
  mkinitramfs: ['/usr/sbin/mkinitramfs'],
  lsinitramfs: ['/usr/bin/lsinitramfs'],
  unmkinitramfs: ['/usr/bin/unmkinitramfs'],
  'grub-mkconfig': ['/usr/sbin/grub-mkconfig', '/usr/bin/grub-mkconfig'],
  'grub-script-check': ['/usr/bin/grub-script-check'],
  'grub-editenv-create': ['/usr/bin/grub-editenv'],
  'grub-editenv-list': ['/usr/bin/grub-editenv'],
  'grub-editenv-set': ['/usr/bin/grub-editenv'],
  'grub-editenv-unset': ['/usr/bin/grub-editenv'],
  'grub-probe': ['/usr/sbin/grub-probe', '/usr/bin/grub-probe'],
  'copy-attributes': ['/usr/bin/cp', '/bin/cp'],
  'read-attributes': ['/usr/bin/getfattr'],
  'remove-unpacked': ['/usr/bin/rm', '/bin/rm'],
  'sync-filesystem': ['/usr/bin/sync', '/bin/sync'],
  modprobe: ['/usr/sbin/modprobe', '/sbin/modprobe'],
  'modprobe-remove': ['/usr/sbin/modprobe', '/sbin/modprobe'],
  'systemctl-start': ['/usr/bin/systemctl', '/bin/systemctl'],
  'systemctl-stop': ['/usr/bin/systemctl', '/bin/systemctl'],
  'systemctl-allowed-threads': ['/usr/bin/systemctl', '/bin/systemctl'],
  'take-back-timer-start': ['/usr/bin/systemd-run', '/bin/systemd-run'],
  'take-back-timer-stop': ['/usr/bin/systemctl', '/bin/systemctl'],
  'virsh-autostart': ['/usr/bin/virsh'],
  'virsh-domain-state': ['/usr/bin/virsh'],
  'virsh-domain-xml': ['/usr/bin/virsh'],
  gpasswd: ['/usr/bin/gpasswd'],
  'systemctl-daemon-reload': ['/usr/bin/systemctl', '/bin/systemctl'],
  'systemctl-reboot': ['/usr/bin/systemctl', '/bin/systemctl'],
  'udevadm-reload': ['/usr/bin/udevadm', '/bin/udevadm'],
  dd: ['/usr/bin/dd', '/bin/dd'],
  flock: ['/usr/bin/flock'],
};

/** Again and again until it is stopped: a VM may run for days, and whoever should have said that it ended may be dead. */
const timerStart = [
  '--quiet', '--collect', `--unit=${takeBackUnit}`, '--on-active=120', '--on-unit-active=120', '--timer-property=AccuracySec=1s',
  '--description=Take a graphics card back when its virtual machine is gone', '/usr/lib/switchyard/switchyard-helper', 'take-back',
] as const;

const virsh = ['--quiet', '--connect', 'qemu:///system'] as const;

type Calls = { readonly [P in ProgramName]: ProgramCallOf<P> };

/** Options first, `--` before what is data: no value can become an option. */
const words: { readonly [P in ProgramName]: (call: Calls[P]) => readonly string[] } = {
  mkinitramfs: ({ config, output, kernel }) => [...(config === null ? [] : ['-d', config]), '-o', output, kernel],
  lsinitramfs: ({ image }) => [image],
  unmkinitramfs: ({ image, into }) => [image, into],
  'grub-mkconfig': ({ output }) => ['-o', output],
  'grub-script-check': ({ file }) => [file],
  'grub-editenv-create': ({ file }) => [file, 'create'],
  'grub-editenv-list': ({ file }) => [file, 'list'],
  'grub-editenv-set': ({ file, key, value }) => [file, 'set', `${key}=${value}`],
  'grub-editenv-unset': ({ file, key }) => [file, 'unset', key],
  'grub-probe': ({ target, path }) => [`--target=${target}`, '--', path],
  'copy-attributes': ({ from, to }) => ['--attributes-only', '--preserve=mode,ownership,xattr', '--no-dereference', '--', from, to],
  'read-attributes': ({ path }) => ['--dump', '--match=-', '--encoding=hex', '--absolute-names', '--no-dereference', '--', path],
  'remove-unpacked': ({ folder }) => ['-rf', '--one-file-system', '--', folder],
  'sync-filesystem': ({ path }) => ['-f', '--', path],
  modprobe: ({ module }) => ['-q', '--', module],
  'modprobe-remove': ({ module }) => ['-r', '-q', '--', module],
  'systemctl-start': ({ unit }) => ['start', '--', unit],
  'systemctl-stop': ({ unit }) => ['stop', '--', unit],
  'systemctl-allowed-threads': ({ slice, threads }) => ['set-property', '--runtime', '--', slice, `AllowedCPUs=${threads}`],
  'take-back-timer-start': () => timerStart,
  'take-back-timer-stop': () => ['stop', `${takeBackUnit}.timer`],
  'virsh-autostart': ({ of, name, on }) => [...virsh, `${of === 'network' ? 'net' : 'pool'}-autostart`, ...(on ? [] : ['--disable']), '--', name],
  'virsh-domain-state': ({ vm }) => [...virsh, 'domstate', '--', vm],
  'virsh-domain-xml': ({ vm }) => [...virsh, 'dumpxml', '--inactive', '--', vm],
  gpasswd: ({ user, group, add }) => [add ? '-a' : '-d', user, '--', group],
  'systemctl-daemon-reload': () => ['daemon-reload'],
  'systemctl-reboot': () => ['--no-block', 'reboot'],
  'udevadm-reload': () => ['control', '--reload'],
};
const wordsOf = <P extends ProgramName>(program: P, call: Calls[P]): readonly string[] => words[program](call);

/** The argument list of a call, complete. */
export const argumentsOf = (call: ProgramCall): readonly string[] => wordsOf(call.program, call);

/** The first place where a root-owned program lies that nobody else may write; null when there is none. */
export function programPath(name: keyof typeof places): string | null {
  for (const place of places[name]) {
    const stat = statSync(place, { throwIfNoEntry: false });
    if (stat?.isFile() === true && stat.uid === 0 && (stat.mode & 0o022) === 0 && (stat.mode & 0o111) !== 0) return place;
  }
  return null;
}

/** Starts one program of the table and waits, at most as long as the table allows. */
export async function startProgram(call: ProgramCall): Promise<Result<ProgramEnd>> {
  const path = programPath(call.program);
  if (path === null) return failed('precondition-failed', { why: 'missing', program: call.program });
  const ended = await waitFor({ path, args: argumentsOf(call), input: null, inherit: [], limit: programLimits[call.program] });
  return 'exit' in ended ? ok(ended) : failed('step-failed', { why: ended.why, program: call.program });
}

/** What a child is started with; `inherit` are descriptors it gets as 3, 4 ... */
export interface Child {
  readonly path: string;
  readonly args: readonly string[];
  readonly input: string | null;
  readonly inherit: readonly number[];
  readonly limit: { readonly time: number; readonly output: number };
}
export interface Broken {
  readonly why: 'time-limit' | 'output-limit' | 'signal' | 'wedged' | 'not-started';
}

/** Time a child gets to die after SIGKILL; one stuck in the kernel (state D) never does. */
const lastWait = 3000;

/** Nothing of the caller's environment, no shell, a process group of its own that is killed whole. */
export function waitFor(child: Child): Promise<ProgramEnd | Broken> {
  return new Promise((settle) => {
    const stdio: StdioOptions = [child.input === null ? 'ignore' : 'pipe', 'pipe', 'ignore', ...child.inherit];
    const process = spawn(child.path, child.args, { stdio, cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, detached: true, shell: false });
    let why: Broken['why'] = 'signal';
    let output = '';
    let last: NodeJS.Timeout | undefined;
    const end = (reason: Broken['why']): void => {
      if (last !== undefined) return;
      why = reason;
      killGroup(process);
      last = setTimeout(() => {
        // Its pipes would keep us alive as long as it; and it may never end.
        process.stdout?.destroy();
        process.stdin?.destroy();
        process.unref();
        settle({ why: 'wedged' });
      }, lastWait);
    };
    const limit = setTimeout(end, child.limit.time, 'time-limit');
    const leave = (result: ProgramEnd | Broken): void => {
      clearTimeout(limit);
      clearTimeout(last);
      settle(result);
    };
    process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > child.limit.output) end('output-limit');
    });
    process.on('error', () => { leave({ why: 'not-started' }); });
    process.on('close', (exit) => { leave(exit === null || last !== undefined ? { why } : { exit, output }); });
    process.stdin?.on('error', () => undefined).end(child.input ?? '');
  });
}

/**
 * Holds logind's sleep lock (systemd-inhibit(1)) while `cat` waits for the end of its input: that comes when the lock is let
 * go, and also when this process dies, whatever way. Nobody waits for it, so a machine without logind only lacks the lock.
 */
export function stayAwake(path: string | null = programPath('systemd-inhibit')): () => void {
  if (path === null) return () => undefined;
  const words = ['--what=sleep', '--who=Switchyard', '--why=A graphics card is moving', '--mode=block', 'cat'];
  const child = spawn(path, words, { stdio: ['pipe', 'ignore', 'ignore'], cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, shell: false });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return () => {
    child.stdin.end();
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
