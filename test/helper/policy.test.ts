// SPDX-License-Identifier: GPL-3.0-or-later
import { DOMParser } from '@xmldom/xmldom';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { helperRequests, helperVerbs, verbs } from '../../contract/helper';
import { packageVersion } from '../../contract/version';
import { admit, type Start } from '../../helper/guard';

const root = join(import.meta.dirname, '../..');
const asset = (name: string): string => readFileSync(join(root, 'assets/linux', name), 'utf8');
const policy = new DOMParser().parseFromString(asset('app.switchyard.policy'), 'text/xml');
const actions = Array.from(policy.getElementsByTagName('action')).map((action) => {
  const text = (name: string): string => action.getElementsByTagName(name)[0]?.textContent ?? '';
  const notes: Partial<Record<string, string>> = Object.fromEntries(Array.from(action.getElementsByTagName('annotate')).map((note) => [note.getAttribute('key') ?? '', note.textContent ?? '']));
  return {
    id: action.getAttribute('id') ?? '',
    active: text('allow_active'),
    inactive: text('allow_inactive'),
    any: text('allow_any'),
    path: notes['org.freedesktop.policykit.exec.path'],
    verb: notes['org.freedesktop.policykit.exec.argv1'] ?? '',
    messages: Array.from(action.getElementsByTagName('message')).map((message) => [message.getAttribute('xml:lang') ?? 'en', message.textContent ?? '']),
  };
});

const right: Start = { argv: ['apply'], uid: 0, effective: 0, environment: { PKEXEC_UID: '1000' }, pid: 42, descriptors: [], program: [{ uid: 0, mode: 0o755 }] };

describe('the verb table, the policy and the parser', () => {
  test('every verb that polkit may allow has exactly one action, and there is no other action', () => {
    const through = helperVerbs.filter((verb) => verbs[verb].polkit !== null);
    expect(actions.map(({ verb }) => verb).sort()).toEqual([...through].sort());
    expect(actions.map(({ id }) => id)).toEqual(actions.map(({ verb }) => `app.switchyard.${verb}`));
  });

  test('an action asks what the table says, never keeps an answer, and starts the one program', () => {
    for (const { verb, active, inactive, any, path } of actions) {
      expect(active).toBe(verbs[helperVerbs.find((each) => each === verb)!].polkit);
      expect([inactive, any]).toEqual(['auth_admin', 'auth_admin']);
      expect(path).toBe('/usr/lib/switchyard/switchyard-helper');
    }
  });

  test('every action says in English and Chinese, in words of its own, what is being allowed', () => {
    for (const { messages } of actions) expect(messages.map(([language]) => language)).toEqual(['en', 'zh_CN']);
    for (const language of [0, 1]) expect(new Set(actions.map(({ messages }) => messages[language]?.[1])).size).toBe(actions.length);
  });

  test.each(helperVerbs.filter((verb) => verb !== 'hook'))('the parser lets %s in from exactly where the table says', (verb) => {
    const from = { pkexec: { PKEXEC_UID: '1000' }, sudo: { SUDO_UID: '1000' }, root: {}, systemd: { INVOCATION_ID: 'x' } } as const;
    const started: readonly string[] = verbs[verb].started;
    for (const [via, environment] of Object.entries(from)) expect(admit({ ...right, argv: [verb], environment }).at).toBe(started.includes(via) ? 'in' : 'out');
  });

  test('no field of a request is an unbounded string or list', () => {
    const unbounded: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const schema = Object.fromEntries(Object.entries(node));
      if (schema['type'] === 'string' && schema['maxLength'] === undefined && schema['pattern'] === undefined && schema['const'] === undefined && schema['enum'] === undefined) unbounded.push(path);
      if (schema['type'] === 'array' && schema['maxItems'] === undefined) unbounded.push(path);
      if (schema['type'] === 'object' && schema['additionalProperties'] !== false) unbounded.push(path);
      for (const [key, value] of Object.entries(schema)) walk(value, `${path}/${key}`);
    };
    for (const [verb, shape] of Object.entries(helperRequests)) walk(z.toJSONSchema(shape), verb);
    expect(unbounded).toEqual([]);
  });

  test('both ends speak of the version the package has', () => {
    expect(packageVersion).toBe(z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version);
  });
});

describe('a start that is not exactly right', () => {
  const wrong: readonly (readonly [string, Partial<Start>])[] = [
    ['no verb', { argv: [] }],
    ['an unknown verb', { argv: ['format'] }],
    ['an option', { argv: ['--help'] }],
    ['a verb and a word more', { argv: ['apply', 'now'] }],
    ['a name of Object.prototype', { argv: ['constructor'] }],
    ['a verb with a NUL', { argv: ['apply\0'] }],
    ['an ordinary user', { uid: 1000, effective: 1000 }],
    ['only the effective user being root', { uid: 1000 }],
    ['a file left open', { descriptors: ['/etc/shadow'] }],
    ['a socket left open', { descriptors: ['socket:[12345]'] }],
    ["somebody else's program", { program: [{ uid: 0, mode: 0o755 }, { uid: 1000, mode: 0o755 }] }],
    ['a program others may write', { program: [{ uid: 0, mode: 0o775 }] }],
    ['three words for the hook', { argv: ['hook', 'win11', 'prepare', 'begin'], environment: {} }],
    ['a path for the hook', { argv: ['hook', '../../x', 'prepare', 'begin', '-'], environment: {} }],
  ];
  test.each(wrong)('is not let in: %s', (_, change) => {
    expect(admit({ ...right, ...change }).at).toBe('out');
  });
  test('the right one is', () => {
    expect(admit(right)).toEqual({ at: 'in', verb: 'apply', words: [], origin: { via: 'pkexec', uid: 1000 } });
    expect(admit({ ...right, argv: ['hook', 'win11', 'prepare', 'begin', '-'], environment: {} }).at).toBe('in');
  });
});
