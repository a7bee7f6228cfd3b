// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import type { Place } from '../../../contract/plan';
import { canonicalText } from '../../../core/plan/canonical';
import { planFor, planText } from '../../../core/plan/plan-for';
import type { PlacesSeen } from '../../../core/plan/seen';
import { printDropIn } from '../../../core/step/drop-in';
import { earlyHook, earlyScript } from '../../../core/step/early-script';
import { dedicate, facts, fixture, identities, seen, sha256, texts, transaction } from './machine';

function hashOf(machine: HostFacts, found: PlacesSeen, intent = dedicate()): string {
  const drawn = planFor(machine, found, intent);
  if (!drawn.ok) throw new Error(JSON.stringify(drawn.problem));
  return sha256(planText(drawn.value));
}
const usual = hashOf(facts(), seen());

/** Facts that change while nobody changes anything. */
const volatile: readonly (readonly [name: string, flip: (machine: HostFacts) => void])[] = [
  ['group numbers', (m) => m.iommu.groups.value!.forEach((group, index) => (group.id = 90 - index))],
  ['order of groups', (m) => void m.iommu.groups.value!.reverse()],
  ['order of members', (m) => m.iommu.groups.value!.forEach((group) => void group.members.reverse())],
  ['type of a group', (m) => void (m.iommu.groups.value![2]!.type = 'identity')],
  ['order of functions', (m) => void m.pci.functions.reverse()],
  ['drivers', (m) => m.pci.functions.forEach((one) => (one.driver = 'vfio-pci'))],
  ['driver overrides', (m) => m.pci.functions.forEach((one) => (one.driverOverride = 'vfio-pci'))],
  [
    'power',
    (m) =>
      m.pci.functions.forEach(
        (one) => (one.power = { state: 'D3hot', runtime: 'suspended', control: 'auto', d3coldAllowed: true }),
      ),
  ],
  [
    'link speed',
    (m) =>
      m.pci.functions.forEach(
        (one) => (one.link = { speed: '2.5 GT/s PCIe', width: 8, maxSpeed: null, maxWidth: null }),
      ),
  ],
  ['reset methods', (m) => m.pci.functions.forEach((one) => (one.resetMethods = ['flr']))],
  ['names of devices', (m) => m.pci.functions.forEach((one) => (one.name = 'GeForce'))],
  ['numbers of IOMMU groups in functions', (m) => m.pci.functions.forEach((one) => (one.iommuGroup = 3))],
  ['boot_vga', (m) => m.pci.functions.forEach((one) => (one.bootVga = null))],
  [
    'a second screen',
    (m) =>
      void m.display.connectors.value!.push({
        name: 'DP-1',
        gpu: '0000:01:00.0' as never,
        status: 'connected',
        enabled: true,
        internal: false,
      }),
  ],
  [
    'who holds a device',
    (m) =>
      void (m.holders.value = [
        { device: '0000:01:00.0' as never, pid: 4, command: 'Xorg', uid: 0, how: '/dev/dri/card1 open', unit: null },
      ]),
  ],
  ['completeness of the holders', (m) => void (m.holdersComplete = true)],
  ['loaded modules', (m) => void (m.kernel.modules.value = ['nouveau'])],
  ['words of the command line that decide nothing', (m) => void m.kernel.args.value!.push('splash')],
  ['the kernel log', (m) => void (m.kernel.log.value = ['DMAR: IOMMU enabled'])],
  ['memory', (m) => void (m.memory.available.value = 7)],
  ['the session', (m) => void (m.display.session.value = 'tty')],
  ['lockdown', (m) => void (m.firmware.lockdown.value = 'integrity')],
  ['where facts were read', (m) => void (m.kernel.release.from = '/proc/version')],
  ['missing things', (m) => void m.missing.push({ what: 'dmesg', command: null })],
];

/** Facts a plan is drawn from. */
const basis: readonly (readonly [
  name: string,
  flip: (machine: HostFacts, content: Record<Place, string | null>) => void,
])[] = [
  ['a chosen model', (m) => void (m.pci.functions[3]!.device = '2208')],
  ['a chosen board', (m) => void (m.pci.functions[4]!.subsystemVendor = '1462')],
  ['a bridge in the group', (m) => void (m.pci.functions[1]!.device = '460e')],
  [
    'the set of the group',
    (m) => void (m.iommu.groups.value![2]!.members = m.iommu.groups.value![2]!.members.slice(1)),
  ],
  ['the processor', (m) => void (m.cpu.vendor.value = 'amd')],
  [
    'whether the IOMMU needs its argument',
    (m) => void ((m.kernel.args.value = ['intel_iommu=on']), (m.kernel.config.value = {})),
  ],
  ['the distribution', (m) => void (m.system.distribution.value!.version = '13')],
  ['the firmware', (m) => void (m.firmware.mode.value = 'bios')],
  ['the architecture', (m) => void (m.cpu.architecture.value = 'aarch64')],
  ['the file system of the boot folder', (m) => void (m.system.mounts.value![0]!.kind = 'xfs')],
  ['/etc/default/grub', (_, content) => void (content['grub-default'] += '# mine\n')],
  ['grub.cfg', (_, content) => void (content['grub-config'] = fixture('ubuntu.cfg'))],
  [
    'grubenv',
    (_, content) => void (content['grub-env'] = `# GRUB Environment Block\nrecordfail=1\n`.padEnd(1024, '#')),
  ],
  ['custom.cfg', (_, content) => void (content['grub-custom'] = '# mine\n')],
  ['an image', (_, content) => void (content['default-image:6.1.0-17-amd64'] = 'rebuilt')],
];

describe('the hash of a plan', () => {
  test.each(volatile)('is the same whatever %s are', (_, flip) => {
    const machine = facts();
    flip(machine);
    expect(machine).not.toEqual(facts());
    expect(hashOf(machine, seen())).toBe(usual);
  });

  test('is the same under any number of volatile changes at once', () => {
    fc.assert(
      fc.property(fc.subarray([...volatile]), (flips) => {
        const machine = facts();
        for (const [, flip] of flips) flip(machine);
        return hashOf(machine, seen()) === usual;
      }),
    );
  });

  test.each(basis)('differs when %s changed', (_, flip) => {
    const machine = facts();
    const content = texts();
    flip(machine, content);
    expect(hashOf(machine, seen(content), dedicate(machine))).not.toBe(usual);
  });

  test('differs when a kernel was installed or a file got other rights', () => {
    const more = seen();
    expect(
      hashOf(facts(), {
        ...more,
        places: more.places.map((look) =>
          look.place === 'grub-config' && look.state.kind === 'file'
            ? { ...look, state: { ...look.state, mode: 0o444 } }
            : look,
        ),
      }),
    ).not.toBe(usual);
    const third = '6.1.0-19-amd64';
    const places = [
      ...more.places,
      {
        place: `default-image:${third}`,
        state: { kind: 'stat' as const, mode: 0o644, uid: 0, gid: 0, size: 3, identity: '1:3' },
        text: null,
      },
    ];
    expect(hashOf(facts(), { ...more, kernels: [...more.kernels!, third], places })).not.toBe(usual);
  });

  test('is the same for a person, who may not read some files, and for root, who may', () => {
    const closed = ['grub-config', 'grub-env'];
    const person = hashOf(facts(), seen(texts(), { closed, asRoot: false }));
    const root = facts();
    root.holdersComplete = true;
    root.holders.value = [];
    root.kernel.log.value = ['x'];
    expect(hashOf(root, seen(texts(), { closed, asRoot: true }))).toBe(person);
    expect(person).not.toBe(usual);
  });

  test('is never another one for root, whichever files are closed: root refuses at most', () => {
    const devices = identities(facts(), '0000:01:00.0', '0000:01:00.1');
    const kept = {
      ...texts(),
      'grub-custom': '# mine\n',
      'early-script': earlyScript([{ transaction, devices }]),
      'early-hook': earlyHook,
      'grub-drop-in': printDropIn({ transaction, args: [] }),
    };
    fc.assert(
      fc.property(fc.subarray(Object.keys(kept)), fc.constantFrom(kept, texts()), (closed, content) => {
        const [person, root] = [false, true].map((asRoot) =>
          planFor(facts(), seen(content, { closed, asRoot }), dedicate()),
        );
        if (person?.ok === false) expect(root).toEqual(person);
        else if (root?.ok === true && person?.ok === true) expect(planText(root.value)).toBe(planText(person.value));
      }),
    );
  });

  test('depends on the intent', () => {
    const intent = dedicate();
    expect(hashOf(facts(), seen(), { ...intent, consents: ['lose-only-screen'] })).not.toBe(usual);
    expect(hashOf(facts(), seen(), { ...intent, devices: [...intent.devices].reverse() })).not.toBe(usual);
  });
});

const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((n) => n + 0),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('canonical text', () => {
  test('reads back as the value, with its strings in NFC', () => {
    fc.assert(fc.property(json, (value) => canonicalText(JSON.parse(canonicalText(value))) === canonicalText(value)));
  });

  test('does not depend on the order of keys', () => {
    const shuffle = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffle);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]): [string, unknown] => [key, shuffle(item)]),
      );
    };
    fc.assert(fc.property(json, (value) => canonicalText(shuffle(value)) === canonicalText(value)));
  });

  test('is one for both spellings of an accent', () => {
    expect(canonicalText('e\u0301')).toBe(canonicalText('\u00e9'));
  });

  test.each([[1.5], [-0], [NaN], [2 ** 60], [undefined], [() => 1], [{ 'e\u0301': 1, '\u00e9': 2 }]])(
    'refuses %s',
    (value) => {
      expect(() => canonicalText(value)).toThrow();
    },
  );
});
