// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { must, pause, type Ran } from './command';
import type { Qemu } from './needs';
import { monitor, qmp } from './qmp';
import { openShell, type ShellOptions, type Sitting, type User } from './shell';
import { firmwareArgs, machineArgs, topologies, type TopologyName } from './topology';

export type { User };

/** A running guest of the lab. */
export interface Guest {
  readonly name: TopologyName;
  readonly folder: string;
  /** Everything the guest ever printed on its first serial line. */
  serial(): string;
  /** Types on the serial line, as somebody at a console. */
  type(text: string): Promise<void>;
  /** Runs a line of sh in the guest. */
  ssh(line: string, options?: ShellOptions): Promise<Ran>;
  /** The same where failing is a failure; gives standard output. */
  sh(line: string, options?: ShellOptions): Promise<string>;
  terminal(sitting: Sitting): Promise<Ran>;
  waitForLogin(limit?: number): Promise<void>;
  /** The reset button. */
  reset(): Promise<void>;
  monitor(command: string): Promise<void>;
  qmp(execute: string, args?: object): Promise<unknown>;
  alive(): boolean;
  /** Ends QEMU at once, as a cut power line does (what the guest had not flushed stays in the host's files: see power.ts). */
  cut(): Promise<void>;
  /** Asks the guest to shut down and waits until it is off. */
  off(): Promise<void>;
}

/** The disk a guest starts from: with a RAM snapshot to go on from, or plain with every write written down. */
export type Disk =
  | { readonly kind: 'qcow2'; readonly file: string; readonly snapshot?: string }
  | { readonly kind: 'logged'; readonly file: string; readonly log: string };

export interface Start {
  readonly qemu: Qemu;
  readonly name: TopologyName;
  /** Where disk, sockets and logs of this guest lie; ours alone. */
  readonly folder: string;
  readonly disk: Disk;
}

/** Megabytes of the read-only disk through which files get into a guest faster than by ssh. */
const payloadSize = 384;
export const payloadFile = (folder: string): string => path.join(folder, 'payload.raw');
export const variablesFile = (folder: string): string => path.join(folder, 'vars.qcow2');

/**
 * Milliseconds, only against waiting for ever: with an idle host a start takes half a minute, with a busy one fifteen times
 * that, and what is too late is judged by the scenario's budget.
 */
export const patience = { login: 1_800_000, resume: 600_000, off: 900_000 } as const;

const diskArgs = (disk: Disk): readonly string[] =>
  disk.kind === 'qcow2'
    ? ['-drive', `if=none,id=d0,file=${disk.file},format=qcow2,cache=unsafe,discard=unmap`]
    : [
        ...['-blockdev', `driver=file,node-name=f0,filename=${disk.file},cache.no-flush=on`],
        ...['-blockdev', `driver=file,node-name=l0,filename=${disk.log},cache.no-flush=on`],
        ...['-blockdev', 'driver=blklogwrites,node-name=d0,file=f0,log=l0,log-sector-size=512'],
      ];

/** How this host reaches a guest: the port of its ssh, and a folder for sockets, whose names may not be longer than 107 bytes (unix(7)). */
export interface Reach {
  readonly port: number;
  readonly sockets: string;
}

/** Every argument of QEMU. Never with KVM: a kernel hangs in it here, and results would not be comparable. */
export function guestArgs({ name, folder, disk }: Omit<Start, 'qemu'>, { port, sockets }: Reach): readonly string[] {
  const file = (one: string): string => path.join(folder, one);
  return [
    ...['-name', name],
    ...machineArgs(topologies[name]),
    ...firmwareArgs(topologies[name], variablesFile(folder)),
    ...diskArgs(disk),
    // QEMU 10 tears the entry of a write-zeroes request in the log apart when another write comes in between; without it the guest writes zeroes.
    // And it merges neighbouring writes up to 1024 pieces, to which the log adds two: more than one call may have (IOV_MAX), and the guest gets an I/O error.
    ...['-device', `virtio-blk-pci,drive=d0,bus=pcie.0,addr=02.0,bootindex=10${disk.kind === 'logged' ? ',write-zeroes=off,discard=off,request-merging=off' : ''}`],
    ...['-drive', `if=none,id=d1,file=${payloadFile(folder)},format=raw,readonly=on`, '-device', 'virtio-blk-pci,drive=d1,bus=pcie.0,addr=05.0'],
    ...['-netdev', `user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`, '-device', 'virtio-net-pci,netdev=n0,bus=pcie.0,addr=03.0,romfile='],
    ...['-chardev', `socket,id=ser0,path=${sockets}/serial,server=on,wait=off,logfile=${file('serial.log')},logappend=on`, '-serial', 'chardev:ser0'],
    ...['-qmp', `unix:${sockets}/qmp,server=on,wait=off`],
    ...(disk.kind === 'qcow2' && disk.snapshot !== undefined ? ['-loadvm', disk.snapshot] : []),
  ];
}

/** What the lab started and must end, however it ends itself. */
const ours = new Set<{ readonly child: ChildProcess; readonly sockets: string }>();
process.on('exit', () => {
  for (const { child, sockets } of ours) {
    child.kill('SIGKILL');
    rmSync(sockets, { recursive: true, force: true });
  }
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/**
 * The emulator's own failure, by the guest kernel's words: without a timer on one of its processors it waits for ever (seen at
 * one start in some hundreds, with much else to do here). Only before systemd: from then on it could be something of ours.
 */
export const lostTimer = (printed: string): boolean => (printed.match(/kthread timer wakeup didn't happen/g) ?? []).length >= 2 && !/systemd\[1\]/.test(printed);

/** Starts QEMU and gives the guest; the caller waits for its login. */
export async function startGuest(start: Start): Promise<Guest> {
  const { qemu, name, folder } = start;
  mkdirSync(folder, { recursive: true });
  const reach: Reach = { port: await freePort(), sockets: mkdtempSync(path.join(tmpdir(), 'lab-')) };
  const file = (one: string): string => path.join(folder, one);
  if (!existsSync(payloadFile(folder))) writeFileSync(payloadFile(folder), '');
  truncateSync(payloadFile(folder), payloadSize * 1024 * 1024);
  const log = openSync(file('qemu.log'), 'a');
  const child = spawn(qemu.system, [...qemu.args, ...guestArgs(start, reach)], { env: { ...process.env, ...qemu.env }, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const one = { child, sockets: reach.sockets };
  ours.add(one);
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => {
      ours.delete(one);
      rmSync(reach.sockets, { recursive: true, force: true });
      resolve();
    });
  });
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  const serial = (): string => (existsSync(file('serial.log')) ? readFileSync(file('serial.log'), 'latin1') : '');
  // Complaints of an earlier start of the same machine are not this one's.
  const printed = (): number => (existsSync(file('serial.log')) ? statSync(file('serial.log')).size : 0);
  let before = printed();
  const shell = openShell(reach);
  const dead = (): string | null => {
    if (!alive()) return `QEMU ended: ${readFileSync(file('qemu.log'), 'utf8').slice(-1000)}`;
    return /Kernel panic - not syncing|Dropping to a shell/.test(serial().slice(before).slice(-4000)) ? `${name}: the kernel panicked\n${serial().slice(-1500)}` : null;
  };
  const guest: Guest = {
    name,
    folder,
    serial,
    alive,
    type: (text) => typeOn(path.join(reach.sockets, 'serial'), text),
    ssh: shell.ssh,
    sh: async (line, options) => {
      const ran = await guest.ssh(line, options);
      if (ran.code !== 0) throw new Error(`in ${name}: ${line}\nended with ${String(ran.code)}\n${(ran.out + ran.err).slice(-3000)}`);
      return ran.out;
    },
    terminal: shell.terminal,
    reset: async () => {
      await shell.hangUp();
      before = printed();
      await guest.qmp('system_reset');
    },
    waitForLogin: async (limit = patience.login) => {
      await shell.hangUp();
      let end = Date.now() + limit;
      let again = false;
      while (Date.now() < end) {
        const why = dead();
        if (why !== null) throw new Error(why);
        if (!again && lostTimer(serial().slice(before))) {
          console.log(`    ${name}: QEMU lost a processor's timer before anything of ours ran; reset`);
          again = true;
          await guest.reset();
          end = Date.now() + limit;
        }
        // Root may come in before the start is over, others only when it is (pam_nologin(8)).
        if ((await guest.ssh('true', { limit: 60_000 })).code === 0 && (await guest.ssh('true', { as: 'tester', limit: 60_000 })).code === 0) return;
        await pause(300);
      }
      throw new Error(`${name}: no login within ${limit / 1000} s; the serial line ends with\n${serial().slice(-800)}`);
    },
    monitor: (command) => monitor(path.join(reach.sockets, 'qmp'), command),
    qmp: (execute, args) => qmp(path.join(reach.sockets, 'qmp'), [args === undefined ? { execute } : { execute, arguments: args }]),
    cut: async () => {
      await shell.hangUp();
      child.kill('SIGKILL');
      await ended;
    },
    off: async () => {
      await shell.hangUp();
      if (alive()) await guest.qmp('system_powerdown');
      await Promise.race([ended, pause(patience.off)]);
      if (alive()) throw new Error(`${name} did not shut down in time; the serial line ends with\n${serial().slice(-800)}`);
    },
  };
  await pause(300);
  if (!alive()) throw new Error(`QEMU did not start: ${readFileSync(file('qemu.log'), 'utf8').slice(-1500)}`);
  return guest;
}

function typeOn(socket: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const line = connect(socket, () => line.write(text, () => line.end(resolve)));
    line.on('error', reject);
  });
}

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
