// SPDX-License-Identifier: GPL-3.0-or-later
import { leaves, type BuiltIn, type Shell } from './state';
import { ScriptError } from './tokens';

/** The command of that name that belongs to the language; null when it is a program's or nobody's. */
export const builtIn = (name: string): BuiltIn | null => (Object.hasOwn(builtIns, name) ? (builtIns[name] ?? null) : null);

const assignment = /^([A-Za-z_]\w*)=/;

const leave = (how: keyof typeof leaves) => (shell: Shell, args: readonly string[]): never => {
  if (args[0] !== undefined && how !== 'break' && how !== 'continue') shell.status = Number(args[0]);
  throw leaves[how];
};

const builtIns: Readonly<Record<string, BuiltIn>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  exit: leave('exit'),
  return: leave('return'),
  break: leave('break'),
  continue: leave('continue'),
  echo(shell, args) {
    shell.output += `${(args[0] === '-n' ? args.slice(1) : args).join(' ')}${args[0] === '-n' ? '' : '\n'}`;
    return 0;
  },
  printf(shell, args) {
    shell.output += printed(args);
    return 0;
  },
  '[': (shell, args) => (args.at(-1) === ']' ? test(shell, args.slice(0, -1)) : 2),
  test: (shell, args) => test(shell, args),
  export: (shell, args) => assign(shell, args),
  readonly: (shell, args) => assign(shell, args),
  local: (shell, args) => assign(shell, args),
  shift(shell) {
    shell.parameters = shell.parameters.slice(1);
    return 0;
  },
  unset(shell, args) {
    for (const name of args) shell.variables.delete(name);
    return 0;
  },
  umask: () => 0,
  trap: () => 0,
  read: (shell, args) => readLine(shell, args),
  set(shell, args) {
    for (const arg of args) {
      const pair = assignment.exec(arg);
      if (pair !== null) shell.variables.set(pair[1] ?? '', arg.slice(pair[0].length));
      else if (/^[-+][a-z]+$/.test(arg)) for (const letter of arg.slice(1)) shell.options[arg.startsWith('-') ? 'add' : 'delete'](letter);
    }
    if (args[0] === '--') shell.parameters = args.slice(1);
    return 0;
  },
};

function assign(shell: Shell, args: readonly string[]): number {
  for (const arg of args) {
    const pair = assignment.exec(arg);
    if (pair !== null) shell.variables.set(pair[1] ?? '', arg.slice(pair[0].length));
  }
  return 0;
}

function readLine(shell: Shell, args: readonly string[]): number {
  const names = args.filter((arg) => !arg.startsWith('-'));
  const end = shell.input.text.indexOf('\n');
  const line = end < 0 ? shell.input.text : shell.input.text.slice(0, end);
  const whole = end >= 0;
  shell.input.text = whole ? shell.input.text.slice(end + 1) : '';
  const fields = line.trim() === '' ? [] : line.trim().split(/[ \t]+/);
  names.forEach((name, index) => shell.variables.set(name, index === names.length - 1 ? fields.slice(index).join(' ') : (fields[index] ?? '')));
  return whole ? 0 : 1;
}

/** `printf` with %s and the escapes; the format comes again while arguments are left. */
function printed(args: readonly string[]): string {
  const format = (args[0] ?? '').replace(/\\([nt\\])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 't' ? '\t' : '\\'));
  const left = [...args.slice(1)];
  let text = '';
  do text += format.replace(/%[sd%]/g, (one) => (one === '%%' ? '%' : (left.shift() ?? '')));
  while (left.length > 0 && /%[sd]/.test(format));
  return text;
}

function test(shell: Shell, args: readonly string[]): number {
  if (args[0] === '!') return test(shell, args.slice(1)) === 0 ? 1 : 0;
  for (const [word, all] of [['-o', false], ['-a', true]] as const) {
    const at = args.indexOf(word, 1);
    if (at > 0) {
      const sides = [test(shell, args.slice(0, at)), test(shell, args.slice(at + 1))];
      return (all ? sides.every((one) => one === 0) : sides.includes(0)) ? 0 : 1;
    }
  }
  return holds(shell, args) ? 0 : 1;
}

const comparisons: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '-eq': (a, b) => Number(a) === Number(b),
  '-ne': (a, b) => Number(a) !== Number(b),
  '-gt': (a, b) => Number(a) > Number(b),
  '-ge': (a, b) => Number(a) >= Number(b),
  '-lt': (a, b) => Number(a) < Number(b),
  '-le': (a, b) => Number(a) <= Number(b),
};
const questions: Readonly<Record<string, (shell: Shell, of: string) => boolean>> = {
  '-e': (shell, of) => shell.world.kind(of) !== null,
  '-r': (shell, of) => shell.world.kind(of) !== null,
  '-w': (shell, of) => shell.world.kind(of) !== null,
  '-f': (shell, of) => shell.world.kind(of) === 'file',
  '-d': (shell, of) => shell.world.kind(of) === 'folder',
  '-s': (shell, of) => (shell.world.read(of) ?? '') !== '',
  '-x': (shell, of) => shell.world.executable(of),
  '-L': (shell, of) => shell.world.isLink(of),
  '-h': (shell, of) => shell.world.isLink(of),
  '-n': (_, of) => of !== '',
  '-z': (_, of) => of === '',
};

function holds(shell: Shell, [a = '', b, c, ...more]: readonly string[]): boolean {
  if (more.length > 0) throw new ScriptError('too many words in a test');
  if (b === undefined) return a !== '';
  const compare = c === undefined ? undefined : comparisons[b];
  if (compare !== undefined) return compare(a, c ?? '');
  const ask = c === undefined ? questions[a] : undefined;
  if (ask === undefined) throw new ScriptError('a test is not read');
  return ask(shell, b);
}
