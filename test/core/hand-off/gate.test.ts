// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concerned, readDomain } from '../../../core/hand-off/gate';
import { readManaged } from '../../../core/hand-off/table';
import { definition } from '../../../rehearsal/hand-off/stage';
import type { PciAddress } from '../../../contract/pci';

const uuid = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
const at = (text: string): PciAddress => text as PciAddress;
const gpu = at('0000:01:00.0');

describe('the gate', () => {
  test('reads uuid and host devices of a definition as libvirt prints it', () => {
    expect(readDomain(definition(uuid, [gpu, at('0000:01:00.1')]))).toEqual({ ok: true, value: { uuid, devices: [gpu, '0000:01:00.1'], apart: [] } });
  });

  test('reads every address it can be given, domains of Intel VMD included', () => {
    const address = fc.tuple(fc.integer({ min: 0, max: 0x1ffff }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 7 })).map(([domain, bus, slot, fn]) => at(`${domain.toString(16).padStart(4, '0')}:${bus.toString(16).padStart(2, '0')}:${slot.toString(16).padStart(2, '0')}.${fn}`));
    fc.assert(fc.property(fc.uniqueArray(address, { maxLength: 12 }), (devices) => {
      expect(readDomain(definition(uuid, devices))).toEqual({ ok: true, value: { uuid, devices, apart: [] } });
    }), { numRuns: 200, seed: 8 });
  });

  test('takes no guest address, USB device or mediated device for a host device', () => {
    const xml = `<domain><uuid>${uuid}</uuid><devices><hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev><hostdev mode='subsystem' type='mdev'><source><address uuid='${uuid}'/></source></hostdev><disk><address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></disk></devices></domain>`;
    expect(readDomain(xml)).toEqual({ ok: true, value: { uuid, devices: [], apart: [] } });
  });

  const whole = definition(uuid, [gpu]);
  const hostile: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no XML', 'domain'],
    ['a document type', `<!DOCTYPE domain [<!ENTITY a "b">]>${whole}`],
    ['an entity of its own', whole.replace('win11', '&a;')],
    ['another root', whole.replaceAll('domain', 'network')],
    ['no uuid', whole.replace(/<uuid>.*<\/uuid>/, '')],
    ['two uuids', whole.replace(/(<uuid>.*<\/uuid>)/, '$1$1')],
    ['a uuid that is a path', whole.replace(uuid, '../../../etc/passwd')],
    ['an address that is no number', whole.replace("bus='0x01'", "bus='0xzz'")],
    ['a function beyond the seventh', whole.replace("function='0x0'/>", "function='0x8'/>")],
    ['a host device without a source', whole.replace(/<source>[\s\S]*?<\/source>/, '')],
    ['a cut end', whole.slice(0, -20)],
    ['a line break inside a tag name', whole.replace('<hostdev ', '<host\ndev ')],
    ['a NUL', whole.replace('win11', 'win\0')],
    ['65 host devices', definition(uuid, Array.from({ length: 65 }, (_, index) => at(`0000:${(index + 1).toString(16).padStart(2, '0')}:00.0`)))],
  ];
  test.each(hostile)('refuses a definition with %s', (_, xml) => {
    expect(readDomain(xml).ok).toBe(false);
  });

  test('refuses what is too long or too deep in no time', () => {
    const since = performance.now();
    expect(readDomain('<'.repeat(900_000)).ok).toBe(false);
    expect(readDomain(`<domain>${'<a>'.repeat(300_000)}`).ok).toBe(false);
    expect(readDomain(`<domain ${'a '.repeat(400_000)}>`).ok).toBe(false);
    expect(readDomain('x'.repeat(1_048_577))).toMatchObject({ problem: { code: 'too-large' } });
    expect(performance.now() - since).toBeLessThan(2000);
  });

  test('never throws, and never says back what it was given', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 400 }), fc.tuple(fc.nat(whole.length), fc.string({ maxLength: 8 })).map(([cut, junk]) => whole.slice(0, cut) + junk + whole.slice(cut))), (xml) => {
      const read = readDomain(xml);
      if (!read.ok) expect(Object.values(read.problem.detail).every((word) => /^[a-z0-9-]{0,32}$/.test(word))).toBe(true);
    }), { numRuns: 500, seed: 9 });
  });
});

describe('threads a VM wants for itself', () => {
  const pinned = (mark: string): string => `<domain type='kvm'><uuid>${uuid}</uuid><metadata><switchyard:vm xmlns:switchyard='urn:switchyard:vm:1' schema='1'${mark}/></metadata><cputune><vcpupin vcpu='0' cpuset='4'/><vcpupin vcpu='1' cpuset='6-7'/><emulatorpin cpuset='0-1'/></cputune></domain>`;
  const apart = (xml: string): unknown => {
    const read = readDomain(xml);
    return read.ok ? read.value.apart : read.problem;
  };
  test('are those of its virtual CPUs, and only where our own mark says so', () => {
    expect(apart(pinned(" threads='apart'"))).toEqual([4, 6, 7]);
    expect(apart(pinned(''))).toEqual([]);
    expect(apart(pinned(" threads='apart'").replace('switchyard:vm ', 'other:vm '))).toEqual([]);
    expect(apart(pinned(" threads='apart'").replace(/<cputune>.*<.cputune>/, ''))).toEqual([]);
  });
});

const table = `# managed by switchyard\n${gpu} 10de:2206 1043:87b8\n0000:01:00.1 10de:1aef ----:----\n0000:05:00.0 1002:73bf 1043:0001\n`;

describe('the table of managed cards', () => {
  test('makes one card of the functions of one slot', () => {
    const cards = readManaged(table);
    expect(cards.ok && cards.value.map((card) => card.functions.map((one) => one.address))).toEqual([[gpu, '0000:01:00.1'], ['0000:05:00.0']]);
    expect(cards.ok && cards.value[0]).toMatchObject({ way: 'on-demand', services: [], restartWhenStuck: false, policy: { service: 'refuse', container: 'refuse', program: 'refuse' } });
  });

  test('reads how a card is done with when the table says so', () => {
    const cards = readManaged(`${table}single-card ${gpu}\nstop nvidia-persistenced.service ${gpu}\npolicy service move ${gpu}\nservice move ${gpu}\nrestart-when-stuck ${gpu}\n`);
    expect(cards.ok).toBe(false);
    const right = readManaged(`${table}single-card ${gpu}\nstop nvidia-persistenced.service ${gpu}\nservice move ${gpu}\nrestart-when-stuck ${gpu}\n`);
    expect(right.ok && right.value[0]).toMatchObject({ way: 'single-card', services: ['nvidia-persistenced.service'], restartWhenStuck: true, policy: { service: 'move' } });
    expect(right.ok && right.value[1]).toMatchObject({ way: 'on-demand', services: [] });
  });

  const wrong = ['something else', `${gpu} 10de:2206`, `${gpu} 10de:2206 1043:87b8\n${gpu} 10de:2206 1043:87b8`, 'single-card 0000:09:00.0', `stop sshd.service ${gpu}`, `stop ../../x ${gpu}`, `container move ${gpu}`];
  test.each(wrong)('refuses a table with the line %j whole', (line) => {
    expect(readManaged(line.startsWith(gpu) ? line : `${table}${line}\n`).ok).toBe(false);
  });

  test('gives the whole card to a VM that names one function of it, and nothing to one that names none', () => {
    const cards = readManaged(table);
    if (!cards.ok) throw new Error('table');
    expect(concerned(cards.value, { uuid, devices: [at('0000:01:00.1')], apart: [] }).map((card) => card.functions.length)).toEqual([2]);
    expect(concerned(cards.value, { uuid, devices: [at('0000:02:00.0')], apart: [] })).toEqual([]);
  });
});
