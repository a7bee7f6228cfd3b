// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import { plan as planShape, vmNeeds, type Intent, type Place, type Plan } from '../../../contract/plan';
import { readManaged } from '../../../core/hand-off/table';
import { planFor, planText } from '../../../core/plan/plan-for';
import type { PlacesSeen } from '../../../core/plan/seen';
import { actsOnEveryStart } from '../../../core/step/places';
import { touchesOf } from '../../../core/step/changes';
import { earlyHook, earlyScript } from '../../../core/step/early-script';
import { printDropIn } from '../../../core/step/drop-in';
import { hookTableFile, modulesFile, sysctlFile, udevFile } from '../../../core/step/own/files';
import { hookText } from '../../../core/step/own/hook';
import { facts, identities, kernel, olderKernel, seen, texts, transaction } from './machine';

const gib = 2 ** 30;

/** The machine of the other tests with 32 GiB of memory and nobody at its card. */
function machine(): HostFacts {
  const base = facts();
  base.memory.total = { value: 32 * gib, from: 'test' };
  base.memory.nodes = { value: [{ id: 0, total: 16 * gib, free: null, cpus: [0] }, { id: 1, total: 16 * gib, free: null, cpus: [1] }], from: 'test' };
  base.memory.hugePages = { value: [{ sizeKiB: 2048, node: null, total: 0, free: 0 }], from: 'test' };
  base.cpu.flags = { value: ['pdpe1gb'], from: 'test' };
  return base;
}

const drawn = (intent: Intent, { from = machine(), found = seen() }: { from?: HostFacts; found?: PlacesSeen } = {}) => planFor(from, found, intent);

function plan(intent: Intent, given: Parameters<typeof drawn>[1] = {}): Plan {
  const result = drawn(intent, given);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  expect(planShape.parse(result.value)).toEqual(result.value);
  return result.value;
}

const card = identities(facts(), '0000:01:00.0', '0000:01:00.1');
const pages = (more: Partial<Extract<Intent, { kind: 'huge-pages' }>> = {}): Extract<Intent, { kind: 'huge-pages' }> => ({ kind: 'huge-pages', sizeKiB: 2048, count: 4096, numa: null, when: 'now', ...more });
const move = (to: 'vfio-pci' | 'host'): Intent => ({ kind: 'move-now', devices: card, to });
const vm = (...needs: Extract<Intent, { kind: 'vm-host' }>['needs']): Intent => ({ kind: 'vm-host', needs });
const release = (...addresses: string[]): Intent => ({ kind: 'release', devices: identities(facts(), ...addresses) });
const every: readonly Intent[] = [pages(), pages({ when: 'always' }), vm(...vmNeeds), move('vfio-pci'), move('host'), { kind: 'on-demand', devices: card }, { kind: 'single-card', devices: card, restartWhenStuck: true }];
const words = (of: Plan): readonly string[] => of.steps.map((step) => `${step.phase} ${step.kind}`);

describe('plans without a trial', () => {
  test.each(every)('$kind $when $to: only steps that are done at once, and no restart', (intent) => {
    const { steps, needsRestart, basis } = plan(intent);
    expect(steps.length).toBeGreaterThan(0);
    expect(new Set(steps.map((step) => step.phase))).toEqual(new Set(['now']));
    expect(new Set(steps.map((step) => step.id)).size).toBe(steps.length);
    expect(needsRestart).toBe(false);
    // What they are not about cannot make them stale.
    expect([basis.loader, basis.generator, basis.bootVolume, basis.kernel.images]).toEqual([null, null, null, []]);
  });

  test('can be drawn where no start could be changed: another loader, another file system, no look into /boot', () => {
    const from = machine();
    from.system.bootLoader.value = 'systemd-boot';
    from.system.initramfs.value = 'dracut';
    from.system.mounts.value![0]!.kind = 'btrfs';
    const found = { ...seen(), kernels: null, grubDropIns: null };
    for (const intent of every) expect(words(plan(intent, { from, found }))).toEqual(words(plan(intent)));
    expect(drawn({ kind: 'enable-iommu' }, { from, found })).toMatchObject({ ok: false, problem: { code: 'unsupported-host' } });
  });

  test('depend on nothing but what they are about: a new grub.cfg changes no hash, our own file does', () => {
    const intent = vm('cards');
    const same = seen({ ...texts(), 'grub-config': 'other' });
    expect(planText(plan(intent, { found: same }))).toBe(planText(plan(intent)));
    const ours = seen({ ...texts(), 'modules-load': modulesFile.print(['vfio']) });
    expect(planText(plan(intent, { found: ours }))).not.toBe(planText(plan(intent)));
  });
});

describe('the hash of a plan without a trial', () => {
  const flips: readonly (readonly [string, (from: HostFacts) => void])[] = [
    ['drivers', (from) => from.pci.functions.forEach((one) => (one.driver = 'vfio-pci'))],
    ['overrides', (from) => from.pci.functions.forEach((one) => (one.driverOverride = 'vfio-pci'))],
    ['group numbers', (from) => from.iommu.groups.value!.forEach((group, index) => (group.id = 90 - index))],
    ['pages set aside now', (from) => from.memory.hugePages.value!.forEach((pool) => (pool.total = 77))],
    ['free memory', (from) => void (from.memory.available = { value: 5, from: 'test' })],
    ['loaded modules', (from) => void (from.kernel.modules.value = ['kvm'])],
    ['who holds another device', (from) => void (from.holders.value = [{ device: '0000:00:02.0' as never, pid: 4, command: 'Xorg', uid: 0, how: 'x', unit: null }])],
    ['whether everybody could be searched', (from) => void (from.holdersComplete = true)],
  ];
  test.each(flips)('is the same whatever %s are', (_, flip) => {
    const from = machine();
    flip(from);
    for (const intent of every) expect(planText(plan(intent, { from }))).toBe(planText(plan(intent)));
  });

  test('is the same for a person and for root, whichever of our files are closed: root refuses at most', () => {
    const content: Record<Place, string | null> = { ...texts(), 'modules-load': modulesFile.print(['vfio']), sysctl: sysctlFile.print({ hugePages: 7 }), 'hook-table': hookTableFile.print(card) };
    for (const intent of every)
      for (const closed of [[], ['modules-load'], ['sysctl', 'hook-table']]) {
        const [person, root] = [false, true].map((asRoot) => drawn(intent, { found: seen(content, { closed, asRoot }) }));
        if (person?.ok === true && root?.ok === true) expect(planText(root.value)).toBe(planText(person.value));
        else expect(root).toEqual(person);
      }
  });

  test('differs with the person it is for, and with the groups they are in', () => {
    const usual = planText(plan(vm('account')));
    const other = { ...seen(), person: { uid: 1001, user: 'other', groups: [], there: ['libvirt' as const, 'kvm' as const] } };
    expect(planText(plan(vm('account'), { found: other }))).not.toBe(usual);
    expect(drawn(vm('account'), { found: { ...seen(), person: null } })).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'no-person' } } });
    // A plan that is about no account does not know the person.
    expect(planText(plan(vm('cards'), { found: other }))).toBe(planText(plan(vm('cards'))));
  });
});

describe('what a computer needs for a VM', () => {
  test('is each need in its own steps, and nothing for what is there already', () => {
    expect(words(plan(vm('cards')))).toEqual(['now modprobe-config', 'now modules-load']);
    expect(words(plan(vm('session')))).toEqual(['now limits', 'now unit-drop-in', 'now udev-rule']);
    expect(words(plan(vm('network')))).toEqual(['now autostart']);
    expect(words(plan(vm('network'), { found: { ...seen(), network: 'on' } }))).toEqual([]);
    expect(words(plan(vm('network'), { found: { ...seen(), network: 'unknown' } }))).toEqual(['now autostart']);
    expect(words(plan(vm('looking-glass')))).toEqual(['now tmpfiles', 'now apparmor-rule']);
    // The person is in kvm already.
    expect(plan(vm('account')).steps.map((step) => (step.kind === 'membership' ? step.group : ''))).toEqual(['libvirt']);
    expect(plan(vm('evdev')).steps.map((step) => (step.kind === 'membership' ? step.group : ''))).toEqual(['input']);
  });

  test('adds to what our file says and takes nothing out of it', () => {
    const found = seen({ ...texts(), 'modules-load': modulesFile.print(['kvmfr']) });
    expect(plan(vm('cards'), { found }).steps).toContainEqual(expect.objectContaining({ kind: 'modules-load', content: ['kvmfr', 'vfio_pci', 'vfio_iommu_type1'] }));
  });

  test('never writes over a file that is not ours', () => {
    for (const text of ['options vfio-pci ids=10de:2206\n', '# managed by switchyard\nvfio_pci\n\n', ''])
      expect(drawn(vm('cards'), { found: seen({ ...texts(), 'modules-load': text }) })).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'not-ours', place: 'modules-load' } } });
  });

  test('wants a default network to be there', () => {
    expect(drawn(vm('network'), { found: { ...seen(), network: 'absent' } })).toMatchObject({ ok: false, problem: { detail: { why: 'no-default-network' } } });
  });
});

describe('moving a card now', () => {
  test('gives the sound before the display, and takes the display back before its sound', () => {
    const order = (of: Plan) => of.steps.map((step) => (step.kind === 'move-device' ? `${step.device.address} ${step.to}` : ''));
    expect(order(plan(move('vfio-pci')))).toEqual(['0000:01:00.1 vfio-pci', '0000:01:00.0 vfio-pci']);
    expect(order(plan(move('host')))).toEqual(['0000:01:00.0 host', '0000:01:00.1 host']);
  });

  const refused: readonly (readonly [string, string, (from: HostFacts) => void])[] = [
    ['a program holds it', 'held', (from) => void (from.holders.value = [{ device: card[1]!.address, pid: 4, command: 'pipewire', uid: 1000, how: 'x', unit: null }])],
    ['its screen is lit', 'drives-screen', (from) => from.display.connectors.value!.push({ name: 'DP-1', gpu: card[0]!.address, status: 'connected', enabled: true, internal: false })],
    ['the console is on it', 'drives-screen', (from) => void (from.display.framebuffers = { value: [{ name: 'nouveaudrmfb', device: card[0]!.address }], from: 'test' })],
    ['it is another device now', 'device-changed', (from) => void (from.pci.functions[3]!.subsystemDevice = '0001')],
    ['it is gone', 'device-gone', (from) => void from.pci.functions.splice(3, 1)],
    ['there is no IOMMU', 'iommu-off', (from) => void (from.iommu.groups.value = [])],
  ];
  test.each(refused)('is refused while %s', (_, why, flip) => {
    const from = machine();
    flip(from);
    expect(drawn(move('vfio-pci'), { from })).toMatchObject({ ok: false, problem: { detail: { why } } });
  });

  test('takes no part of a group', () => {
    expect(drawn({ kind: 'move-now', devices: card.slice(0, 1), to: 'vfio-pci' })).toMatchObject({ ok: false, problem: { detail: { why: 'split-group' } } });
    expect(drawn({ kind: 'move-now', devices: [card[0]!, card[0]!], to: 'host' })).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
  });
});

describe('huge pages', () => {
  test('are asked of the kernel now, by a sysctl at every start, and by kernel arguments where no sysctl can', () => {
    expect(words(plan(pages()))).toEqual(['now huge-pages']);
    expect(words(plan(pages({ when: 'always' })))).toEqual(['now sysctl']);
    const big = plan(pages({ when: 'always', sizeKiB: 1_048_576, count: 16 }));
    expect(words(big)).toEqual(['prepare trial-entry', 'trial one-shot', 'keep kernel-args', 'keep boot-config', 'keep drop-trial-entry']);
    expect(big.steps[0]).toMatchObject({ image: 'default', args: ['hugepagesz=1G', 'hugepages=16'] });
    expect(plan(pages({ when: 'always', numa: 1 })).steps[0]).toMatchObject({ args: ['hugepagesz=2M', 'hugepages=1:4096'] });
  });

  test('are taken away again with a count of nothing', () => {
    const found = seen({ ...texts(), sysctl: sysctlFile.print({ hugePages: 4096 }) });
    expect(plan(pages({ when: 'always', count: 0 }), { found }).steps).toEqual([{ kind: 'sysctl', phase: 'now', id: 'sysctl', content: null }]);
    expect(plan(pages({ when: 'always', count: 4096 }), { found }).steps).toEqual([]);
    expect(plan(pages({ when: 'always', count: 0 })).steps).toEqual([]);
  });

  const refused: readonly (readonly [string, Partial<Extract<Intent, { kind: 'huge-pages' }>>, string])[] = [
    ['more than leaves the host its share', { count: 12_289 }, 'huge-pages-too-many'],
    ['more than its node has', { count: 6145, numa: 1 }, 'huge-pages-too-many'],
    ['a node there is not', { numa: 7 }, 'no-node'],
    ['a size that is not there now', { sizeKiB: 1_048_576, count: 1 }, 'huge-pages-size'],
    ['none, of pages that the kernel sets aside itself', { sizeKiB: 1_048_576, count: 0, when: 'always' }, 'huge-pages-undo'],
  ];
  test.each(refused)('are refused: %s', (_, more, why) => {
    expect(drawn(pages(more))).toMatchObject({ ok: false, problem: { detail: { why } } });
  });

  test('are given up to the last one that leaves the host its share', () => {
    expect(drawn(pages({ count: 12_288 })).ok).toBe(true);
    expect(drawn(pages({ count: 6144, numa: 1 })).ok).toBe(true);
  });

  test('are not added to others on the command line', () => {
    const from = machine();
    from.kernel.args.value!.push('hugepages=4');
    expect(drawn(pages({ when: 'always', sizeKiB: 1_048_576, count: 1 }), { from })).toMatchObject({ ok: false, problem: { detail: { why: 'huge-pages-set' } } });
    expect(drawn(pages({ when: 'always' }), { from }).ok).toBe(true);
  });
});

describe('on demand', () => {
  const intent: Intent = { kind: 'on-demand', devices: card };
  test('writes the table before the hook that reads it, and joins a second card to the first', () => {
    expect(words(plan(intent))).toEqual(['now udev-rule', 'now hook-table', 'now libvirt-hook']);
    const from = machine();
    from.pci.functions.push({ ...from.pci.functions[3]!, address: '0000:03:00.0' as never });
    from.iommu.groups.value!.push({ id: 20, members: ['0000:03:00.0' as never], type: 'DMA', reserved: [] });
    const found = seen({ ...texts(), 'hook-table': hookTableFile.print(card), 'libvirt-hook': hookText, 'udev-rule': udevFile.print({ vfio: 'kvm', silent: ['0000:01:00.1' as never] }) });
    const second = plan({ kind: 'on-demand', devices: identities(from, '0000:03:00.0') }, { from, found });
    expect(second.steps).toMatchObject([{ kind: 'hook-table', content: [{ address: '0000:01:00.0' }, { address: '0000:01:00.1' }, { address: '0000:03:00.0' }] }]);
    expect(plan(intent, { found }).steps).toEqual([]);
  });

  test('keeps the sound of the card from sound servers, and leaves what else the rule says', () => {
    const content = { silent: ['0000:01:00.1'] };
    expect(plan(intent).steps[0]).toMatchObject({ kind: 'udev-rule', content });
    const shared = plan(intent, { found: seen({ ...texts(), 'udev-rule': udevFile.print({ vfio: 'kvm' }) }) });
    expect(shared.steps[0]).toMatchObject({ kind: 'udev-rule', content: { vfio: 'kvm', ...content } });
    const session = plan(vm('session'), { found: seen({ ...texts(), 'udev-rule': udevFile.print({ silent: ['0000:01:00.1' as never] }) }) });
    expect(session.steps.find((step) => step.kind === 'udev-rule')).toMatchObject({ content: { vfio: 'kvm', ...content } });
  });

  test('is refused for a card that every start gives away', () => {
    const found = seen({ ...texts(), 'early-script': earlyScript([{ transaction, devices: card }]), 'early-hook': earlyHook, 'grub-drop-in': printDropIn({ transaction, args: [] }) });
    expect(drawn(intent, { found })).toMatchObject({ ok: false, problem: { detail: { why: 'dedicated' } } });
  });
});

describe('a single card', () => {
  const intent = { kind: 'single-card' as const, devices: card, restartWhenStuck: false };
  const address = (index: number): string => card[index]?.address ?? '';
  test('is written down as one, and its sound is left to the desktop', () => {
    const given = plan(intent);
    expect(given.steps).toMatchObject([{ kind: 'hook-table', content: [{ single: 'leave-stuck' }, { single: 'leave-stuck' }] }, { kind: 'libvirt-hook' }]);
    const table = given.steps[0];
    if (table?.kind !== 'hook-table' || table.content === null) throw new Error('no table');
    const managed = readManaged(hookTableFile.print(table.content));
    expect(managed).toMatchObject({ ok: true, value: [{ way: 'single-card', restartWhenStuck: false, functions: [{ address: address(0) }, { address: address(1) }] }] });
    const restarts = plan({ ...intent, restartWhenStuck: true }).steps[0];
    if (restarts?.kind !== 'hook-table' || restarts.content === null) throw new Error('no table');
    expect(readManaged(hookTableFile.print(restarts.content))).toMatchObject({ ok: true, value: [{ way: 'single-card', restartWhenStuck: true }] });
  });

  test('that was on demand stops being silent, and becomes on demand again with everything as it was', () => {
    const found = (table: string, rule: string | null) => seen({ ...texts(), 'hook-table': table, 'libvirt-hook': hookText, 'udev-rule': rule });
    const before = { table: hookTableFile.print(card), rule: udevFile.print({ silent: [address(1) as never] }) };
    const there = plan(intent, { found: found(before.table, before.rule) });
    expect(there.steps).toMatchObject([{ kind: 'udev-rule', content: null }, { kind: 'hook-table', content: [{ single: 'leave-stuck' }, { single: 'leave-stuck' }] }]);
    const shared = plan(intent, { found: found(before.table, udevFile.print({ vfio: 'kvm', silent: [address(1) as never] })) });
    expect(shared.steps[0]).toMatchObject({ kind: 'udev-rule', content: { vfio: 'kvm' } });
    const table = there.steps[1];
    if (table?.kind !== 'hook-table' || table.content === null) throw new Error('no table');
    const again = plan({ kind: 'on-demand', devices: card }, { found: found(hookTableFile.print(table.content), null) });
    expect(again.steps).toEqual([{ kind: 'udev-rule', phase: 'now', id: 'udev-rule', content: { silent: [address(1)] } }, { kind: 'hook-table', phase: 'now', id: 'hook-table', content: card }]);
    expect(plan(intent, { found: found(hookTableFile.print(table.content), null) }).steps).toEqual([]);
  });

  const refused: readonly (readonly [string, string, (from: HostFacts) => void])[] = [
    ['its log-in screen is one nobody knows how to bring back', 'unknown-manager', (from) => void (from.display.manager = { value: 'my-own-greeter', from: 'test' })],
    ['only the firmware draws on it', 'firmware-picture', (from) => {
      from.display.framebuffers = { value: [{ name: 'simpledrmdrmfb', device: card[0]!.address }], from: 'test' };
      from.pci.functions[3]!.driver = null;
    }],
    ['it is another device now', 'device-changed', (from) => void (from.pci.functions[3]!.subsystemDevice = '0001')],
  ];
  test.each(refused)('is refused where %s', (_, why, flip) => {
    const from = machine();
    flip(from);
    expect(drawn(intent, { from })).toMatchObject({ ok: false, problem: { detail: { why } } });
  });

  test('is refused while every start gives it away, and drawn where its log-in screen is known or there is none', () => {
    const found = seen({ ...texts(), 'early-script': earlyScript([{ transaction, devices: card }]), 'early-hook': earlyHook, 'grub-drop-in': printDropIn({ transaction, args: [] }) });
    expect(drawn(intent, { found })).toMatchObject({ ok: false, problem: { detail: { why: 'dedicated' } } });
    for (const manager of ['gdm3', 'lightdm', 'ly@tty2', 'none', null]) {
      const from = machine();
      from.display.manager = { value: manager, from: 'test' };
      expect(drawn(intent, { from }).ok, String(manager)).toBe(true);
    }
  });
});

describe('releasing a card', () => {
  const kept = (args: readonly string[] = []): Record<Place, string | null> => ({
    ...texts(),
    'early-script': earlyScript([{ transaction, devices: card }]),
    'early-hook': earlyHook,
    'grub-drop-in': printDropIn({ transaction, args }),
  });

  test('tries a start without our word, and then takes everything away that gave', () => {
    const given = plan(release('0000:01:00.0', '0000:01:00.1'), { found: seen(kept()) });
    expect(words(given)).toEqual([
      'prepare trial-entry',
      'trial one-shot',
      'keep drop-early-bind',
      'keep default-image',
      'keep default-image',
      'keep kernel-args',
      'keep boot-config',
      'keep drop-trial-entry',
    ]);
    expect(given.steps[0]).toMatchObject({ image: 'default', bind: 'none', args: [] });
    expect(given.steps.flatMap((step) => (step.kind === 'default-image' ? [`${step.kernel} ${String(step.without)}`] : []))).toEqual([`${olderKernel} true`, `${kernel} true`]);
    expect(given.needsRestart).toBe(true);
    expect(given.steps.filter((step) => step.phase !== 'keep').flatMap(touchesOf).filter(actsOnEveryStart)).toEqual([]);
  });

  test('keeps the other arguments that were asked for', () => {
    const given = plan(release('0000:01:00.0', '0000:01:00.1'), { found: seen(kept(['intel_iommu=on'])) });
    expect(given.steps).toContainEqual(expect.objectContaining({ kind: 'kernel-args', bind: 'none', args: ['intel_iommu=on'] }));
  });

  test('of one of two cards binds the other by a table of its own', () => {
    const from = machine();
    from.pci.functions.push({ ...from.pci.functions[3]!, address: '0000:03:00.0' as never });
    from.iommu.groups.value!.push({ id: 20, members: ['0000:03:00.0' as never], type: 'DMA', reserved: [] });
    const both = identities(from, '0000:01:00.0', '0000:01:00.1', '0000:03:00.0');
    const found = seen({ ...kept(), 'early-script': earlyScript([{ transaction, devices: both }]) });
    const given = plan(release('0000:01:00.0', '0000:01:00.1'), { from, found });
    expect(given.steps.find((step) => step.kind === 'early-bind')).toMatchObject({ devices: [{ address: '0000:03:00.0' }], kept: { transaction } });
  });

  test('works for a card that was taken out of the machine, and has nothing to do for one that was never given', () => {
    const from = machine();
    from.pci.functions.splice(3, 2);
    expect(plan(release('0000:01:00.0', '0000:01:00.1'), { from, found: seen(kept()) }).steps.length).toBe(8);
    expect(plan(release('0000:01:00.0')).steps).toEqual([]);
  });
});
