// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run, type Ran } from './command';
import { keyFile } from './image';

export type User = 'root' | 'owner' | 'tester';

export interface ShellOptions {
  readonly as?: User;
  /** Milliseconds. */
  readonly limit?: number;
  readonly input?: string | Buffer;
  /** Leaves the input open after that: to the root helper a closed one means stop. */
  readonly open?: boolean;
}

/** What to answer when a prompt shows up on the terminal. */
export interface Answer {
  readonly prompt: RegExp;
  readonly reply: string;
}

/** A command at a terminal of its own. */
export interface Sitting {
  readonly as: User;
  readonly line: string;
  readonly answers: readonly Answer[];
  /** Milliseconds. */
  readonly limit?: number;
}

export interface Shell {
  readonly ssh: (line: string, options?: ShellOptions) => Promise<Ran>;
  /** A person at a terminal of their own, who answers prompts one after another; what they saw, and how the command ended. */
  readonly terminal: (sitting: Sitting) => Promise<Ran>;
  /** Forgets connections to a guest that restarts. */
  hangUp(): Promise<void>;
}

/** One multiplexed connection per user: under emulation a handshake costs a second, a command on it a tenth. */
export function openShell({ port, sockets }: { readonly port: number; readonly sockets: string }): Shell {
  const control = (user: User): string => path.join(sockets, `ssh-${user}`);
  const shared = (user: User): readonly string[] => ['-o', 'ControlMaster=auto', '-o', 'ControlPersist=300', '-o', `ControlPath=${control(user)}`];
  return {
    ssh: (line, { as: user = 'root', limit = 240_000, input = '', open = false } = {}) =>
      run('/usr/bin/ssh', [...sshArgs(port), ...shared(user), `${user}@127.0.0.1`, line], { limit, input, open }),
    terminal: (sitting) => atTerminal(port, sitting),
    hangUp: async () => {
      for (const user of ['root', 'owner', 'tester'] as const) {
        if (existsSync(control(user))) await run('/usr/bin/ssh', ['-q', '-O', 'exit', '-o', `ControlPath=${control(user)}`, 'lab'], { limit: 5000 });
      }
    },
  };
}

function atTerminal(port: number, { as: user, line, answers, limit = 240_000 }: Sitting): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/ssh', [...sshArgs(port), '-tt', `${user}@127.0.0.1`, line], { stdio: ['pipe', 'pipe', 'pipe'] });
    const left = [...answers];
    let out = '';
    let fresh = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), limit);
    const hear = (chunk: Buffer): void => {
      out += chunk.toString('utf8');
      fresh += chunk.toString('utf8');
      const next = left[0];
      if (next === undefined || !next.prompt.test(fresh)) return;
      left.shift();
      fresh = '';
      child.stdin.write(next.reply);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out, err: '' });
    });
  });
}

function sshArgs(port: number): readonly string[] {
  return [
    ...['-q', '-i', keyFile, '-p', String(port), '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'IdentitiesOnly=yes'],
    ...['-o', 'GSSAPIAuthentication=no', '-o', 'ConnectTimeout=30', '-o', 'ServerAliveInterval=10', '-o', 'ServerAliveCountMax=30'],
  ];
}
