// SPDX-License-Identifier: GPL-3.0-or-later
import type { Ran } from '../command';
import { helperPath, request } from '../host';
import { holds, same } from '../expect';
import type { Host, Lab } from '../lab';
import type { Scenario } from '../scenario';
import type { User } from '../shell';
import { say } from '../../../words/say';
import { aloneCard, dedicate } from './cards';

/** pkexec(1): 127 when it was not allowed or something broke, 126 when the person closed the question. */
const notAllowed = 127;
const dismissed = 126;
/** The command line's own code for what was refused: sysexits(3), EX_NOPERM. */
const refusedCode = 77;
/** Runs a line of sh while an agent of this login session answers every question of polkit by closing it. */
const closing = (line: string): string =>
  `log=$(mktemp); /usr/lib/switchyard/node /opt/lab/payload/dismiss.mjs > $log 2>&1 & agent=$!; for i in $(seq 150); do grep -q ready $log && break; sleep 0.2; done; ${line}; code=$?; kill $agent; cat $log >&2; exit $code`;
/** A hash that no plan has: whoever is let in is told that the plan is stale, and nothing is changed. */
const stale = 'f'.repeat(64);

interface Gate {
  readonly host: Host;
  /** A person at a terminal asks root to apply, and answers pkexec's question with this. */
  readonly ask: (as: User, password: string) => Promise<Ran>;
  /** No transaction was begun. */
  readonly untouched: () => Promise<void>;
}

async function gate(lab: Lab): Promise<Gate> {
  const host = await lab.boot('intel-one-card');
  const line = request({ intent: dedicate(aloneCard(await host.facts())), approved: stale });
  return {
    host,
    ask: (as, password) =>
      host.guest.terminal({
        as,
        line: `stty -echo; pkexec ${helperPath} apply`,
        answers: [{ prompt: /Password:/, reply: `${password}\n` }, { prompt: /"kind":"hello"/, reply: line }],
      }),
    untouched: async () => {
      same(await host.sh('ls -A /var/lib/switchyard 2> /dev/null | wc -l'), '0\n', 'no transaction was begun');
    },
  };
}

export const polkitScenarios: readonly Scenario[] = [
  {
    name: 'without an agent and a terminal nobody becomes root, and nothing is begun',
    on: 'intel-one-card',
    budget: 40,
    quick: true,
    play: async (lab) => {
      const { host, untouched } = await gate(lab);
      for (const as of ['tester', 'owner'] as const) {
        const ran = await host.guest.ssh(`pkexec ${helperPath} apply`, { as, input: '{}\n', open: true });
        same(ran.code, notAllowed, `${as} is not let in: ${ran.err}`);
        same(ran.out, '', 'the helper was not started');
      }
      const direct = await host.guest.ssh(`${helperPath} apply`, { as: 'owner', input: '{}\n', open: true });
      holds(direct.code !== 0 && direct.out === '', 'started without root it leaves at once');
      await untouched();
    },
  },
  {
    name: 'a wrong password, and an ordinary user’s own, are refused at a terminal, and nothing is begun',
    on: 'intel-one-card',
    budget: 50,
    play: async (lab) => {
      const { ask, untouched } = await gate(lab);
      for (const [as, password] of [['owner', 'wrong'], ['tester', 'tester']] as const) {
        const ran = await ask(as, password);
        same(ran.code, notAllowed, `${as} is not let in: ${ran.out}`);
        holds(/Password:/.test(ran.out) && !ran.out.includes('"kind":"hello"'), 'they were asked, and the helper was not started');
      }
      await untouched();
    },
  },
  {
    name: 'over ssh an administrator’s password opens the way to root',
    on: 'intel-one-card',
    budget: 50,
    play: async (lab) => {
      const { ask, untouched } = await gate(lab);
      for (const as of ['owner', 'tester'] as const) {
        const ran = await ask(as, 'owner');
        holds(ran.out.includes('"kind":"hello"') && ran.out.includes('"code":"plan-stale"'), `${as} is let in and the helper looks for itself: ${ran.out}`);
      }
      await untouched();
    },
  },
  {
    name: 'a question that is closed is told by its own code, an ordinary user without anybody to ask is refused, and nothing is begun',
    on: 'intel-one-card',
    budget: 60,
    play: async (lab) => {
      const { host, untouched } = await gate(lab);
      for (const as of ['owner', 'tester'] as const) {
        const ran = await host.guest.ssh(closing(`pkexec ${helperPath} apply`), { as, input: '{}\n', open: true });
        same([ran.code, ran.out], [dismissed, ''], `${as} closed the question, and the helper was not started: ${ran.err}`);
        holds(ran.err.includes('BeginAuthentication'), `they were asked: ${ran.err}`);
        const told = await host.guest.ssh(closing('switchyard point --reason closed'), { as });
        same([told.code, told.out], [refusedCode, ''], `the command line says so too: ${told.err}`);
        holds(told.err.includes(say('en', 'problem.not-authorised')) && told.err.includes(say('en', 'problem.not-authorised.state')), `in words: ${told.err}`);
      }
      const alone = await host.guest.ssh('switchyard point --reason alone', { as: 'tester' });
      same(alone.code, refusedCode, `without an agent it is the same: ${alone.err}`);
      await untouched();
    },
  },
  {
    name: 'two helpers at once: the second is told who is at work, and changes nothing',
    on: 'intel-one-card',
    budget: 90,
    play: async (lab) => {
      const { host } = await gate(lab);
      const intent = dedicate(aloneCard(await host.facts()));
      const first = host.apply(intent);
      await host.sh('for i in $(seq 300); do [ -e /var/lib/switchyard/waiting ] && exit 0; ls -d /var/lib/switchyard/*/private > /dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1', { limit: 240_000 });
      const second = await host.apply(intent);
      same(second.ok ? 'ok' : second.problem.code, 'busy', `the second: ${JSON.stringify(second)}`);
      const done = await first;
      holds(done.ok, `the first is not disturbed: ${JSON.stringify(done)}`);
      same((await host.sh('ls -d /var/lib/switchyard/*/private | wc -l')).trim(), '1', 'there is one transaction');
    },
  },
];
