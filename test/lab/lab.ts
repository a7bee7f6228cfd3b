// SPDX-License-Identifier: GPL-3.0-or-later
import { appendFileSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { must } from './command';
import { hostOf, type Host } from './host';
import { payloadFile, startGuest, type Guest } from './machine';
import type { Qemu } from './needs';
import type { Payload } from './payload';
import { install, plainDisk, resume } from './snapshots';
import type { TopologyName } from './topology';
import { crashed, readLog } from './write-log';

export type { Host } from './host';
const top = path.resolve(import.meta.dirname, '../..');

/** A machine whose disk writes down every write and flush, so that its power can really be cut. */
export interface PowerHost extends Host {
  /** The disk as it was when the log was empty; and the log. */
  readonly base: string;
  readonly log: string;
  /** The plug is pulled: what was flushed survives, of the rest any part, chosen by the seed. The next `switchOn` starts from that. */
  powerCut(seed: number): Promise<void>;
  /** Switches the machine on again and gives it anew. */
  switchOn(): Promise<PowerHost>;
}

export interface Lab {
  /** A machine that has just started, seconds after asking. */
  boot(name: TopologyName): Promise<Host>;
  /** The same started cold, with every write to its disk written down. */
  bootRecorded(name: TopologyName): Promise<PowerHost>;
  /** Ends every guest this lab started; on failure their logs are kept in `evidence`. */
  close(failed: boolean): Promise<void>;
}

export interface LabOptions {
  readonly qemu: Qemu;
  readonly payload: Payload;
  /** Everything of one scenario lies here and goes with it. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Starts guests for one scenario. */
export function openLab({ qemu, payload, folder, say }: LabOptions): Lab {
  const guests: Guest[] = [];
  const place = (name: string): string => {
    const at = path.join(folder, `${name}-${guests.length}`);
    mkdirSync(at, { recursive: true });
    copyFileSync(payload.tar, payloadFile(at));
    return at;
  };
  const recorded = async (name: TopologyName, at: string): Promise<PowerHost> => {
    const disk = path.join(at, 'disk.raw');
    const log = path.join(at, 'writes.log');
    const base = path.join(at, 'base.raw');
    await must('/bin/cp', ['--reflink=auto', '--sparse=always', disk, base]);
    writeFileSync(log, '');
    const guest = await startGuest({ qemu, name, folder: at, disk: { kind: 'logged', file: disk, log } });
    guests.push(guest);
    await guest.waitForLogin();
    return {
      ...hostOf(guest),
      base,
      log,
      powerCut: async (seed) => {
        await guest.cut();
        await crashed({ base, log: readLog(log), to: disk, seed });
      },
      switchOn: () => recorded(name, at),
    };
  };
  return {
    async boot(name) {
      const guest = await resume(qemu, name, { folder: place(name), payload, say });
      guests.push(guest);
      return hostOf(guest);
    },
    async bootRecorded(name) {
      const at = place(name);
      await must('/bin/cp', ['--reflink=auto', '--sparse=always', await plainDisk(qemu, name, say), path.join(at, 'disk.raw')]);
      const host = await recorded(name, at);
      await install(host.guest);
      await host.sh('sync');
      return host;
    },
    async close(failed) {
      for (const guest of guests) {
        if (failed) await evidence(guest, say);
        if (guest.alive()) await guest.cut();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Journal, kernel log and serial line of a guest whose scenario failed. */
async function evidence(guest: Guest, say: (line: string) => void): Promise<void> {
  const folder = path.join(top, 'test-results/lab');
  mkdirSync(folder, { recursive: true });
  const name = `${guest.name}-${Date.now()}`;
  writeFileSync(path.join(folder, `${name}-serial.log`), guest.serial());
  const qemuLog = path.join(guest.folder, 'qemu.log');
  if (existsSync(qemuLog)) copyFileSync(qemuLog, path.join(folder, `${name}-qemu.log`));
  const log = path.join(folder, `${name}-guest.log`);
  writeFileSync(log, '');
  for (const line of ['dmesg', 'journalctl -b --no-pager -n 400', 'cat /proc/cmdline', 'ls -laR /var/lib/switchyard /run/switchyard*', 'grep -r . /var/lib/switchyard/hand-off /run/switchyard* /sys/class/vtconsole/*/bind /proc/fb', 'ps axo pid,stat,wchan,args']) {
    if (!guest.alive()) break;
    const ran = await guest.ssh(line, { limit: 30_000 }).catch(() => null);
    if (ran === null || ran.code === null) break;
    appendFileSync(log, `== ${line}\n${ran.out}${ran.err}\n`);
  }
  say(`evidence: ${path.relative(top, folder)}/${name}-*`);
}
