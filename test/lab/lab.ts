// SPDX-License-Identifier: GPL-3.0-or-later
import { appendFileSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { protocol } from '../../contract/helper';
import type { HostFacts } from '../../contract/facts';
import type { Intent, Plan, PlanHash } from '../../contract/plan';
import type { Problem, Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import { packageVersion } from '../../contract/version';
import { must } from './command';
import { payloadFile, type Guest, type User } from './machine';
import { cacheFolder, type Qemu } from './needs';
import type { NodeWrite, Seen } from './operations';
import { resume } from './snapshots';
import type { TopologyName } from './topology';

const top = path.resolve(import.meta.dirname, '../..');
/** Where the deb puts the Node it carries. */
const node = '/usr/lib/switchyard/node';

/** A guest with Switchyard installed, in the words of a story. */
export interface Host {
  readonly guest: Guest;
  sh(line: string, options?: { as?: User; limit?: number; input?: string | Buffer }): Promise<string>;
  /** `switchyard ARGS` as an ordinary user. */
  switchyard(args: string): Promise<string>;
  facts(): Promise<HostFacts>;
  /** Node writes with the helper's own hands. */
  operate(writes: readonly NodeWrite[]): Promise<readonly Seen[]>;
  plan(intent: Intent): Promise<Result<{ plan: Plan; hash: PlanHash }>>;
  /** Draws the plan as the person's process does and asks root to apply it. */
  apply(intent: Intent): Promise<Result<Outcome>>;
  keep(transaction: string, approved: PlanHash): Promise<Result<Outcome>>;
  undo(transaction: string): Promise<Result<Outcome>>;
  goBack(): Promise<Result<Outcome>>;
  /** Restarts from inside and waits for the next login. */
  restart(limit?: number): Promise<void>;
  /** The kernel command line of the running start. */
  commandLine(): Promise<string>;
  /** Digest of every file below /etc and /boot, by path. */
  digests(): Promise<ReadonlyMap<string, string>>;
}

export interface Lab {
  boot(name: TopologyName): Promise<Host>;
  /** Ends every guest this lab started; on failure their logs are kept in `evidence`. */
  close(failed: boolean): Promise<void>;
}

/** Starts guests for one scenario; everything lies in `folder` and goes with it. */
export function openLab(qemu: Qemu, folder: string, say: (line: string) => void): Lab {
  const hosts: Host[] = [];
  return {
    async boot(name) {
      const at = path.join(folder, `${name}-${hosts.length}`);
      mkdirSync(at, { recursive: true });
      await writePayload(at);
      const guest = await resume(qemu, name, at, say);
      const host = hostOf(guest);
      hosts.push(host);
      await install(guest);
      return host;
    },
    async close(failed) {
      for (const host of hosts) {
        if (failed) await evidence(host.guest, say);
        if (host.guest.alive()) await host.guest.cut();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The deb and the guest's scripts as a tar on the read-only disk: quicker than ssh under emulation. */
async function writePayload(folder: string): Promise<void> {
  const payload = await payloadTar();
  copyFileSync(payload, payloadFile(folder));
}

let payload: Promise<string> | null = null;
const payloadTar = (): Promise<string> => (payload ??= makePayload());

async function makePayload(): Promise<string> {
  const work = path.join(cacheFolder, `payload-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(path.join(work, 'files'), { recursive: true });
  const debs = readdirSync(path.join(top, 'out')).filter((name) => /^switchyard-helper_.*\.deb$/.test(name));
  const deb = debs.at(-1);
  if (deb === undefined) throw new Error('the deb is not there: npm run package:helper');
  cpSync(path.join(top, 'out', deb), path.join(work, 'files/switchyard.deb'));
  for (const script of ['operate', 'plan']) {
    const bundle = await rolldown({ input: path.join(import.meta.dirname, `guest/${script}.ts`), platform: 'node', logLevel: 'silent' });
    await bundle.write({ file: path.join(work, `files/${script}.mjs`), format: 'es', codeSplitting: false });
    await bundle.close();
  }
  const tar = path.join(work, 'payload.tar');
  await must('/bin/tar', ['-C', path.join(work, 'files'), '-cf', tar, '.']);
  process.on('exit', () => {
    rmSync(work, { recursive: true, force: true });
  });
  return tar;
}

async function install(guest: Guest): Promise<void> {
  await guest.sh('mkdir -p /opt/lab/payload && tar -C /opt/lab/payload -xf /dev/vdb && dpkg -i /opt/lab/payload/switchyard.deb > /dev/null', { limit: 300_000 });
}

function hostOf(guest: Guest): Host {
  const ask = async (verb: string, line: string | null): Promise<Result<Outcome>> => {
    const ran = await guest.ssh(`/usr/lib/switchyard/switchyard-helper ${verb}`, { input: line === null ? '' : `${line}\n`, limit: 900_000 });
    const last = ran.out.trim().split('\n').at(-1) ?? '';
    const end = JSON.parse(last === '' ? '{}' : last) as { ok?: boolean; outcome?: Outcome; problem?: Problem };
    if (end.ok === true && end.outcome !== undefined) return { ok: true, value: end.outcome };
    if (end.problem !== undefined) return { ok: false, problem: end.problem };
    throw new Error(`the helper ended with ${String(ran.code)} and said: ${(ran.out + ran.err).slice(-1500)}`);
  };
  const request = (body: object): string => JSON.stringify({ protocol, version: packageVersion, ...body });
  const host: Host = {
    guest,
    sh: (line, options) => guest.sh(line, options),
    switchyard: (args) => guest.sh(`switchyard ${args}`, { as: 'tester' }),
    facts: async () => (JSON.parse(await host.switchyard('scan --json')) as { facts: HostFacts }).facts,
    operate: async (writes) => JSON.parse(await guest.sh(`${node} /opt/lab/payload/operate.mjs`, { input: JSON.stringify(writes) })) as Seen[],
    plan: async (intent) => {
      const said = JSON.parse(await guest.sh(`${node} /opt/lab/payload/plan.mjs`, { as: 'tester', input: JSON.stringify(intent) })) as
        | { ok: true; plan: Plan; hash: PlanHash }
        | { ok: false; problem: Problem };
      return said.ok ? { ok: true, value: said } : said;
    },
    apply: async (intent) => {
      const plan = await host.plan(intent);
      return plan.ok ? ask('apply', request({ intent, approved: plan.value.hash })) : plan;
    },
    keep: (transaction, approved) => ask('keep', request({ transaction, approved })),
    undo: (transaction) => ask('undo', request({ transaction })),
    goBack: () => ask('go-back', null),
    restart: async (limit = 420_000) => {
      const before = (await guest.sh('cat /proc/sys/kernel/random/boot_id')).trim();
      await guest.ssh('systemctl reboot', { limit: 20_000 });
      const end = Date.now() + limit;
      for (;;) {
        await guest.waitForLogin(Math.max(1, end - Date.now()));
        const now = (await guest.ssh('cat /proc/sys/kernel/random/boot_id', { limit: 20_000 })).out.trim();
        if (now !== '' && now !== before) return;
      }
    },
    commandLine: () => guest.sh('cat /proc/cmdline'),
    digests: async () => {
      const lines = await guest.sh("find /etc /boot -xdev -type f -not -path '/boot/efi/*' -print0 | sort -z | xargs -0 sha256sum", { limit: 240_000 });
      return new Map(lines.trim().split('\n').map((line) => [line.slice(66), line.slice(0, 64)]));
    },
  };
  return host;
}

/** Journal, kernel log and serial line of a guest whose scenario failed. */
async function evidence(guest: Guest, say: (line: string) => void): Promise<void> {
  const folder = path.join(top, 'test-results/lab');
  mkdirSync(folder, { recursive: true });
  const name = `${guest.name}-${Date.now()}`;
  if (existsSync(guest.serial)) copyFileSync(guest.serial, path.join(folder, `${name}-serial.log`));
  const log = path.join(folder, `${name}-guest.log`);
  writeFileSync(log, '');
  for (const line of ['dmesg', 'journalctl -b --no-pager -n 400', 'cat /proc/cmdline', 'ls -laR /var/lib/switchyard']) {
    if (!guest.alive()) break;
    const ran = await guest.ssh(line, { limit: 30_000 }).catch(() => null);
    appendFileSync(log, `== ${line}\n${ran?.out ?? ''}${ran?.err ?? ''}\n`);
  }
  say(`evidence: ${path.relative(top, folder)}/${name}-*`);
}

/** Facts recorded from a guest, as the unit tests read them. */
export const fixtureFile = (name: TopologyName): string => path.join(top, 'test/fixtures/lab', `${name}.json`);
export const readFixture = (name: TopologyName): HostFacts | null => {
  const file = fixtureFile(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as HostFacts) : null;
};
