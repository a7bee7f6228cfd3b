// SPDX-License-Identifier: GPL-3.0-or-later
import { protocol } from '../contract/helper';
import { packageVersion } from '../contract/version';
import { admit, lookAtStart } from './guard';
import { hookMain } from './hook/main';
import { liveHands } from './life';
import { endOfDone, perform, takesLine } from './verbs';
import { endOf, openWire } from './wire';

/** sysexits(3): the command was used in a way it is not meant to be. Says nothing more. */
const usage = 64;

/** One process, one request: let in, hello, do, end, leave. */
async function main(): Promise<number> {
  const admitted = admit(lookAtStart());
  if (admitted.at === 'out') return usage;
  process.umask(0o077);
  process.chdir('/');
  const began = Math.round(Date.now() - process.uptime() * 1000);
  if (admitted.verb === 'hook') return hookMain(liveHands(), admitted.words, { input: process.stdin, say: (line) => void process.stderr.write(`${line}\n`), began });
  const wire = openWire(process.stdin, process.stdout);
  // The guard speaks to a console and to nobody's program.
  const say = (line: Parameters<typeof wire.say>[0]): void => { if (admitted.verb !== 'guard') wire.say(line); };
  say({ kind: 'hello', protocol, version: packageVersion });
  const line = takesLine(admitted.verb) ? await wire.line() : null;
  if (line !== null && !line.ok) {
    say(endOf(line.problem));
    return usage;
  }
  // Without a request line nobody can say stop, and a closed pipe means nothing.
  const session = line === null ? { progress: (said: Parameters<typeof wire.progress>[0]) => { wire.progress(said); }, stopAsked: () => Promise.resolve(false) } : wire;
  const result = await perform({ hands: liveHands(), session, origin: admitted.origin }, admitted.verb, line === null ? '' : line.value);
  say(result.ok ? { kind: 'end', ok: true, ...endOfDone(result.value) } : endOf(result.problem));
  if (!result.ok && result.problem.code === 'protocol') return usage;
  return result.ok ? 0 : 1;
}

main()
  .catch(() => {
    process.stdout.write(`${JSON.stringify(endOf(failedBug))}\n`);
    return 70;
  })
  .then((code) => {
    process.exitCode = code;
    process.stdin.destroy();
  })
  .catch(() => undefined);

const failedBug = { code: 'internal', detail: {} } as const;
