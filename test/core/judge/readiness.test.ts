// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../contract/finding';
import type { HostFacts } from '../../../contract/facts';
import { assess } from '../../../core/judge/assess';
import { sketch } from './build';

const base: HostFacts = { ...sketch({ rows: '00:02.0 0300 8086:4680 g1 i915\n01:00.0 0300 10de:2684 g2 nvidia' }), source: 'live' };
const is = <T>(value: T, from = 'a file') => ({ value, from });
const found = (facts: HostFacts, code: string): Finding | undefined => assess(facts).readiness.find((finding) => finding.code === code);
const codes = (facts: HostFacts): string[] => assess(facts).readiness.map((finding) => finding.code);
const kernel = (changes: Partial<HostFacts['kernel']>): HostFacts => ({ ...base, kernel: { ...base.kernel, ...changes } });
const args = (...words: string[]): HostFacts => kernel({ args: is(words, '/proc/cmdline') });

describe('the processor', () => {
  const cpu = (virtualisation: 'vmx' | 'svm' | 'none', changes: Partial<HostFacts['kernel']> = {}): HostFacts => ({ ...kernel(changes), cpu: { ...base.cpu, virtualisation: is(virtualisation, '/proc/cpuinfo') } });

  test('svm alone is no proof, because old kernels keep the flag when firmware switched it off', () => {
    expect(found(cpu('svm'), 'cpu-virtualisation-likely')).toMatchObject({ weight: 'note', confidence: 'inferred' });
    expect(found(cpu('svm', { modules: is(['kvm', 'kvm_amd'], '/proc/modules') }), 'cpu-virtualisation-on')).toMatchObject({ weight: 'good', evidence: [{ place: '/proc/modules', value: 'kvm_amd' }] });
  });

  test.each(['kvm: support for \'kvm_amd\' disabled by bios', 'x86/cpu: VMX (outside TXT) disabled by BIOS', 'kvm_amd: SVM disabled (by BIOS) in MSR_VM_CR'])('the kernel’s own line proves that it is off: %s', (line) => {
    expect(found(cpu('svm', { log: is([line], 'kernel log') }), 'cpu-virtualisation-off')).toMatchObject({ weight: 'stop', evidence: [{ value: line }], next: { code: 'next-firmware-virtualisation' } });
  });

  test('no flag is inferred to be off, and unknown is never off', () => {
    expect(found(cpu('none'), 'cpu-virtualisation-none')).toMatchObject({ weight: 'stop', confidence: 'inferred' });
    expect(found(base, 'cpu-virtualisation-unknown')).toMatchObject({ weight: 'note', confidence: 'unknown' });
  });

  test('a closed /dev/kvm asks for the group when the module is there, and for the module when it is not', () => {
    const closed = (facts: HostFacts): HostFacts => ({ ...facts, virtualisation: { ...facts.virtualisation, kvmOpens: is(false, '/dev/kvm') } });
    expect(found(closed(cpu('vmx', { modules: is(['kvm', 'kvm_intel']) })), 'kvm-closed')?.next?.command).toBe('sudo usermod -aG kvm "$USER"');
    expect(found(closed(cpu('vmx', { modules: is(['ext4']) })), 'kvm-missing')?.next?.command).toBe('sudo modprobe kvm_intel');
  });
});

describe('the IOMMU', () => {
  const without = (iommu: Partial<HostFacts['iommu']>, changes: Partial<HostFacts> = {}): HostFacts => ({
    ...base,
    ...changes,
    pci: { ...base.pci, functions: base.pci.functions.map((fn) => ({ ...fn, iommuGroup: null })) },
    iommu: { ...base.iommu, groups: is([], '/sys/kernel/iommu_groups'), groupsComplete: true, ...iommu },
  });

  test('a table of firmware without groups means that the kernel does not use it', () => {
    expect(found(without({ table: is('DMAR') }), 'iommu-unused')).toMatchObject({ weight: 'stop', detail: { table: 'DMAR' }, next: { code: 'next-let-switchyard-enable-iommu' } });
  });

  test('no table means firmware, in the words of the board’s maker and processor', () => {
    const asus = without({ table: is('none') }, { machine: { ...base.machine, boardVendor: is('ASUSTeK COMPUTER INC.') }, cpu: { ...base.cpu, vendor: is('amd' as const) } });
    expect(found(asus, 'iommu-firmware-off')).toMatchObject({ confidence: 'inferred', next: { code: 'next-firmware-iommu', detail: { maker: 'ASUS', menu: 'Advanced > AMD CBS > NBIO Common Options > IOMMU' } } });
    expect(found(without({ table: is('none') }), 'iommu-firmware-off')?.next?.detail['maker']).toBe('none');
  });

  test('"restart into firmware settings" is offered only where the machine said that it can', () => {
    const can = without({ table: is('none') }, { firmware: { ...base.firmware, setupOnRestart: is(true) }, system: { ...base.system, init: is('systemd') } });
    expect(found(can, 'iommu-firmware-off')?.next?.command).toBe('systemctl reboot --firmware-setup');
    expect(found(without({ table: is('none') }), 'iommu-firmware-off')?.next).not.toHaveProperty('command');
  });

  test('lines that prove nothing are not read as proof', () => {
    const lines = ['DMAR: IOMMU enabled', 'iommu: Default domain type: Translated', 'DMAR-IR: Enabled IRQ remapping in x2apic mode'];
    const silent: HostFacts = { ...without({}), kernel: { ...base.kernel, log: is(lines) }, iommu: { ...base.iommu, groups: { value: null, from: null } } };
    expect(assess(silent).verdict.iommu_off.value).toBeNull();
    expect(assess(without({}, { kernel: { ...base.kernel, log: is(lines) } })).verdict.iommu_off.value).toBe(true);
  });

  test('groups for everything but Intel’s own graphics are told apart from an IOMMU that is off', () => {
    const left: HostFacts = { ...base, pci: { ...base.pci, functions: base.pci.functions.map((fn) => (fn.vendor === '8086' ? { ...fn, iommuGroup: null } : fn)) }, iommu: { ...base.iommu, groups: is((base.iommu.groups.value ?? []).filter((group) => group.id !== 1)) } };
    expect(found(left, 'iommu-skips-integrated')).toMatchObject({ about: '0000:00:02.0', weight: 'note' });
  });

  test('groups that only an override made are not trusted', () => {
    expect(found({ ...base, iommu: { ...base.iommu, acsOverride: is(true) } }, 'groups-overridden')?.weight).toBe('warn');
  });
});

describe('kernel arguments', () => {
  test.each([
    ['amd_iommu=on', 'argument-useless'],
    ['amd_iommu=force_isolation', 'argument-useless'],
    ['vfio-pci-ids=10de:2684', 'argument-misspelt'],
    ['vfio_pci.id=10de:2684', 'argument-misspelt'],
    ['iommu=passthrough', 'argument-misspelt'],
    ['video=efifb:off', 'argument-efifb-old'],
    ['vfio_iommu_type1.allow_unsafe_interrupts=1', 'argument-unsafe-interrupts'],
  ])('%s is %s', (word, code) => {
    expect(found(args('quiet', word), code)).toMatchObject({ evidence: [{ place: '/proc/cmdline', value: word }] });
  });

  test.each(['quiet', 'intel_iommu=on', 'iommu=pt', 'vfio-pci.ids=10de:2684', 'vfio_pci.ids=10de:2684', 'pcie_acs_override=downstream,multifunction'])('%s is left alone', (word) => {
    expect(codes(args(word)).filter((code) => code.startsWith('argument-'))).toEqual([]);
  });

  test('an id that binds more than one device is told with the number of devices', () => {
    const twins = sketch({ cmdline: 'vfio-pci.ids=144d:a808', rows: '01:00.0 0108 144d:a808 g1\n02:00.0 0108 144d:a808 g2\n00:02.0 0300 8086:4680 g3' });
    expect(found(twins, 'argument-ids-match-more')).toMatchObject({ weight: 'warn', detail: { id: '144d:a808', count: '2' } });
  });
});

describe('the system', () => {
  const lacking = (id: string, like: string[], changes: Partial<HostFacts['system']> = {}): HostFacts => ({
    ...base,
    system: { ...base.system, distribution: is({ id, like, version: null, name: id }), ...changes },
    virtualisation: { ...base.virtualisation, qemu: { present: false, version: null, from: 'a' }, libvirt: { present: true, version: '9', from: 'a' }, virsh: { present: true, version: '9', from: 'a' }, ovmf: { present: false, version: null, from: 'a' }, swtpm: { present: true, version: '1', from: 'a' } },
  });

  test.each([
    ['debian', [], 'sudo apt-get install qemu-system-x86 qemu-utils ovmf'],
    ['somethingnew', ['ubuntu', 'debian'], 'sudo apt-get install qemu-system-x86 qemu-utils ovmf'],
    ['fedora', [], 'sudo dnf install qemu-kvm edk2-ovmf'],
    ['arch', [], 'sudo pacman -S --needed qemu-desktop edk2-ovmf'],
    ['opensuse-tumbleweed', ['suse'], 'sudo zypper install qemu-x86 qemu-ovmf-x86_64'],
  ] as const)('on %s all missing parts are one finding with one line', (id, like, command) => {
    const facts = lacking(id, [...like]);
    expect(codes(facts).filter((code) => code === 'tools-missing')).toHaveLength(1);
    expect(found(facts, 'tools-missing')).toMatchObject({ weight: 'warn', detail: { parts: 'qemu, ovmf' }, next: { command } });
  });

  test.each([
    ['fedora', 'ostree', 'next-install', 'sudo rpm-ostree install qemu-kvm edk2-ovmf'],
    ['opensuse', 'transactional', 'next-install', 'sudo transactional-update pkg install qemu-x86 qemu-ovmf-x86_64'],
    ['nixos', 'nixos', 'next-install-nixos', undefined],
    ['steamos', 'steamos', 'next-install-by-name', undefined],
    ['void', 'no', 'next-install-by-name', undefined],
  ] as const)('%s (%s) gets its own words', (id, immutable, code, command) => {
    const next = found(lacking(id, [], { immutable: is(immutable) }), 'tools-missing')?.next;
    expect([next?.code, next?.command]).toEqual([code, command]);
  });

  test('a part that nobody looked for is not missing', () => {
    expect(codes(base)).not.toContain('tools-missing');
    expect(codes(base)).not.toContain('tools-ready');
  });

  test('a loader that cannot be changed is a warning, one that nobody named is only unknown', () => {
    expect(found({ ...base, system: { ...base.system, bootLoader: is('syslinux' as const) } }, 'loader-unsupported')?.weight).toBe('warn');
    expect(found({ ...base, system: { ...base.system, bootLoader: { value: null, from: 'a' } } }, 'loader-unknown')?.confidence).toBe('unknown');
  });

  test('only power managers that switch cards are raised', () => {
    const facts = { ...base, system: { ...base.system, powerManagers: is(['tlp', 'supergfxctl']) } };
    expect(assess(facts).readiness.filter((finding) => finding.code === 'power-manager').map((finding) => finding.detail['name'])).toEqual(['supergfxctl']);
  });

  test('a container stops everything, whatever else is ready', () => {
    expect(assess({ ...base, machine: { ...base.machine, container: is('docker') } }).readiness[0]?.code).toBe('in-container');
  });
});

describe('firmware', () => {
  test('lockdown keeps modules out, not cards', () => {
    const locked: HostFacts = { ...base, firmware: { ...base.firmware, secureBoot: is(true), lockdown: is('integrity' as const) } };
    expect(found(locked, 'secure-boot-locks')?.weight).toBe('note');
    expect(assess(locked).verdict).toEqual(assess(base).verdict);
  });

  test('large windows are read from the card’s own memory ranges', () => {
    const bar = (start: string, size: number, resizableTo: number[] | null = null) => ({ index: 1, start, size, kind: 'memory' as const, prefetchable: true, wide: true, resizableTo });
    const withBar = (one: ReturnType<typeof bar>): HostFacts => ({ ...base, pci: { ...base.pci, functions: base.pci.functions.map((fn) => (fn.vendor === '10de' ? { ...fn, bars: [one], unknown: fn.unknown.filter((field) => field !== 'bars') } : fn)) } });
    expect(codes(withBar(bar('6000000000', 2 ** 34)))).toEqual(expect.arrayContaining(['above-4g-on', 'rebar-on']));
    expect(found(withBar(bar('d0000000', 2 ** 28, [2 ** 28, 2 ** 34])), 'rebar-off')).toMatchObject({ weight: 'note', detail: { now: '256', most: '16384' } });
    expect(found(withBar(bar('d0000000', 2 ** 28)), 'above-4g-likely-off')).toMatchObject({ confidence: 'inferred' });
  });
});

describe('roles and ways', () => {
  const card = (facts: HostFacts) => assess(facts).cards.find((one) => one.gpu === '0000:01:00.0');
  const ways = (facts: HostFacts) => Object.fromEntries((card(facts)?.ways ?? []).map((way) => [way.kind, way.possible]));
  const screen = (gpu: number, enabled: boolean) => ({ name: 'DP-1', gpu: base.pci.functions[gpu]?.address ?? null, status: 'connected' as const, enabled, internal: false });

  test('a card whose screen is lit is not idle and cannot go while the desktop runs', () => {
    const lit: HostFacts = { ...base, display: { ...base.display, connectors: is([screen(1, true), screen(0, true)]) } };
    expect(card(lit)?.role).toBe('lit-screen');
    expect(ways(lit)).toMatchObject({ 'on-demand': 'no', dedicated: 'conditional', 'single-card': 'conditional' });
  });

  test('a dark card beside built-in graphics may be set aside, or handed over once its programs close', () => {
    const dark: HostFacts = { ...base, display: { ...base.display, connectors: is([screen(1, false), screen(0, true)]), bootDisplay: is(base.pci.functions[0]?.address ?? null) } };
    expect(card(dark)?.role).toBe('idle');
    expect(ways(dark)).toMatchObject({ dedicated: 'yes', 'on-demand': 'conditional', 'single-card': 'no', emulated: 'yes', sriov: 'no', mdev: 'no' });
  });

  test('the only card can be lent, never given', () => {
    const only = sketch({ rows: '01:00.0 0300 10de:2684 g2 nvidia boot\n00:14.0 0c03 8086:7ae0 g5' });
    expect(ways(only)).toMatchObject({ dedicated: 'no', 'on-demand': 'no', 'single-card': 'conditional' });
    expect(assess(only).recommendation).toMatchObject({ action: 'single-gpu-handoff', way: 'single-card' });
  });

  test('a driver that cannot let go rules out handing over while the computer runs', () => {
    const old: HostFacts = sketch({ rows: '00:02.0 0300 8086:0412 g1 i915 boot\n01:00.0 0300 1002:6798 g2 radeon other' });
    expect(ways(old)).toMatchObject({ 'on-demand': 'no', dedicated: 'yes' });
    const only = sketch({ rows: '01:00.0 0300 1002:6798 g2 radeon boot\n00:14.0 0c03 8086:7ae0 g5' });
    expect(ways(only)).toMatchObject({ dedicated: 'no', 'on-demand': 'no', 'single-card': 'no' });
    expect(assess(only).recommendation.way).toBeNull();
  });

  test('two cards of one maker have human names, and the card and its sound are one thing', () => {
    const named = sketch({ rows: '01:00.0 0300 10de:2684 g2 nvidia "NVIDIA Corporation AD102 [GeForce RTX 4090]"\n01:00.1 0403 10de:22ba g2 snd_hda_intel\n00:02.0 0300 8086:4680 g1 "Intel Corporation AlderLake-S GT1 [UHD Graphics 770]"' });
    expect(assess(named).cards.map((one) => [one.name, one.companions])).toEqual([
      ['Intel UHD Graphics 770', []],
      ['NVIDIA GeForce RTX 4090', ['0000:01:00.1']],
    ]);
  });
});
