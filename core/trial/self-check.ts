// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Plan } from '../../contract/plan';
import { trialFailures, type StartFacts, type TrialFinding } from '../../contract/trial';
import { expectAfterStart, type StartCheck } from '../step/must-hold';

/** What this start is, as its kernel shows it. Null: could not be read. */
export interface KernelSeen {
  readonly args: readonly string[] | null;
  readonly iommuActive: boolean | null;
  /** Who has each promised function, and whether it still is that device (decision 4). */
  readonly functions: readonly { readonly address: PciAddress; readonly driver: string | null; readonly same: boolean }[];
  /** Whether the loader took its one-shot back (host.md 5.3.2): `stays` where it did not and we could not either. */
  readonly oneShot: 'spent' | 'cleared' | 'stays' | 'unknown';
}

/** Everything the self check compares. */
export interface TrialSeen {
  readonly kernel: KernelSeen;
  /** Recorded when the trial was prepared; null where nothing was, as before version 0.2. */
  readonly before: StartFacts | null;
  readonly now: StartFacts;
}

const failures: ReadonlySet<string> = new Set(trialFailures);
/** Whether a finding makes the trial failed, and not only worth knowing. */
export const fails = (finding: TrialFinding): boolean => failures.has(finding.code);

/** The self check of a trial start (host.md 5.9): what was promised holds, and what the person had they still have. Unknown is never "no". */
export function judgeTrial(plan: Plan, transaction: string, seen: TrialSeen): readonly TrialFinding[] {
  const promised = expectAfterStart(plan, transaction, 'trial').flatMap((check) => broken(check, seen.kernel));
  const given = new Set<string>(givenBy(plan));
  const lost = seen.before === null ? [found('nothing-to-compare')] : compare(seen.before, seen.now, { given, mayBeDark: maySee(plan) });
  return [...once(promised), ...oneShot(seen.kernel), ...lost, ...(seen.before === null ? noLogin(seen.now) : [])];
}

const found = (code: TrialFinding['code'], detail: TrialFinding['detail'] = {}): TrialFinding => ({ code, detail });

/** One promise that several steps make is told once. */
const once = (findings: readonly TrialFinding[]): readonly TrialFinding[] =>
  findings.filter((one, index) => findings.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === index);

/** A promise about this start that does not hold, as a finding; nothing where it does. */
export function broken(check: StartCheck, kernel: KernelSeen): readonly TrialFinding[] {
  switch (check.check) {
    case 'argument':
      if (kernel.args === null) return [found('unreadable', { what: '/proc/cmdline' })];
      if (kernel.args.includes(check.arg)) return [];
      return [found('not-the-trial', { arg: check.arg })];
    case 'no-argument':
      return hasArgument(kernel, check.name) ? [found('not-the-trial', { arg: check.name })] : [];
    case 'iommu-active':
      return kernel.iommuActive === true ? [] : [found('iommu-off')];
    case 'bound':
      return isBound(check, kernel);
    default:
      return check satisfies never;
  }
}

const hasArgument = ({ args }: KernelSeen, name: string): boolean => args?.some((arg) => arg === name || arg.startsWith(`${name}=`)) === true;

function isBound(check: Extract<StartCheck, { check: 'bound' }>, kernel: KernelSeen): readonly TrialFinding[] {
  const is = kernel.functions.find((one) => one.address === check.device.address);
  return is?.same === true && is.driver === check.driver ? [] : [found('not-bound', { device: check.device.address, driver: is?.driver ?? '-' })];
}

function oneShot({ oneShot: state }: KernelSeen): readonly TrialFinding[] {
  if (state === 'cleared') return [found('one-shot-cleared')];
  return state === 'stays' ? [found('one-shot-stays')] : [];
}

/** Functions that leave this computer for the VM. */
export const givenBy = (plan: Plan): readonly string[] =>
  plan.basis.groups.flatMap((group) => group.filter((member) => member.part === 'give').map((member) => member.identity.address));

/** The person agreed that no screen may be left. */
const maySee = (plan: Plan): boolean => 'consents' in plan.intent && plan.intent.consents.includes('lose-only-screen');

interface Expected {
  readonly given: ReadonlySet<string>;
  readonly mayBeDark: boolean;
}

function compare(before: StartFacts, now: StartFacts, expected: Expected): readonly TrialFinding[] {
  return [...screens(before, now, expected), ...network(before, now, expected), ...login(before, now, expected), ...units(before, now)];
}

/**
 * Counted per card, because a connector's number belongs to the whole machine: when the given card's driver leaves,
 * `HDMI-A-2` of the other card becomes `HDMI-A-1`. Where every lit screen hung on what is given away, one must be lit
 * elsewhere, unless the person agreed to have none.
 */
function screens(before: StartFacts, now: StartFacts, { given, mayBeDark }: Expected): readonly TrialFinding[] {
  const [were, are] = [before.screens, now.screens];
  if (were === null || are === null || were.length === 0) return [];
  const staying = were.filter(({ gpu }) => gpu === null || !given.has(gpu));
  const dark = [...new Set(staying.map(({ gpu }) => gpu))].flatMap((gpu) => {
    if (gpu === null) return are.length > 0 ? [] : [found('screen-dark')];
    const lit = (all: typeof were): number => all.filter((one) => one.gpu === gpu).length;
    return lit(are) < lit(were) ? [found('screen-dark', { device: gpu, before: String(lit(were)), now: String(lit(are)) })] : [];
  });
  if (staying.length > 0) return dark;
  return mayBeDark || are.some(({ gpu }) => gpu === null || !given.has(gpu)) ? [] : [found('screen-dark')];
}

/** Lost: there was a way out and now there is none, or every interface that was up and stays is down. One of several down is worth knowing. */
function network(before: StartFacts, now: StartFacts, { given }: Expected): readonly TrialFinding[] {
  if (before.network === null || now.network === null) return [];
  const staying = before.network.links.filter(({ device }) => device === null || !given.has(device));
  const isUp = (link: { readonly name: string; readonly device: string | null }): boolean =>
    now.network?.links.some((other) => other.name === link.name || (link.device !== null && other.device === link.device)) === true;
  const missing = staying.filter((link) => !isUp(link));
  // What went with a given card is no loss: it was asked for.
  const allGiven = before.network.links.length > 0 && staying.length === 0;
  const wayLost = before.network.route && !now.network.route && !allGiven;
  if (wayLost || (staying.length > 0 && missing.length === staying.length)) return [found('network-lost', { links: missing.map(({ name }) => name).join(' ').slice(0, 256) })];
  return missing.map(({ name }) => found('link-lost', { link: name }));
}

function login(before: StartFacts, now: StartFacts, { mayBeDark }: Expected): readonly TrialFinding[] {
  const none = noLogin(now);
  if (none.length > 0) return none;
  const lost = before.login?.graphical === true && now.login?.graphical === false;
  return lost && !mayBeDark ? [found('no-desktop')] : [];
}

const noLogin = ({ login: ways }: StartFacts): readonly TrialFinding[] =>
  ways === null || ways.graphical || ways.console || ways.remote ? [] : [found('no-login')];

function units(before: StartFacts, now: StartFacts): readonly TrialFinding[] {
  if (before.failedUnits === null || now.failedUnits === null) return [];
  const known = new Set(before.failedUnits);
  return now.failedUnits.filter((unit) => !known.has(unit)).slice(0, 32).map((unit) => found('unit-failed', { unit }));
}
