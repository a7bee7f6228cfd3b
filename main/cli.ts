// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import { createRequire } from 'node:module';
import { languageOf, languages, say, type Language } from '../words/say';
import { exits, type Io } from './cli/io';

type Command = (args: readonly string[], io: Io) => Promise<number>;

/** Each command is loaded only when asked for: `scan` answers in a blink. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  scan: async () => (await import('./cli/scan')).scan,
  assess: async () => (await import('./cli/assess')).assessCommand,
  rehearse: async () => (await import('./cli/rehearse')).rehearse,
  history: async () => (await import('./cli/history')).history,
  vm: async () => (await import('./cli/vm')).vmCommand,
  plan: async () => (await import('./cli/change')).plan,
  apply: async () => (await import('./cli/change')).apply,
  undo: async () => (await import('./cli/change')).undo,
  compare: async () => (await import('./cli/compare')).compareCommand,
  point: async () => (await import('./cli/restore')).point,
  restore: async () => (await import('./cli/restore')).restore,
  check: async () => (await import('./cli/check')).check,
  status: async () => (await import('./cli/status-watch')).status,
  'hand-off': async () => (await import('./cli/hand-off')).handOff,
  'take-back': async () => (await import('./cli/take-back')).takeBack,
  keep: async () => (await import('./cli/trial')).keep,
  'go-back': async () => (await import('./cli/trial')).goBack,
  card: async () => (await import('./cli/trial')).card,
};

async function main(argv: readonly string[]): Promise<number> {
  const { language, rest } = takeLanguage(argv);
  if (language === null) {
    process.stderr.write(`${say(languageOf(locale()), 'cli.language')}\n`);
    return exits.usage;
  }
  const io = terminal(language);
  const [name, ...args] = rest;
  if (name === undefined || name === '--help' || name === '-h' || args.includes('--help')) {
    io.out(`${say(language, 'cli.usage')}\n`);
    return name === undefined ? exits.usage : exits.ok;
  }
  if (name === '--version') {
    io.out(`${version()}\n`);
    return exits.ok;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    io.err(`${say(language, 'cli.unknown-command', { name: printable(name) })}\n`);
    return exits.usage;
  }
  return (await load())(args, io);
}

/** `--lang` may stand anywhere; without it the environment decides as gettext does. */
function takeLanguage(argv: readonly string[]): { language: Language | null; rest: readonly string[] } {
  const { values, tokens } = parseArgs({ args: [...argv], options: { lang: { type: 'string' } }, strict: false, tokens: true });
  const used = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name !== 'lang') continue;
    used.add(token.index);
    if (token.inlineValue === false) used.add(token.index + 1);
  }
  const rest = argv.filter((_, index) => !used.has(index));
  const asked = values['lang'];
  if (asked === undefined) return { language: languageOf(locale()), rest };
  return { language: languages.find((one) => one === asked) ?? null, rest };
}

const locale = (): string | undefined => process.env['LC_ALL'] ?? process.env['LC_MESSAGES'] ?? process.env['LANG'];

function terminal(language: Language): Io {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    language,
    colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb',
    width: process.stdout.columns > 0 ? process.stdout.columns : 80,
  };
}

/** What came from outside is shown without control characters. */
const printable = (text: string): string => text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 64);

function version(): string {
  const found: unknown = createRequire(import.meta.url)('../../package.json');
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

process.stdout.on('error', () => process.exit(exits.ok)); // the reader of a pipe has seen enough
main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const name = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
    process.stderr.write(`${say(languageOf(locale()), 'cli.bug', { name })}\n`);
    process.exitCode = exits.internal;
  },
);
