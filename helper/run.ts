// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { statSync } from 'node:fs';
import { failed, ok, type Result } from '../contract/problem';
import type { ProgramEnd } from './hands';
import { programLimits, type ProgramCall, type ProgramCallOf, type ProgramName } from './programs';

/** Absolute path first tried first; merged-/usr systems have both names for one file. */
const places: Readonly<Record<ProgramName | 'dd' | 'flock', readonly string[]>> = {
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
  'remove-unpacked': ['/usr/bin/rm', '/bin/rm'],
  'sync-filesystem': ['/usr/bin/sync', '/bin/sync'],
  modprobe: ['/usr/sbin/modprobe', '/sbin/modprobe'],
  'systemctl-daemon-reload': ['/usr/bin/systemctl', '/bin/systemctl'],
  'systemctl-reboot': ['/usr/bin/systemctl', '/bin/systemctl'],
  'udevadm-reload': ['/usr/bin/udevadm', '/bin/udevadm'],
  dd: ['/usr/bin/dd', '/bin/dd'],
  flock: ['/usr/bin/flock'],
};

/** Options first, `--` before what is data: no value can become an option. */
export function argumentsOf(call: ProgramCall): readonly string[] {
  if (isEnvironmentCall(call)) return environmentArguments(call);
  if (isFixedCall(call)) return fixed[call.program];
  switch (call.program) {
    case 'mkinitramfs':
      return [...(call.config === null ? [] : ['-d', call.config]), '-o', call.output, call.kernel];
    case 'lsinitramfs':
      return [call.image];
    case 'unmkinitramfs':
      return [call.image, call.into];
    case 'grub-mkconfig':
      return ['-o', call.output];
    case 'grub-script-check':
      return [call.file];
    case 'grub-probe':
      return [`--target=${call.target}`, '--', call.path];
    case 'copy-attributes':
      return ['--attributes-only', '--preserve=mode,ownership,xattr', '--no-dereference', '--', call.from, call.to];
    case 'remove-unpacked':
      return ['-rf', '--one-file-system', '--', call.folder];
    case 'sync-filesystem':
      return ['-f', '--', call.path];
    case 'modprobe':
      return ['-q', '--', call.module];
    default:
      return call satisfies never;
  }
}

const fixed = {
  'systemctl-daemon-reload': ['daemon-reload'],
  'systemctl-reboot': ['--no-block', 'reboot'],
  'udevadm-reload': ['control', '--reload'],
} as const;
const isFixedCall = (call: ProgramCall): call is ProgramCallOf<keyof typeof fixed> => Object.hasOwn(fixed, call.program);

type EnvironmentCall = ProgramCallOf<'grub-editenv-create' | 'grub-editenv-list' | 'grub-editenv-set' | 'grub-editenv-unset'>;
const isEnvironmentCall = (call: ProgramCall): call is EnvironmentCall => call.program.startsWith('grub-editenv-');

function environmentArguments(call: EnvironmentCall): readonly string[] {
  switch (call.program) {
    case 'grub-editenv-create':
      return [call.file, 'create'];
    case 'grub-editenv-list':
      return [call.file, 'list'];
    case 'grub-editenv-set':
      return [call.file, 'set', `${call.key}=${call.value}`];
    case 'grub-editenv-unset':
      return [call.file, 'unset', call.key];
    default:
      return call satisfies never;
  }
}

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

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
