// SPDX-License-Identifier: GPL-3.0-or-later
import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { helperVerbs, verbs, type HelperVerb } from '../contract/helper';
import type { Origin } from '../contract/history';

export type Admitted = { readonly at: 'in'; readonly verb: HelperVerb; readonly words: readonly string[]; readonly origin: Origin } | { readonly at: 'out' };

/** What the start of this process looks like; read once, so that the rules can be tried without being root. */
export interface Start {
  readonly argv: readonly string[];
  readonly uid: number;
  readonly effective: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Where each open descriptor leads. */
  readonly descriptors: readonly string[];
  /** Every file and folder on the way to the program and its runtime. */
  readonly program: readonly { readonly uid: number; readonly mode: number }[];
}

/** One verb, nothing else; `hook` has exactly four more words with a grammar of their own. Whoever is not let in gets exit 64. */
export function admit(start: Start): Admitted {
  const [word, ...words] = start.argv;
  const verb = helperVerbs.find((known) => known === word);
  const origin = originOf(start.environment, start.pid);
  const right =
    verb !== undefined &&
    (verb === 'hook' ? isHookCall(words) : words.length === 0) &&
    start.uid === 0 &&
    start.effective === 0 &&
    start.descriptors.every(isHarmless) &&
    start.program.every((part) => part.uid === 0 && (part.mode & 0o022) === 0);
  return right && mayStart(verb, origin) ? { at: 'in', verb, words, origin } : { at: 'out' };
}

function mayStart(verb: HelperVerb, { via }: Origin): boolean {
  const started: readonly string[] = verbs[verb].started;
  return started.includes(via) || (verb === 'hook' && via !== 'pkexec');
}

/** libvirt's names may hold any letter of any language, but no slash and no line break; ours only go to the journal, never into a path. */
const hookGrammar = [/^[^\p{C}\p{Zl}\p{Zp}/]{1,256}$/u, /^(?:prepare|start|started|stopped|release|migrate|restore|reconnect|attach)$/, /^(?:begin|end|-)$/, /^-$|^[a-z-]{1,32}$/];
const isHookCall = (words: readonly string[]): boolean => words.length === hookGrammar.length && hookGrammar.every((grammar, at) => grammar.test(words[at] ?? ''));

/** Node's own: event queues and pipes without a name. A file, socket or folder beyond 2 was left to us by somebody. */
const isHarmless = (target: string): boolean => /^(?:anon_inode:|pipe:)/.test(target) || target === '/dev/null' || target === '/dev/urandom';

export function originOf(environment: Start['environment'], pid: number): Origin {
  const number = (text: string | undefined): number | null => (text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null);
  const pkexec = number(environment['PKEXEC_UID']);
  if (pkexec !== null) return { via: 'pkexec', uid: pkexec };
  const sudo = number(environment['SUDO_UID']);
  if (sudo !== null) return { via: 'sudo', uid: sudo };
  // A rescue shell inherits its unit's INVOCATION_ID; SYSTEMD_EXEC_PID (systemd.exec(5), since 248) names the process systemd itself started.
  const started = number(environment['SYSTEMD_EXEC_PID']);
  if (environment['INVOCATION_ID'] !== undefined && (started === null || started === pid)) return { via: 'systemd', uid: null };
  return { via: 'root', uid: null };
}

/** Looks at how this very process was started. */
export function lookAtStart(): Start {
  return {
    argv: process.argv.slice(2),
    uid: process.getuid?.() ?? -1,
    effective: process.geteuid?.() ?? -1,
    environment: process.env,
    pid: process.pid,
    descriptors: descriptors(),
    program: [process.execPath, process.argv[1] ?? process.execPath].flatMap(wayTo),
  };
}

function descriptors(): readonly string[] {
  return readdirSync('/proc/self/fd')
    .filter((name) => Number(name) > 2)
    .flatMap((name) => {
      try {
        return [readlinkSync(`/proc/self/fd/${name}`)];
      } catch {
        return [];
      }
    })
    .filter((target) => !/^\/proc\/\d+\/fd$/.test(target));
}

/** A file and every folder above it, as the kernel finds it. */
function wayTo(path: string): readonly { uid: number; mode: number }[] {
  const parts = realpathSync(path).split('/').slice(1);
  return ['/', ...parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)].map((each) => {
    const stat = lstatSync(each);
    return { uid: stat.uid, mode: stat.mode };
  });
}
