// SPDX-License-Identifier: GPL-3.0-or-later
import type { Plan } from '../../contract/plan';
import type { StartFacts } from '../../contract/trial';
import type { WayBackFacts, WayBackKit } from '../../contract/way-back';
import { givenBy } from './self-check';

/** What is looked at before a plan is agreed to: what the person has now, and what else leads back. */
export interface BeforeTheStep {
  readonly start: Pick<StartFacts, 'screens'>;
  readonly back: WayBackFacts;
  /** Who and what to name to ssh from another computer: `user@computer`; null: not known. */
  readonly reach?: string | null;
}

type Way = WayBackKit['ways'][number];

/**
 * The way-back kit of a plan: what could go dark, which ways back there are, and how firmly to ask. Null where nothing
 * that could light a screen is given away: then there is nothing to ask.
 */
export function wayBackKit(plan: Plan, before: BeforeTheStep): WayBackKit | null {
  const { start, back } = before;
  const given = new Set<string>(givenBy(plan));
  const isDisplay = plan.basis.groups.some((group) => group.some((member) => member.part === 'give' && member.class.startsWith('03')));
  if (!isDisplay || plan.steps.length === 0) return null;
  if (plan.intent.kind === 'single-card') return { risk: 'each-start', screens: [], ways: [...waysOfDesktop(before)], ask: 'tick' };
  const lit = start.screens ?? [];
  const dark = lit.flatMap(({ name, gpu }) => (gpu !== null && given.has(gpu) ? [{ name: name.slice(0, 64), gpu }] : []));
  const risk = start.screens === null || lit.length === 0 ? 'unknown' : dark.length === 0 ? 'none' : dark.length < lit.length ? 'some' : 'all';
  const ways = [byItself(plan), otherScreen(start, lit.length - dark.length), ssh(back), rescue(back), card];
  return { risk, screens: dark.slice(0, 64), ways: [...ways], ask: askFor(risk, ways) };
}

/** Nothing goes dark now; each start of a VM will end the desktop, and these lead back to it. */
function waysOfDesktop({ back, reach = null }: BeforeTheStep): readonly Way[] {
  const there = (way: Way['way']): Way => ({ way, state: 'there', detail: {} });
  const { state } = ssh(back);
  const remote: Way = { way: 'remote', state: state === 'there' && reach === null ? 'unknown' : state, detail: { reach: reach ?? '' } };
  return [there('guest-off'), there('failed-start'), remote, there('power-off'), card];
}

/** In proportion: a screen that stays asks for nothing; no screen at all asks for the card's name, unless ssh leads back in. */
function askFor(risk: WayBackKit['risk'], ways: readonly Way[]): WayBackKit['ask'] {
  if (risk === 'none' || risk === 'some') return 'nothing';
  const reachable = ways.some(({ way, state }) => way === 'ssh' && state === 'there');
  return risk === 'all' && !reachable ? 'type' : 'tick';
}

/** The ways back of a change that is prepared already and tried at the next start. */
export const waysOfTrial = (back: WayBackFacts): readonly Way[] => [{ way: 'by-itself', state: 'there', detail: {} }, ssh(back), rescue(back), card];

/** A change with a trial goes back by itself: power off, power on. */
const byItself = (plan: Plan): Way => ({ way: 'by-itself', state: plan.steps.some((step) => step.phase === 'trial') ? 'there' : 'not-there', detail: {} });

function otherScreen(start: BeforeTheStep['start'], staying: number): Way {
  const state = start.screens === null ? 'unknown' : staying > 0 ? 'there' : 'not-there';
  return { way: 'other-screen', state, detail: { count: String(Math.max(staying, 0)) } };
}

/** Only a server that starts with the machine, answers now and has a network is a way back after a restart. */
function ssh({ sshEnabled, sshListening, networkUp }: WayBackFacts): Way {
  const needs = [sshEnabled, sshListening, networkUp];
  const state = needs.includes(false) ? 'not-there' : needs.includes(null) ? 'unknown' : 'there';
  return { way: 'ssh', state, detail: {} };
}

const rescue = ({ rescueEntry }: WayBackFacts): Way => ({ way: 'rescue-entry', state: rescueEntry === null ? 'unknown' : rescueEntry ? 'there' : 'not-there', detail: {} });
/** Every transaction writes undo.sh before it changes anything. */
const card: Way = { way: 'undo-card', state: 'there', detail: {} };
