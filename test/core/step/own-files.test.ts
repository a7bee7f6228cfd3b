// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceIdentity, Step } from '../../../contract/plan';
import { pciAddress } from '../../../contract/pci';
import { ok, type Result } from '../../../contract/problem';
import { ownPlaces } from '../../../contract/steps-now';
import { changesOf, type StepView } from '../../../core/step/changes';
import { describe as inWords } from '../../../core/step/describe';
import { diffOf } from '../../../core/step/diff';
import { readers } from '../../../core/step/own/all';
import * as files from '../../../core/step/own/files';
import { hookTablePath, hookText } from '../../../core/step/own/hook';
import { pathOf } from '../../../core/step/places';
import { ruleOf } from '../../../core/step/kinds';
import { slotOf } from '../../../core/read/address';
import { isKey, say } from '../../../words/say';
import { transaction } from '../plan/machine';

const word = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,15}$/);
const hex = fc.stringMatching(/^[0-9a-f]{4}$/);
const address = fc.stringMatching(/^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/).map((text) => pciAddress.parse(text));
const device: fc.Arbitrary<DeviceIdentity> = fc.record({ address, vendor: hex, device: hex, subsystemVendor: fc.option(hex), subsystemDevice: fc.option(hex) });
const memlock = fc.option(fc.integer({ min: 65_536, max: 17_179_869_184 }));
const granted = fc.constantFrom('libvirt' as const, 'kvm' as const, 'input' as const);

/** A step of each kind of file, with any content it may have. */
const steps: Readonly<Record<(typeof ownPlaces)[number], fc.Arbitrary<Step>>> = {
  'modprobe-config': fc
    .record({ options: fc.array(fc.record({ module: word, name: word, value: fc.stringMatching(/^[A-Za-z0-9_.:,-]{1,20}$/) }), { maxLength: 4 }), before: fc.array(fc.record({ module: word, before: word }), { maxLength: 3 }) })
    .map((content) => ({ kind: 'modprobe-config', phase: 'now', id: 'x', content })),
  'modules-load': fc.array(word, { minLength: 1, maxLength: 5 }).map((content) => ({ kind: 'modules-load', phase: 'now', id: 'x', content })),
  sysctl: fc.integer({ min: 1, max: 8_388_608 }).map((hugePages) => ({ kind: 'sysctl', phase: 'now', id: 'x', content: { hugePages } })),
  limits: fc.record({ group: granted, memlockKiB: memlock }).map((content) => ({ kind: 'limits', phase: 'now', id: 'x', content })),
  'unit-drop-in': memlock.map((memlockKiB) => ({ kind: 'unit-drop-in', phase: 'now', id: 'x', content: { memlockKiB } })),
  'udev-rule': fc
    .record({ vfio: granted, silent: fc.uniqueArray(address, { minLength: 1, maxLength: 4 }) }, { requiredKeys: [] })
    .filter((content) => Object.keys(content).length > 0)
    .map((content) => ({ kind: 'udev-rule', phase: 'now', id: 'x', content })),
  tmpfiles: granted.map((sharedMemory) => ({ kind: 'tmpfiles', phase: 'now', id: 'x', content: { sharedMemory } })),
  'hook-table': fc
    .tuple(fc.array(device, { minLength: 1, maxLength: 4 }), fc.constantFrom('leave-stuck' as const, 'restart-when-stuck' as const), fc.integer({ min: 0, max: 15 }))
    // What is true of one function of a slot is true of all of it.
    .map(([devices, single, which]) => devices.map((each) => ((which >> (Number.parseInt(slotOf(each.address).slice(-2), 16) % 4)) % 2 === 0 ? each : { ...each, single })))
    .map((content) => ({ kind: 'hook-table', phase: 'now', id: 'x', content })),
  'libvirt-hook': fc.constant({ kind: 'libvirt-hook', phase: 'now', id: 'x', content: 'hook' }),
  'apparmor-rule': fc.constant({ kind: 'apparmor-rule', phase: 'now', id: 'x', content: ['shared-memory' as const] }),
};
/** All but the one that is the administrator's. */
const whole = ownPlaces.filter((place) => place !== 'apparmor-rule');
const any = fc.oneof(...Object.values(steps));
const view = (text: string | null): StepView => ({ transaction, text: () => ok(text) });
const written = (step: Step, old: string | null = null): string => {
  const changes = changesOf(step, view(old));
  if (!changes.ok || changes.value[0]?.change !== 'write') throw new Error(JSON.stringify(changes));
  return changes.value[0].text;
};

describe('a file of ours', () => {
  test.each(ownPlaces)('%s reads back as what was written', (place) => {
    fc.assert(fc.property(steps[place], (step) => { expect(readers[place](written(step))).toEqual('content' in step ? step.content : null); }));
  });

  test.each(whole)('%s is ours only while it is, byte for byte, a file we would write', (place) => {
    fc.assert(
      fc.property(steps[place], fc.nat(), fc.constantFrom('+', '-', '!', ' '), (step, at, how) => {
        const lines = written(step).split('\n');
        const index = at % lines.length;
        const line = lines[index] ?? '';
        const changed = how === '+' ? lines.toSpliced(index, 0, 'theirs') : how === '-' ? lines.toSpliced(index, 1) : lines.with(index, how === '!' ? `${line}!` : ` ${line}`);
        const text = changed.join('\n');
        const read = readers[place](text);
        if (read !== null) expect(written({ ...step, content: read } as Step)).toBe(text);
        if (how === '!' || how === ' ') expect(read).toBeNull();
      }),
    );
  });

  test('holds no word that could end a line, a quote or a command early', () => {
    fc.assert(
      fc.property(any.filter((step) => step.kind !== 'libvirt-hook'), (step) => {
        const text = written(step);
        expect(text.endsWith('\n')).toBe(true);
        // eslint-disable-next-line no-control-regex -- exactly these must not be in it
        expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\\`$;|&]/);
      }),
    );
  });

  test.each(whole)('%s is not written over a file of somebody else, and nothing of it is removed', (place) => {
    fc.assert(
      fc.property(steps[place], fc.constantFrom('theirs\n', '', '# managed by switchyard\ntheirs\n'), (step, old) => {
        for (const one of [step, { ...step, content: null } as Step])
          if (readers[place](old) === null) expect(changesOf(one, view(old))).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'not-ours', place } } });
      }),
    );
  });

  test("the administrator's own lines stay around our block, written and taken away", () => {
    fc.assert(
      fc.property(fc.constantFrom('', '/mine r,\n', '/mine r,'), (old) => {
        const step: Step = { kind: 'apparmor-rule', phase: 'now', id: 'x', content: ['shared-memory'] };
        const text = written(step, old);
        expect(text.startsWith(old)).toBe(true);
        expect(text).toContain('  /dev/shm/looking-glass rw,\n');
        expect(written(step, text)).toBe(text);
        expect(written({ ...step, content: null }, text)).toBe(old);
      }),
    );
  });

  test('goes away with a step that says so', () => {
    const step: Step = { kind: 'sysctl', phase: 'now', id: 'x', content: null };
    expect(changesOf(step, view(files.sysctlFile.print({ hugePages: 3 })))).toEqual({ ok: true, value: [{ change: 'remove', place: 'sysctl' }] });
  });

  test.each(ownPlaces)('%s has words in both languages for its title, sentence, lines and undo, and a diff', (place) => {
    const [step] = fc.sample(steps[place], { numRuns: 1, seed: 1 });
    if (step === undefined) throw new Error(place);
    const { title, sentence, list, undo } = inWords(step, transaction);
    for (const one of [title, sentence, undo, ...list]) {
      if (!isKey(one.code)) throw new Error(`no words for ${one.code}`);
      expect(say('en', one.code, one.detail)).not.toMatch(/[{}]|undefined/);
      expect(say('zh', one.code, one.detail)).not.toBe(say('en', one.code, one.detail));
    }
    expect(diffOf(step, view(null))).toMatchObject([{ kind: 'file', path: pathOf(place, transaction), what: 'create' }]);
    const closed: StepView = { transaction, text: (): Result<string | null> => ({ ok: false, problem: { code: 'unreadable', detail: {} } }) };
    expect(diffOf(step, closed)).toEqual([{ kind: 'hidden', path: pathOf(place, transaction) }]);
    expect(ruleOf(step).places).toEqual([place]);
  });
});

describe('what the systems that read our files say of them', () => {
  const here = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  const inFolder = <T>(work: (folder: string) => T): T => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-own-'));
    try {
      return work(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test.runIf(here('modprobe'))('modprobe takes our options', () => {
    inFolder((folder) => {
      writeFileSync(join(folder, 'switchyard.conf'), files.modprobeFile.print({ options: [{ module: 'vfio-pci', name: 'disable_vga', value: '1' }], before: [{ module: 'nouveau', before: 'vfio-pci' }] }));
      const shown = execFileSync('modprobe', ['-C', folder, '--showconfig'], { encoding: 'utf8' });
      expect(shown).toContain('options vfio_pci disable_vga=1');
      expect(shown).toContain('softdep nouveau pre: vfio-pci');
    });
  });

  test.runIf(here('systemd-tmpfiles'))('systemd-tmpfiles takes our line', () => {
    inFolder((folder) => {
      mkdirSync(join(folder, 'etc/tmpfiles.d'), { recursive: true });
      writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
      writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nkvm:x:105:\n');
      const path = join(folder, 'etc/tmpfiles.d/60-switchyard.conf');
      writeFileSync(path, files.tmpfilesFile.print({ sharedMemory: 'kvm' }));
      expect(spawnSync('systemd-tmpfiles', ['--create', `--root=${folder}`, path], { encoding: 'utf8' }).stderr).not.toMatch(/Unknown|Failed to parse|ignoring/i);
    });
  });

  test.runIf(here('udevadm'))('udev finds no fault with our rule', () => {
    inFolder((folder) => {
      const path = join(folder, '70-switchyard.rules');
      writeFileSync(path, files.udevFile.print({ vfio: 'kvm' }));
      const verified = spawnSync('udevadm', ['verify', '--no-style', path], { encoding: 'utf8' });
      if (!/Unknown command/.test(verified.stderr)) expect(verified.status).toBe(0);
    });
  });
});

describe("libvirt's hook, run by real dash", () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  const devices: readonly DeviceIdentity[] = [
    { address: pciAddress.parse('0000:01:00.0'), vendor: '10de', device: '2206', subsystemVendor: '1043', subsystemDevice: '87b8' },
    { address: pciAddress.parse('0000:0a:00.1'), vendor: '10de', device: '1aef', subsystemVendor: null, subsystemDevice: null },
  ];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-hook-'));
    const moved = hookText.replaceAll(hookTablePath, at('table')).replace(/^helper=.*$/m, `helper=${at('helper')}`);
    writeFileSync(at('hook'), moved, { mode: 0o755 });
    writeFileSync(at('helper'), `#!/bin/sh\nprintf '%s ' "$@" > ${at('asked')}\ncat >> ${at('asked')}\nexit \${CODE:-0}\n`, { mode: 0o755 });
  });
  afterAll(() => { rmSync(folder, { recursive: true }); });

  const hostdev = (bus: string, fn: string): string => `<domain><devices><hostdev><source>\n        <address domain='0x0000' bus='0x${bus}' slot='0x00' function='0x${fn}'/>\n      </source><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></hostdev></devices></domain>`;
  function run(xml: string, words: readonly string[], { table = files.hookTableFile.print([...devices]), code = '0' }: { table?: string | null; code?: string } = {}) {
    rmSync(at('asked'), { force: true });
    rmSync(at('table'), { force: true });
    if (table !== null) writeFileSync(at('table'), table);
    const ended = spawnSync('/usr/bin/dash', [at('hook'), ...words], { input: xml, encoding: 'utf8', env: { PATH: '/usr/bin:/bin', CODE: code } });
    return { exit: ended.status, said: ended.stdout, asked: existsSync(at('asked')) ? readFileSync(at('asked'), 'utf8') : null };
  }
  const start = ['win', 'prepare', 'begin', '-'];

  test('asks the helper with the words of libvirt and the whole XML when a host device of the table is in it', () => {
    const xml = hostdev('01', '0');
    expect(run(xml, start)).toEqual({ exit: 0, said: '', asked: `hook win prepare begin - ${xml}\n` });
    expect(run(hostdev('0a', '1'), ['win', 'release', 'end', 'crashed']).asked).toContain('hook win release end crashed ');
  });

  test('leaves at once for another card, for an address inside the guest, without a table, and for other occasions', () => {
    expect(run(hostdev('02', '0'), start)).toMatchObject({ exit: 0, asked: null });
    const guest = hostdev('02', '0').replace("bus='0x05'", "bus='0x01'");
    expect(run(guest, start)).toMatchObject({ exit: 0, asked: null });
    expect(run(hostdev('01', '0'), start, { table: null })).toMatchObject({ exit: 0, asked: null });
    for (const operation of ['started', 'stopped', 'reconnect', 'migrate', 'restore', 'start', 'attach', '']) expect(run(hostdev('01', '0'), ['win', operation, 'begin', '-'])).toMatchObject({ exit: 0, asked: null });
  });

  test('refuses the start when the helper does', () => {
    expect(run(hostdev('01', '0'), start, { code: '1' }).exit).toBe(1);
  });

  test('without the helper refuses a start that needs it, and lets an end be an end', () => {
    chmodSync(at('helper'), 0o644);
    expect(run(hostdev('01', '0'), start).exit).toBe(1);
    expect(run(hostdev('01', '0'), ['win', 'release', 'end', '-']).exit).toBe(0);
    expect(run(hostdev('02', '0'), start).exit).toBe(0);
    chmodSync(at('helper'), 0o755);
  });

  test("takes no word of the machine's name or of the XML for its own", () => {
    const evil = hostdev('01', '0').replace('<domain>', '<domain>`touch /tmp/x`$(touch /tmp/x)%s\\n*');
    expect(run(evil, ['-n $(id)', 'prepare', 'begin', '-']).asked).toBe(`hook -n $(id) prepare begin - ${evil}\n`);
  });
});
