// SPDX-License-Identifier: GPL-3.0-or-later
import { protocol } from '../../contract/helper';
import type { HostFacts } from '../../contract/facts';
import type { Intent, Plan, PlanHash } from '../../contract/plan';
import type { Problem, Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import { packageVersion } from '../../contract/version';
import { patience, type Guest } from './machine';
import type { NodeWrite, Seen } from './operations';
import type { ShellOptions } from './shell';

/** Where the package puts the Node it carries, and the root helper. */
const node = '/usr/lib/switchyard/node';
export const helperPath = '/usr/lib/switchyard/switchyard-helper';

/** A guest with Switchyard installed, in the words of a story. */
export interface Host {
  readonly guest: Guest;
  sh(line: string, options?: ShellOptions): Promise<string>;
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
  /** Waits for a login of another start than the one named. */
  waitForStartAfter(boot: string, limit?: number): Promise<void>;
  /** The kernel's name for the running start. */
  bootId(): Promise<string>;
  /** The kernel command line of the running start. */
  commandLine(): Promise<string>;
  /** Digest of every file below /etc and /boot, by path. */
  digests(): Promise<ReadonlyMap<string, string>>;
  /** The last answer line of the helper, from whatever was started to ask it. */
  outcome(said: { readonly out: string; readonly err: string }): Result<Outcome>;
}

/** The line on the helper's standard input that a verb with input reads. */
export const request = (body: object): string => `${JSON.stringify({ protocol, version: packageVersion, ...body })}\n`;

export function hostOf(guest: Guest): Host {
  const ask = async (verb: string, line: string): Promise<Result<Outcome>> => host.outcome(await guest.ssh(`${helperPath} ${verb}`, { input: line, open: line !== '', limit: 1_200_000 }));
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
    goBack: () => ask('go-back', ''),
    bootId: async () => (await guest.sh('cat /proc/sys/kernel/random/boot_id')).trim(),
    restart: async (limit = patience.login) => {
      const before = await host.bootId();
      await guest.ssh('systemctl reboot', { limit: 30_000 });
      await host.waitForStartAfter(before, limit);
    },
    waitForStartAfter: async (boot, limit = patience.login) => {
      const end = Date.now() + limit;
      for (;;) {
        await guest.waitForLogin(Math.max(1, end - Date.now()));
        const now = (await guest.ssh('cat /proc/sys/kernel/random/boot_id', { limit: 30_000 })).out.trim();
        if (now !== '' && now !== boot) return;
      }
    },
    commandLine: () => guest.sh('cat /proc/cmdline'),
    digests: async () => {
      const lines = await guest.sh("find /etc /boot -xdev -type f -not -path '/boot/efi/*' -print0 | sort -z | xargs -0 sha256sum", { limit: 400_000 });
      return new Map(lines.trim().split('\n').map((line) => [line.slice(66), line.slice(0, 64)]));
    },
    outcome: ({ out, err }) => {
      const last = out.trim().split('\n').at(-1) ?? '';
      const end = (last.startsWith('{') ? JSON.parse(last) : {}) as { kind?: string; ok?: boolean; outcome?: Outcome; problem?: Problem };
      if (end.kind !== 'end') throw new Error(`the helper ended without an answer: ${(out + err).slice(-500)}`);
      if (end.ok === true && end.outcome !== undefined) return { ok: true, value: end.outcome };
      return { ok: false, problem: end.problem ?? { code: 'internal', detail: {} } };
    },
  };
  return host;
}
