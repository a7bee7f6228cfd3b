// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { must, pause, run, type Ran } from './command';
import { keyFile } from './image';
import type { Qemu } from './needs';
import { monitor, qmp } from './qmp';
import { firmwareArgs, machineArgs, topologies, type TopologyName } from './topology';

export type User = 'root' | 'owner' | 'tester';

/** A running guest of the lab. */
export interface Guest {
  readonly name: TopologyName;
  readonly folder: string;
  readonly serial: string;
  /** Runs a line of sh in the guest. */
  ssh(line: string, options?: { as?: User; limit?: number; input?: string | Buffer; tty?: boolean }): Promise<Ran>;
  /** The same where failing is a failure; gives standard output. */
  sh(line: string, options?: { as?: User; limit?: number; input?: string | Buffer }): Promise<string>;
  waitForLogin(limit?: number): Promise<void>;
  monitor(command: string): Promise<void>;
  qmp(execute: string, args?: object): Promise<unknown>;
  alive(): boolean;
  /** Ends QEMU at once, as a cut power line does (what the guest had not flushed stays in the host's files: see power.ts). */
  cut(): Promise<void>;
  /** Asks the guest to shut down and waits until it is off. */
  off(): Promise<void>;
}

export interface Start {
  readonly qemu: Qemu;
  readonly name: TopologyName;
  /** Where disk, sockets and logs of this guest lie; ours alone. */
  readonly folder: string;
  readonly disk: string;
  /** A RAM snapshot inside the disk to go on from, instead of switching on. */
  readonly snapshot?: string;
}

/** Megabytes of the read-only disk through which files get into a guest faster than by ssh. */
const payloadSize = 384;
export const payloadFile = (folder: string): string => path.join(folder, 'payload.raw');

/** Starts QEMU and gives the guest; the caller waits for its login. Never with KVM: a kernel hangs in it here, and results would not be comparable. */
export async function startGuest({ qemu, name, folder, disk, snapshot }: Start): Promise<Guest> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = (one: string): string => path.join(folder, one);
  if (!existsSync(payloadFile(folder))) writeFileSync(payloadFile(folder), '');
  truncateSync(payloadFile(folder), payloadSize * 1024 * 1024);
  rmSync(file('qmp'), { force: true });
  const args = [
    ...qemu.args,
    ...['-name', name],
    ...machineArgs(topologies[name]),
    ...firmwareArgs(topologies[name], file('vars.fd')),
    ...['-drive', `if=none,id=d0,file=${disk},format=qcow2,cache=unsafe,discard=unmap`, '-device', 'virtio-blk-pci,drive=d0,bus=pcie.0,addr=02.0,bootindex=10'],
    ...['-drive', `if=none,id=d1,file=${payloadFile(folder)},format=raw,readonly=on`, '-device', 'virtio-blk-pci,drive=d1,bus=pcie.0,addr=05.0'],
    ...['-netdev', `user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`, '-device', 'virtio-net-pci,netdev=n0,bus=pcie.0,addr=03.0,romfile='],
    ...['-chardev', `file,id=ser0,path=${file('serial.log')},append=on`, '-serial', 'chardev:ser0'],
    ...['-qmp', `unix:${file('qmp')},server=on,wait=off`],
    ...(snapshot === undefined ? [] : ['-loadvm', snapshot]),
  ];
  const log = openSync(file('qemu.log'), 'a');
  const child = spawn('/usr/bin/nice', ['-n', '5', qemu.system, ...args], { env: { ...process.env, ...qemu.env }, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.on('exit', () => { resolve(); }));
  // The lab cleans up what it started, and only that, however it ends.
  process.on('exit', () => child.kill('SIGKILL'));
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;

  const control = (user: User): string => file(`ssh-${user}`);
  const sshArgs = (user: User): string[] => [
    ...['-q', '-i', keyFile, '-p', String(port), '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'IdentitiesOnly=yes'],
    ...['-o', 'GSSAPIAuthentication=no', '-o', 'ConnectTimeout=5', '-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=24'],
    ...['-o', 'ControlMaster=auto', '-o', 'ControlPersist=300', '-o', `ControlPath=${control(user)}`],
  ];
  const hangUp = async (): Promise<void> => {
    for (const user of ['root', 'owner', 'tester'] as const) {
      if (existsSync(control(user))) await run('/usr/bin/ssh', ['-q', '-O', 'exit', '-o', `ControlPath=${control(user)}`, 'lab'], { limit: 5000 });
    }
  };
  const guest: Guest = {
    name,
    folder,
    serial: file('serial.log'),
    alive,
    ssh: (line, { as: user = 'root', limit = 120_000, input = '', tty = false } = {}) =>
      run('/usr/bin/ssh', [...sshArgs(user), ...(tty ? ['-tt'] : []), `${user}@127.0.0.1`, line], { limit, input }),
    sh: async (line, options) => {
      const ran = await guest.ssh(line, options);
      if (ran.code !== 0) throw new Error(`in ${name}: ${line}\nended with ${String(ran.code)}\n${(ran.out + ran.err).slice(-3000)}`);
      return ran.out;
    },
    waitForLogin: async (limit = 240_000) => {
      await hangUp();
      const end = Date.now() + limit;
      while (Date.now() < end) {
        if (!alive()) throw new Error(`QEMU ended: ${readFileSync(file('qemu.log'), 'utf8').slice(-1000)}`);
        if (/Kernel panic - not syncing/.test(tailOf(guest.serial))) throw new Error(`${name}: the kernel panicked\n${tailOf(guest.serial).slice(-800)}`);
        if ((await guest.ssh('true', { limit: 25_000 })).code === 0) return;
        await pause(300);
      }
      throw new Error(`${name}: no login within ${limit / 1000} s; the serial line ends with\n${readFileSync(guest.serial, 'utf8').slice(-600)}`);
    },
    monitor: (command) => monitor(file('qmp'), command),
    qmp: (execute, args_) => qmp(file('qmp'), [args_ === undefined ? { execute } : { execute, arguments: args_ }]),
    cut: async () => {
      await hangUp();
      child.kill('SIGKILL');
      await ended;
    },
    off: async () => {
      await hangUp();
      if (alive()) await guest.qmp('system_powerdown');
      await Promise.race([ended, pause(120_000)]);
      if (alive()) throw new Error(`${name} did not shut down within two minutes`);
    },
  };
  await pause(300);
  if (!alive()) throw new Error(`QEMU did not start: ${readFileSync(file('qemu.log'), 'utf8').slice(-1500)}`);
  return guest;
}

const tailOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8').slice(-4000) : '');

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}

/** A copy-on-write disk over another. */
export async function overlay(qemu: Qemu, over: string, disk: string): Promise<void> {
  rmSync(disk, { force: true });
  await must(qemu.img, ['create', '-q', '-f', 'qcow2', '-b', over, '-F', 'qcow2', disk], { env: qemu.env });
}
