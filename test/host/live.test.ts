// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { hostFacts } from '../../contract/facts';
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';

describe('the live machine', () => {
  const machine = liveMachine();

  test('tells a device by its number and does not read it', () => {
    const seen = machine.stat('/dev/null');
    expect(seen.at === 'is' && [seen.value.kind, seen.value.rdev]).toEqual(['device', 2 ** 20 + 3]);
    expect(machine.text('/dev/zero')).toEqual({ at: 'unreadable', why: 'not-a-file' });
  });

  test('tells a folder, a link and what it leads to apart', () => {
    expect(machine.stat('/proc')).toMatchObject({ at: 'is', value: { kind: 'folder' } });
    expect(machine.stat('/proc/self')).toMatchObject({ at: 'is', value: { kind: 'link' } });
    expect(machine.stat('/proc/self', 'follow')).toMatchObject({ at: 'is', value: { kind: 'folder' } });
    expect(machine.target('/proc/self')).toEqual({ at: 'is', value: String(process.pid) });
    expect(machine.text('/proc')).toEqual({ at: 'unreadable', why: 'not-a-file' });
  });

  test('answers absent for what is not there, also inside a file', () => {
    expect(machine.text('/proc/nothing-here')).toEqual({ at: 'absent' });
    expect(machine.text('/proc/version/below')).toEqual({ at: 'absent' });
    expect(machine.names('/proc/nothing-here')).toEqual({ at: 'absent' });
    expect(machine.may('/dev/nothing-here', 'read')).toBe(false);
    expect(machine.may('/dev/null', 'write')).toBe(true);
  });

  test('refuses a path with a NUL instead of cutting it there', () => {
    expect(machine.text('/proc/version\0x').at).toBe('unreadable');
  });

  test('counts its limit in bytes', () => {
    const look = machine.text('/proc/version', 4096);
    expect(look.at).toBe('is');
    expect(machine.text('/proc/version', 8)).toEqual({ at: 'unreadable', why: 'too-large' });
  });

  test('starts no program on behalf of a recorded tree', () => {
    expect(liveMachine('/proc').run('kernel-log')).toEqual({ at: 'absent' });
    expect(liveMachine('/proc').env).toEqual({});
  });

  test('gives facts of this very machine that fit the contract', () => {
    const facts = probe(machine);
    expect(hostFacts.safeParse(facts).error?.issues ?? []).toEqual([]);
    expect(facts.kernel.release.value).not.toBeNull();
    expect(facts.cpu.topology.value?.threads.length).toBeGreaterThan(0);
    expect(facts.memory.total.value).toBeGreaterThan(2 ** 26);
  });
});
