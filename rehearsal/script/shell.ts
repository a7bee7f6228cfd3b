// SPDX-License-Identifier: GPL-3.0-or-later
import { builtIn } from './built-in';
import { Leave, leaves, type Shell, type ShellWorld } from './state';
import { ScriptError } from './tokens';
import { readScript, type Command, type Pipeline, type Redirect, type Script } from './syntax';
import { expand, expandOne, patternOf, type Expander } from './words';

export function makeShell(world: ShellWorld, parameters: readonly string[] = []): Shell {
  return { world, variables: new Map(), functions: new Map(), parameters, options: new Set(), status: 0, output: '', input: { text: '' }, fuel: 100_000 };
}

const read = new Map<string, Script>();
/** Reading is the dear part of a run, and the same few scripts come again and again. */
export function scriptOf(source: string): Script {
  let script = read.get(source);
  if (script === undefined) {
    script = readScript(source);
    if (read.size > 500) read.clear();
    read.set(source, script);
  }
  return script;
}

/** Runs a script to its end or its `exit`; what it wrote to standard output is in `output`. A script that cannot be read fails with 2, as sh does. */
export function runScript(shell: Shell, source: string): number {
  try {
    runList(shell, scriptOf(source));
  } catch (error) {
    if (error instanceof ScriptError) shell.status = 2;
    else if (!(error instanceof Leave)) throw error;
  }
  return shell.status;
}

/** Runs the pipelines of a list; for a loader's menu entries this is also how a block is run. */
export function runList(shell: Shell, script: Script, tested = false): void {
  script.forEach((pipeline, index) => {
    if (pipeline.joined === '&&' && shell.status !== 0) return;
    if (pipeline.joined === '||' && shell.status === 0) return;
    const last = script[index + 1]?.joined !== '&&' && script[index + 1]?.joined !== '||';
    runPipeline(shell, pipeline, tested || !last);
    if (shell.status !== 0 && !tested && last && !pipeline.negated && shell.options.has('e')) throw leaves.exit;
  });
}

function runPipeline(shell: Shell, pipeline: Pipeline, tested: boolean): void {
  const [only] = pipeline.commands;
  if (pipeline.commands.length === 1 && only !== undefined) runCommand(shell, only, tested || pipeline.negated);
  else {
    let input = shell.input;
    pipeline.commands.forEach((command, index) => {
      const part = inner(shell, input);
      guarded(() => {
        runCommand(part, command, true);
      });
      shell.status = part.status;
      if (index === pipeline.commands.length - 1) shell.output += part.output;
      else input = { text: part.output };
    });
  }
  if (pipeline.negated) shell.status = shell.status === 0 ? 1 : 0;
}

const inner = (shell: Shell, input: { text: string }): Shell => ({ ...shell, variables: new Map(shell.variables), functions: new Map(shell.functions), options: new Set(shell.options), output: '', input });
function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Leave)) throw error;
  }
}

function runCommand(shell: Shell, command: Command, tested: boolean): void {
  shell.fuel -= 1;
  if (shell.fuel < 0) throw new ScriptError('it does not end');
  switch (command.kind) {
    case 'simple':
      return runSimple(shell, command);
    case 'if': {
      for (const branch of command.branches) {
        runList(shell, branch.when, true);
        if (shell.status === 0) return runList(shell, branch.then, tested);
      }
      shell.status = 0;
      return command.otherwise === null ? undefined : runList(shell, command.otherwise, tested);
    }
    case 'while':
      return redirected(shell, command.redirects, () => {
        runLoop(shell, () => {
          runList(shell, command.when, true);
          if ((shell.status === 0) === command.until) return false;
          runList(shell, command.body);
          return true;
        });
      });
    case 'for': {
      const items = command.over === null ? shell.parameters : command.over.flatMap((word) => expand(word, expander(shell)));
      const left = [...items];
      return runLoop(shell, () => {
        const item = left.shift();
        if (item === undefined) return false;
        shell.variables.set(command.name, item);
        runList(shell, command.body);
        return true;
      });
    }
    case 'case': {
      const text = expandOne(command.of, expander(shell));
      const arm = command.arms.find((one) => one.patterns.some((pattern) => patternOf(pattern, expander(shell)).test(text)));
      shell.status = 0;
      return arm === undefined ? undefined : runList(shell, arm.body);
    }
    case 'function':
      shell.functions.set(command.name, command.body);
      shell.status = 0;
      return;
    case 'group':
      return redirected(shell, command.redirects, () => {
        if (!command.own) return runList(shell, command.body, tested);
        const part = inner(shell, shell.input);
        guarded(() => {
          runList(part, command.body, tested);
        });
        shell.status = part.status;
        shell.output += part.output;
      });
    default:
      return command satisfies never;
  }
}

function runLoop(shell: Shell, turn: () => boolean): void {
  let status = 0;
  for (;;) {
    try {
      if (!turn()) break;
      status = shell.status;
    } catch (error) {
      if (!(error instanceof Leave) || (error.how !== 'break' && error.how !== 'continue')) throw error;
      if (error.how === 'break') break;
    }
  }
  shell.status = status;
}

function expander(shell: Shell): Expander {
  return {
    globs: !shell.options.has('f'),
    parameters: () => shell.parameters,
    names: (folder) => shell.world.names(folder),
    variable(name) {
      if (name === '#') return String(shell.parameters.length);
      if (name === '?') return String(shell.status);
      if (/^\d$/.test(name)) return shell.parameters[Number(name) - 1] ?? (name === '0' ? 'sh' : null);
      return shell.variables.get(name) ?? null;
    },
    output(source) {
      const part = inner(shell, shell.input);
      guarded(() => {
        runList(part, scriptOf(source));
      });
      shell.status = part.status;
      return part.output;
    },
  };
}

const assignment = /^([A-Za-z_]\w*)=/;

function runSimple(shell: Shell, command: Extract<Command, { kind: 'simple' }>): void {
  let first = 0;
  const by = expander(shell);
  const kept = new Map<string, string | undefined>();
  for (const word of command.words) {
    const head = word[0];
    const name = head?.kind === 'text' && !head.quoted ? assignment.exec(head.text)?.[1] : undefined;
    if (name === undefined) break;
    shell.status = 0;
    const value = expandOne(word, by).slice(name.length + 1);
    kept.set(name, shell.variables.get(name));
    shell.variables.set(name, value);
    first += 1;
  }
  const words = command.words.slice(first).flatMap((word) => expand(word, by));
  const [name, ...args] = words;
  redirected(shell, command.redirects, () => {
    if (name === undefined) {
      if (first === 0) shell.status = 0;
      return;
    }
    call(shell, name, { args, block: command.block });
  });
  if (name === undefined) return;
  for (const [key, value] of kept) {
    if (value === undefined) shell.variables.delete(key);
    else shell.variables.set(key, value);
  }
}

function redirected(shell: Shell, redirects: readonly Redirect[], work: () => void): void {
  const { output, input } = shell;
  const targets = redirects.map((one) => ({ sign: one.sign, path: expandOne(one.to, expander(shell)) }));
  for (const { path } of targets.filter((one) => one.sign === '<')) {
    const text = shell.world.read(path);
    if (text === null) {
      shell.status = 1;
      return;
    }
    shell.input = { text };
  }
  const taken = targets.filter((one) => one.sign === '>' || one.sign === '>>' || one.sign === '>&2');
  if (taken.length > 0) shell.output = '';
  try {
    work();
  } finally {
    const written = shell.output;
    if (taken.length > 0) shell.output = output;
    if (!taken.every((one) => sent(shell, one, written))) shell.status = 1;
    shell.input = input;
  }
}

const sent = (shell: Shell, { sign, path }: { sign: Redirect['sign']; path: string }, written: string): boolean =>
  sign === '>&2' || path === '/dev/null' || shell.world.write(path, written, sign === '>' ? 'replace' : 'append');

function call(shell: Shell, name: string, given: { args: readonly string[]; block: Script | null }): void {
  const own = shell.functions.get(name);
  if (own !== undefined) {
    const outer = shell.parameters;
    shell.parameters = given.args;
    try {
      runList(shell, own);
    } catch (error) {
      if (!(error instanceof Leave) || error.how !== 'return') throw error;
    } finally {
      shell.parameters = outer;
    }
    return;
  }
  if (name === '.' || name === 'source') {
    shell.status = source(shell, given.args[0] ?? '');
    return;
  }
  const built = builtIn(name);
  if (built !== null) {
    shell.status = built(shell, given.args);
    return;
  }
  const ended = shell.world.run(name, given.args, { input: shell.input.text, block: given.block, shell });
  shell.status = ended?.status ?? 127;
  shell.output += ended?.output ?? '';
}

function source(shell: Shell, path: string): number {
  const text = shell.world.read(path);
  if (text === null) return 1;
  shell.status = 0;
  runList(shell, scriptOf(text));
  return shell.status;
}
