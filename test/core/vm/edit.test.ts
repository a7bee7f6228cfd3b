// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vmEdit, type VmEdit } from '../../../contract/vm-domain';
import { readDomain } from '../../../core/read/virsh-domain';
import { drawDomain } from '../../../core/vm/domain';
import { editDomain } from '../../../core/vm/edit';
import { foreign } from './fixtures-domains';
import { hostWith } from './hosts';
import { at, kinds, plain } from './recipes';

const edited = (xml: string, ...edits: VmEdit[]): string => {
  const result = editDomain(xml, edits.map((one) => vmEdit.parse(one)));
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
};
const known = (xml: string) => {
  const result = readDomain(xml);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
};
const why = (xml: string, edit: VmEdit): string => {
  const result = editDomain(xml, [edit]);
  return result.ok ? 'done' : `${result.problem.code} ${result.problem.detail['why'] ?? result.problem.detail['what'] ?? ''}`;
};

const card = { kind: 'give' as const, functions: [at('0000:01:00.0'), at('0000:01:00.1')], managed: false, rom: { kind: 'card' as const } };
const back: VmEdit = { kind: 'take-back', functions: card.functions };
const pin = (count: number): VmEdit => ({ kind: 'pin', pinning: { vcpus: Array.from({ length: count }, (_, index) => index + 4), emulator: [0, 1], io: [2], memory: null } });
const { xml: ours } = (() => {
  const drawn = drawDomain(plain('windows-11', kinds.find(([name]) => name === 'vga')?.[1]), hostWith('9.0.0', '7.2.22'));
  if (!drawn.ok) throw new Error('not drawn');
  return drawn.value;
})();

/** Domains of every age and hand: ours, a foreign one, the same with other line ends, on one line, and with things nobody knows. */
const strange = fc.array(fc.constantFrom("\n    <new-device  a = 'x' >&#65;</new-device>", '<!-- \t words -->', '\r\n<ns:x xmlns:ns="urn:x"/>', '\n<?target data?>', '<a><b><![CDATA[<c>]]></b></a>', '   \n\t '), { maxLength: 5 });
const domains = fc.tuple(fc.constantFrom(ours, foreign, foreign.replaceAll('\n', '\r\n'), foreign.replaceAll(/\n\s*/g, '')), strange, strange).map(([xml, inDevices, inDomain]) => ({
  xml: xml.replace('</devices>', `${inDevices.join('')}</devices>`).replace(/<devices>/, `${inDomain.join('')}<devices>`),
  odd: [...inDevices, ...inDomain],
}));

describe('a domain that exists', () => {
  test('is understood as far as we know it, and what is only kept is named', () => {
    expect(known(foreign)).toEqual({
      name: 'gaming & more',
      uuid: '0df9ed8a-3c1b-4a55-9d38-6ba7f1a4f9c0',
      ours: false,
      accelerated: true,
      memoryMiB: 16_384,
      vcpus: 8,
      pinned: 0,
      hugePages: false,
      firmware: 'uefi',
      tpm: false,
      functions: [{ address: '0000:0a:00.3', managed: true, network: false }],
      mediated: [],
      screens: ['spice'],
      video: ['qxl'],
      disks: [{ place: 'pool/image', target: 'vda', disc: false }],
      networks: [{ kind: 'bridge', source: 'br0' }],
      kept: ['future-of-libvirt', 'vsock'],
    });
    expect(known(ours)).toMatchObject({ ours: true, firmware: 'uefi', tpm: true, vcpus: 8, memoryMiB: 8192, screens: ['vnc'], kept: [] });
  });

  test('without an edit stays as it is, byte for byte', () => {
    fc.assert(fc.property(domains, ({ xml }) => edited(xml) === xml));
  });

  test('given a card and relieved of it is as it was, byte for byte', () => {
    fc.assert(fc.property(domains, ({ xml }) => { expect(edited(edited(xml, card), back)).toBe(xml); }));
  });

  test('pinned and unpinned is as it was, byte for byte', () => {
    fc.assert(fc.property(domains, ({ xml }) => { expect(edited(edited(xml, pin(8)), { kind: 'unpin' })).toBe(xml); }));
  });

  test('given huge pages and relieved of them is as it was, byte for byte', () => {
    fc.assert(fc.property(domains.filter(({ xml }) => !known(xml).hugePages), ({ xml }) => { expect(edited(edited(xml, { kind: 'pages', pages: '2M' }), { kind: 'pages', pages: 'ordinary' })).toBe(xml); }));
  });

  test('keeps everything nobody named through every edit together', () => {
    fc.assert(
      fc.property(domains, ({ xml, odd }) => {
        const all = edited(xml, card, pin(8), { kind: 'pages', pages: '1G' }, { kind: 'memory', sizeMiB: 20_480 });
        for (const one of odd) expect(all).toContain(one);
        expect(all.includes('&#65;<![CDATA[ <not> parsed ]]></future-of-libvirt>')).toBe(xml.includes('future-of-libvirt'));
        const now = known(all);
        const before = known(xml);
        expect(now).toEqual({ ...before, memoryMiB: 20_480, pinned: 8, hugePages: true, functions: [...before.functions, { address: '0000:01:00.0', managed: false, network: false }, { address: '0000:01:00.1', managed: false, network: false }] });
      }),
    );
  });
});

describe('an edit', () => {
  test('puts a card into a port that nothing uses, all functions in one slot', () => {
    const xml = edited(foreign, card);
    expect(xml).toContain("bus='0x02' slot='0x00' function='0x0' multifunction='on'/>");
    expect(xml).toContain("bus='0x02' slot='0x00' function='0x1'/>");
    expect(xml.indexOf('keep me')).toBeLessThan(xml.indexOf("bus='0x02'"));
  });

  test('makes a port where none is free, and takes no address where the board has no ports', () => {
    const full = edited(edited(foreign, card), { kind: 'give', functions: [at('0000:02:00.0')], managed: true, rom: { kind: 'hidden' } });
    expect(full).toContain("<controller type='pci' index='3' model='pcie-root-port'/>");
    expect(full).toContain("bus='0x03'");
    const old = foreign.replaceAll(/\s*<controller[^>]*\/>/g, '').replace('pc-q35-6.2', 'pc-i440fx-6.2');
    expect(edited(old, card)).not.toContain("bus='0x02'");
    expect(known(edited(old, card)).functions.length).toBe(3);
  });

  test('of the memory leaves a balloon\'s smaller size alone unless it would be larger than the whole', () => {
    expect(edited(foreign, { kind: 'memory', sizeMiB: 12_288 })).toContain("<currentMemory unit='KiB'>8388608<");
    expect(edited(foreign, { kind: 'memory', sizeMiB: 4096 })).toContain("<currentMemory unit='MiB'>4096<");
    expect(known(edited(ours, { kind: 'memory', sizeMiB: 4096 })).memoryMiB).toBe(4096);
  });

  test('of the pins leaves other tuning alone and replaces older pins', () => {
    const twice = edited(foreign, pin(8), { kind: 'pin', pinning: { vcpus: [8, 9, 10, 11, 12, 13, 14, 15], emulator: [0], io: [0], memory: null } });
    expect(twice.match(/<vcpupin/g)?.length).toBe(8);
    expect(twice).toContain("<vcpupin vcpu='0' cpuset='8'/>");
    expect(twice).toContain("<cachetune vcpus='0-3'>");
  });

  const refusals: readonly (readonly [string, string, VmEdit, string])[] = [
    ['gives a device twice', edited(foreign, card), card, 'refused device-twice'],
    ['gives a device that is given as decimal numbers', foreign, { kind: 'give', functions: [at('0000:0a:00.3')], managed: true, rom: { kind: 'card' } }, 'refused device-twice'],
    ['takes back what was never given', foreign, back, 'not-found vm-device'],
    ['pins fewer virtual CPUs than there are', foreign, pin(4), 'refused pins-count'],
    ['is asked of something else', '<network/>', card, 'bad-input virsh-shape'],
    ['is asked of half a domain', foreign.slice(0, 900), card, 'bad-input xml-cut'],
  ];
  test.each(refusals)('is refused when it %s', (_name, xml, edit, expected) => {
    expect(why(xml, edit)).toBe(expected);
  });
});
