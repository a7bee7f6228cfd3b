// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { makeShell, runScript } from '../../rehearsal/script/shell';

function run(source: string, files: Record<string, string> = {}): { status: number; output: string } {
  const shell = makeShell({
    run: () => null,
    read: (path) => files[path] ?? null,
    write(path, text, how) {
      files[path] = how === 'append' ? (files[path] ?? '') + text : text;
      return true;
    },
    kind: (path) => (path in files ? 'file' : null),
    isLink: () => false,
    executable: () => false,
    names: () => [],
  });
  const status = runScript(shell, source);
  return { status, output: shell.output };
}

/** Scripts of the kinds ours and the loader's are made of; the real shell is asked what they print. */
const scripts: readonly string[] = [
  'a=1; b="$a 2"; echo "$b" $b \'$b\'',
  'x="one  two three"; set -f; for w in $x; do echo "<$w>"; done',
  'f() { [ "$1" = yes ] && return 0; return 3; }; f yes && echo a; f no || echo "$?"',
  'case "b.c" in a*) echo a ;; b.?|c) echo b ;; *) echo z ;; esac',
  'w=switchyard.bind=00ff; case "$w" in switchyard.bind=*) echo "${w#switchyard.bind=}" ;; esac',
  'if false; then echo a; elif [ -z "" ]; then echo b; else echo c; fi',
  'i=x; while [ "$i" != xxxx ]; do i=x$i; echo $i; done',
  'echo "$(echo in; echo side)" | { read -r a; echo "got $a"; }',
  'a=/etc/default/grub; echo "${a##*/}" "${a%/*}" "${b:-none}" "${a%%/*}."',
  'set -e; echo one; false || echo two; ! true || echo three; false; echo never',
  'f() { for a in "$@"; do printf "%s|" "$a"; done; printf "\\n"; }; f "a b" c "" d; f',
  '(exit 4); echo $?; { echo x; echo y; } > /dev/null; echo z # a comment',
  'table=known; known() { echo "$1 known"; }; if "$table" a; then echo yes; fi',
  'echo a \\\n  b; echo "x\\$y" \'q\'"q"q',
  '[ 2 -gt 1 ] && [ ! a = b ] && echo fine; test -n "" || echo empty',
  'exit 7',
];

describe('the reader of scripts', () => {
  test.each(scripts)('says what sh says: %s', (source) => {
    let real: { status: number; output: string };
    try {
      real = { status: 0, output: execFileSync('/bin/sh', ['-c', source], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) };
    } catch (error) {
      const ended = error as { status: number; stdout: string };
      real = { status: ended.status, output: ended.stdout };
    }
    expect(run(source)).toEqual(real);
  });

  test.each(['echo "open', 'if true; then echo a', 'a=`b`', 'echo a & echo b', 'f() { echo a', 'case a in b) echo'])('refuses what is broken or what it does not know: %s', (source) => {
    expect(run(source).status).toBe(2);
  });

  test('writes and reads files of its world, and ends a script that would not', () => {
    const files: Record<string, string> = { '/proc/cmdline': 'quiet switchyard.bind=0f panic=30\n' };
    expect(run('read -r words < /proc/cmdline; for w in $words; do echo "$w" >> /out; done; read -r x < /gone || echo no', files)).toEqual({ status: 0, output: 'no\n' });
    expect(files['/out']).toBe('quiet\nswitchyard.bind=0f\npanic=30\n');
    expect(run('while true; do :; done').status).toBe(2);
  });
});
