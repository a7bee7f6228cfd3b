// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'vitest';
import { answerLine, protocol } from '../../contract/helper';
import { packageVersion } from '../../contract/version';

const house = join(import.meta.dirname, '../..');

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
export const transaction = 'feedc0ffee123456';
export const ours = 'our configuration\n';
export const theirs = 'their configuration\n';
/** The program as it is shipped: a runtime and the one file. */
export interface Shipped {
  readonly node: string;
  readonly helper: string;
}

export interface Run {
  readonly code: number | null;
  readonly said: readonly string[];
  readonly after: string;
}

/** Starts the shipped helper as it is, in a mount namespace of its own where /boot, /run and the store are ours to break, and where it lies in a folder of root's wherever the tree was checked out. */
export function start({ node, helper }: Shipped, { words = [], input = '', environment = {}, before = '', as = '' }: { words?: readonly string[]; input?: string; environment?: Readonly<Record<string, string>>; before?: string; as?: string }): Run {
  const script = `set -e
    for place in /boot /run /var/lib; do mount -t tmpfs -o mode=755 tmpfs $place; done
    mkdir /boot/grub /var/lib/switchyard
    mkdir /var/lib/program
    cp "$1" /var/lib/program/node
    cp "$2" /var/lib/program/helper.cjs
    chown -R 0:0 /var/lib/program
    shift 2
    ${before}
    set +e
    ${as} /var/lib/program/node /var/lib/program/helper.cjs "$@"
    code=$?
    printf '\\n--- %s\\n' "$code"
    for file in $(find /boot /var/lib/switchyard -type f | sort); do printf '%s %s %s\\n' "$file" "$(stat -c %a:%u "$file")" "$(sha256sum < "$file")"; done`;
  const done = spawnSync('unshare', ['-m', '--propagation', 'private', '/bin/sh', '-c', script, 'sh', node, helper, ...words], {
    input,
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment },
  });
  const [said = '', rest = ''] = done.stdout.split('\n--- ');
  const [code = '', ...after] = rest.split('\n');
  return { code: Number(code), said: said.split('\n').filter((line) => line !== ''), after: after.join('\n') };
}

export const endOf = ({ said }: Run): unknown => {
  const lines = said.map((line) => answerLine.parse(JSON.parse(line)));
  expect(lines[0]).toMatchObject({ kind: 'hello', protocol });
  return lines.at(-1);
};

/** A store in which a helper was cut off after it had put its configuration in place of the old one, told as the journal tells it. */
export function cutOff(state: string): string {
  const head = { at: 1, boot: '0' };
  const identity = '1:1';
  const was = { sha256: sha(theirs), size: theirs.length, mode: 0o644, uid: 0, gid: 0, identity };
  const records = [
    { ...head, kind: 'opened', schema: 1, transaction, plan: 'a'.repeat(64), version: packageVersion, origin: { via: 'root', uid: null } },
    { ...head, kind: 'work', work: 'prepare' },
    { ...head, kind: 'begun', step: 'boot-config', saved: [{ path: '/boot/grub/grub.cfg', was, saved: '0-0' }] },
    { ...head, kind: 'putting', step: 'boot-config', path: '/boot/grub/grub.cfg', sha256: sha(ours) },
  ];
  const store = `/var/lib/switchyard/${transaction}`;
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  return `mkdir -p ${store}/private/before; chmod 700 ${store}/private ${store}/private/before
    cat ${join(house, 'test/helper/runtime/plan.json')} > ${store}/private/plan.json
    printf '%s\\n' ${records.map((record) => quoted(JSON.stringify(record))).join(' ')} > ${store}/private/journal.jsonl
    printf '%s' ${quoted(state)} >> ${store}/private/journal.jsonl
    printf '%s\\n' ${transaction} > /var/lib/switchyard/waiting
    printf '${theirs.trim()}\\n' > ${store}/private/before/0-0
    printf '${ours.trim()}\\n' > /boot/grub/grub.cfg`;
}
