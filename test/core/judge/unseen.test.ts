// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { answers, sketch } from './build';

const chipset = `
  00:00.0 0600 8086:4660 g0
  00:14.0 0c03 8086:7ae0 g5 xhci_hcd
  00:17.0 0106 8086:7ae2 g6 ahci
  00:1f.0 0601 8086:7a84 g7
  00:1f.6 0200 8086:15fb g7 e1000e`;

describe('servers', () => {
  test('a compute card beside a management display goes to the VM, and the management display stays', () => {
    const got = answers(
      sketch({
        form: 'server',
        rows: `${chipset}
          03:00.0 0300 1a03:2000 g10 ast "ASPEED Graphics Family"
          18:00.0 0200 15b3:1015 g11 mlx5_core
          18:00.1 0200 15b3:1015 g12 mlx5_core
          3b:00.0 0302 10de:1eb8 g20 nvidia "TU104GL [Tesla T4]"`,
      }),
    );
    expect(got).toMatchObject({ boot: '03:00.0', action: 'pass-gpu', target: '3b:00.0', single: false, vgpu: 'nvidia-vgpu', reset: 'no' });
    expect(got.pass).toEqual({ '03:00.0': 'no', '3b:00.0': 'yes' });
  });

  test('cards in sockets that share an NVSwitch are conditional, and one of them is still the answer', () => {
    const got = answers(
      sketch({ form: 'server', complete: false, rows: `18:00.0 0302 10de:2330 g1 nvidia\n2a:00.0 0302 10de:2330 g2 nvidia\n05:00.0 0680 10de:22a3 g9 nvidia-nvswitch` }),
    );
    expect(got.pass).toEqual({ '18:00.0': 'conditional', '2a:00.0': 'conditional' });
    expect(got).toMatchObject({ action: 'pass-gpu', vgpu: 'mig', boot: null });
  });

  test('eight sockets are a fabric even where the switch is not on the bus', () => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${String(n)}0:00.0 0302 10de:2901 g${String(n)} nvidia "GB100 [B200 SXM]"`).join('\n');
    expect(Object.values(answers(sketch({ form: 'server', complete: false, rows })).why)).toEqual(Array(8).fill('pass-fabric'));
  });

  test('virtual functions of a compute card go, and the card they belong to stays', () => {
    const got = answers(
      sketch({
        form: 'server',
        rows: `${chipset}
          03:00.0 0300 1a03:2000 g10
          41:00.0 0302 10de:20b5 g30 nvidia
          41:00.4 0302 10de:20b5 g31 nvidia
          41:00.5 0302 10de:20b5 g32 nvidia`,
      }),
    );
    expect(got.kinds).toEqual({ '03:00.0': 'bmc', '41:00.0': 'discrete', '41:00.4': 'discrete-vf', '41:00.5': 'discrete-vf' });
    expect(got.pass).toEqual({ '03:00.0': 'no', '41:00.0': 'no', '41:00.4': 'yes', '41:00.5': 'yes' });
    expect(got.own['41:00.0']).toEqual(['41:00.0']);
    expect(got).toMatchObject({ action: 'use-vgpu', target: '41:00.4', vgpu: 'mig' });
  });

  test('functions behind ARI are virtual functions too: a link has one device', () => {
    const rows = '41:00.0 0302 10de:20b5 g30 nvidia\n41:00.4 0302 10de:20b5 g31\n41:01.3 0302 10de:20b5 g32';
    expect(answers(sketch({ form: 'server', complete: false, rows })).kinds).toEqual({ '41:00.0': 'discrete', '41:00.4': 'discrete-vf', '41:01.3': 'discrete-vf' });
  });

  test('a virtual function with an id of its own is one without any name', () => {
    const got = answers(sketch({ form: 'server', complete: false, rows: '04:00.0 0300 1002:6929 g1 gim\n04:02.0 0300 1002:692f g2' }));
    expect(got.kinds).toEqual({ '04:00.0': 'discrete', '04:02.0': 'discrete-vf' });
  });

  test('a management interface in the card’s group cannot be lost', () => {
    const got = answers(sketch({ form: 'server', rows: `${chipset}\n02:00.0 0300 102b:0538 g10\n02:00.4 0c07 103c:3302 g12\n05:00.0 0302 10de:1b38 g12` }));
    expect(got.why['05:00.0']).toBe('pass-blocked');
    expect(got.action).toBe('move-slot-or-bios');
  });

  test('devices behind VMD keep their long domain', () => {
    const got = answers(sketch({ form: 'server', rows: `${chipset}\n0000:65:00.0 0302 10de:2235 g40\n0000:03:00.0 0300 1a03:2000 g10\n10000:e1:00.0 0108 8086:0a54 g6 nvme` }));
    expect(got.pass['65:00.0']).toBe('yes');
    expect(got.vgpu).toBe('nvidia-vgpu');
  });
});

describe('what shares the card’s group', () => {
  const card = '01:00.0 0300 10de:2684 g1\n01:00.1 0403 10de:22ba g1\n00:02.0 0300 8086:4680 g2 boot\n00:01.0 0604 8086:460d g1';
  test.each([
    ['the only network adapter', '00:14.0 0c03 8086:7ae0 g5\n05:00.0 0200 10ec:8125 g1', 'no', 'move-slot-or-bios'],
    ['one of two network adapters', '00:14.0 0c03 8086:7ae0 g5\n05:00.0 0200 10ec:8125 g1\n06:00.0 0200 8086:1533 g9', 'conditional', 'move-slot-or-bios'],
    ['the only NVMe drive', '02:00.0 0108 144d:a808 g1 nvme\n00:17.0 0106 8086:7ae2 g6', 'no', 'move-slot-or-bios'],
    ['one of two NVMe drives', '02:00.0 0108 144d:a808 g1 nvme\n03:00.0 0108 144d:a80a g8 nvme', 'conditional', 'move-slot-or-bios'],
    ['the chipset’s SATA', '00:17.0 0106 8086:7ae2 g1 ahci\n03:00.0 0108 144d:a80a g8 nvme', 'no', 'move-slot-or-bios'],
    ['an added USB card', '00:14.0 0c03 8086:7ae0 g5\n05:00.0 0c03 1b73:1100 g1 xhci_hcd', 'conditional', 'move-slot-or-bios'],
    ['the only USB controller', '05:00.0 0c03 1912:0014 g1 xhci_hcd', 'no', 'move-slot-or-bios'],
    ['a USB controller already given to vfio-pci', '00:14.0 0c03 8086:7ae0 g1 vfio-pci', 'conditional', 'move-slot-or-bios'],
    ['the security processor', '05:00.2 1080 1022:15df g1 ccp', 'no', 'move-slot-or-bios'],
    ['nothing but ports', '00:01.1 0604 8086:462d g1', 'yes', 'pass-gpu'],
  ])('%s: %#', (_what, rows, verdict, action) => {
    const got = answers(sketch({ rows: `${card}\n${rows}` }));
    expect([got.pass['01:00.0'], got.action]).toEqual([verdict, action]);
    expect(got.leave['01:00.0']).toContain('00:01.0');
  });

  test('a group member that the listing does not describe makes the answer conditional and is never invented', () => {
    const facts = sketch({ rows: card });
    expect(answers(facts).pass['01:00.0']).toBe('yes');
    const hidden = { ...facts, pci: { ...facts.pci, functions: facts.pci.functions.filter((fn) => !fn.address.endsWith('01:00.1')) } };
    const got = answers(hidden);
    expect(got.pass['01:00.0']).toBe('conditional');
    expect(got.bind['01:00.0']).toEqual(['01:00.0']);
  });

  test('memory that firmware pinned for the group is a refusal', () => {
    const facts = sketch({ rows: card });
    const groups = (facts.iommu.groups.value ?? []).map((group) => ({ ...group, reserved: group.id === 1 ? [{ start: '0x0', end: '0xfff', kind: 'direct' }] : [{ start: '0x0', end: '0xfff', kind: 'direct-relaxable' }] }));
    const got = answers({ ...facts, iommu: { ...facts.iommu, groups: { value: groups, from: 'x' } } });
    expect(got.why['01:00.0']).toBe('pass-reserved-memory');
    expect(got.pass['00:02.0']).toBe('conditional');
  });
});

describe('what a card is made of', () => {
  test('each of two Arc cards takes the sound behind its own switch', () => {
    const arc = (bus: number, group: number) => {
      const hex = (n: number) => n.toString(16).padStart(2, '0');
      return `00:0${String(bus)}.0 0604 8086:460d g${String(group)} >${hex(bus)}-${hex(bus + 3)}
        ${hex(bus)}:00.0 0604 8086:4fa1 g${String(group + 1)} >${hex(bus + 1)}-${hex(bus + 3)}
        ${hex(bus + 1)}:01.0 0604 8086:4fa4 g${String(group + 2)} >${hex(bus + 2)}
        ${hex(bus + 1)}:04.0 0604 8086:4fa4 g${String(group + 3)} >${hex(bus + 3)}
        ${hex(bus + 2)}:00.0 0300 8086:56a0 g${String(group + 4)}
        ${hex(bus + 3)}:00.0 0403 8086:4f90 g${String(group + 5)}`;
    };
    const got = answers(sketch({ rows: `00:00.0 0600 8086:4660 g0\n${arc(1, 10)}\n${arc(5, 20)}` }));
    expect(got.own).toEqual({ '03:00.0': ['03:00.0', '04:00.0'], '07:00.0': ['07:00.0', '08:00.0'] });
    expect(got.reset).toBe('no');
  });

  test('an APU newer than the tables is known by the security processor in its slot, and keeps the board’s functions out', () => {
    const got = answers(
      sketch({
        cpu: 'AMD',
        rows: 'c4:00.0 0300 1002:1fff g7\nc4:00.1 0403 1002:1640 g8\nc4:00.2 1080 1022:17e0 g9\nc4:00.4 0c03 1022:151f g10\nc4:00.6 0403 1022:15e3 g11\n01:00.0 0300 10de:2c02 g12',
      }),
    );
    expect(got.kinds['c4:00.0']).toBe('integrated');
    expect(got.own['c4:00.0']).toEqual(['c4:00.0', 'c4:00.1']);
    expect(got).toMatchObject({ action: 'pass-gpu', target: '01:00.0', reset: 'possible' });
  });

  test('a card with USB and UCSI functions goes as a whole', () => {
    const got = answers(sketch({ rows: `${chipset}\n00:02.0 0300 8086:3e92 g1\n01:00.0 0300 10de:1e84 g2\n01:00.1 0403 10de:10f8 g2\n01:00.2 0c03 10de:1ad8 g2\n01:00.3 0c80 10de:1ad9 g2` }));
    expect(got.own['01:00.0']).toHaveLength(4);
    expect(got.pass['01:00.0']).toBe('yes');
  });

  test('two display functions of one slot are one card', () => {
    const got = answers(sketch({ rows: `${chipset}\n01:00.0 0300 1002:7183 g2\n01:00.1 0380 1002:71a3 g2` }));
    expect(got.single).toBe(true);
    expect(got.assessment.cards).toHaveLength(1);
    expect(got.pass).toEqual({ '01:00.0': 'conditional', '01:00.1': 'conditional' });
  });

  test('an NPU is no graphics card, an Instinct is one', () => {
    expect(answers(sketch({ rows: '00:0b.0 1200 8086:7d1d g1\n00:02.0 0300 8086:7d55 g2' })).kinds).toEqual({ '00:02.0': 'integrated' });
    expect(answers(sketch({ form: 'server', rows: '03:00.0 0300 1a03:2000 g1\n83:00.0 1200 1002:740f g2' })).kinds).toEqual({ '03:00.0': 'bmc', '83:00.0': 'discrete' });
  });
});

describe('places without an IOMMU', () => {
  test.each([
    ['Hyper-V', '00:08.0 0300 1414:5353 hyperv_drm'],
    ['QEMU', '00:01.0 0300 1234:1111 bochs-drm\n00:02.0 0604 1b36:000c'],
    ['VMware', '00:0f.0 0300 15ad:0405 vmwgfx'],
    ['VirtualBox', '00:02.0 0300 80ee:beef vboxvideo'],
  ])('a %s guest is told to look at its host', (_name, rows) => {
    const got = answers(sketch({ form: 'desktop', enabled: false, rows: `${rows}\n00:05.0 0302 10de:1eb8 nvidia` }));
    expect(got).toMatchObject({ action: 'already-guest', target: null });
    expect(Object.values(got.pass).every((answer) => answer === 'no')).toBe(true);
  });

  test('a guest with an IOMMU of its own still says that it is one, and judges its cards', () => {
    const got = answers(sketch({ form: 'vm', rows: '00:01.0 0300 1b36:0100 g1 qxl\n01:00.0 0300 10de:2684 g2 nvidia' }));
    expect(got.action).toBe('already-guest');
    expect(got.pass).toEqual({ '00:01.0': 'no', '01:00.0': 'yes' });
    expect(got.boot).toBe('00:01.0');
  });

  test('a virtio function alone does not make a guest', () => {
    expect(answers(sketch({ rows: `${chipset}\n00:02.0 0300 8086:4680 g1\n01:00.0 0300 10de:2684 g2\n09:00.0 0100 1af4:1042 g3` })).action).toBe('pass-gpu');
  });

  test('firmware that hides the IOMMU is asked first, and the card is conditional until then', () => {
    const got = answers(sketch({ enabled: false, rows: '00:02.0 0300 8086:4680\n01:00.0 0300 10de:2684' }));
    expect(got).toMatchObject({ action: 'enable-iommu', target: null, off: true });
    expect(got.pass).toEqual({ '00:02.0': 'conditional', '01:00.0': 'conditional' });
  });

  test('arguments that switch it off are found without any group', () => {
    expect(answers(sketch({ cmdline: 'quiet intel_iommu=on intel_iommu=off', rows: '01:00.0 0300 10de:2684' }))).toMatchObject({ off: true, action: 'enable-iommu' });
    expect(answers(sketch({ cmdline: 'quiet intel_iommu=off intel_iommu=on', rows: '01:00.0 0300 10de:2684' }))).toMatchObject({ off: null, action: 'need-more-data' });
  });

  test('an ARM board without an SMMU and a board of 2004 are refused, an ARM server with groups is not', () => {
    expect(answers(sketch({ form: 'sbc', cpu: 'Rockchip', enabled: false, complete: false, rows: '01:00.0 0300 1002:699f' }))).toMatchObject({ action: 'not-possible', boot: null, single: false });
    expect(answers(sketch({ model: 'Pentium 4 3.00GHz', enabled: false, rows: '01:00.0 0300 10de:0322 boot' }))).toMatchObject({ action: 'not-possible', off: true });
    expect(answers(sketch({ form: 'server', cpu: 'Ampere', rows: '0004:02:00.0 0300 1a03:2000 g1\n000d:01:00.0 0300 10de:2684 g2' }))).toMatchObject({ action: 'pass-gpu', target: '000d:01:00.0' });
  });

  test('a chipset older than the IOMMU is refused even when nobody looked for groups', () => {
    expect(answers(sketch({ rows: '00:00.0 0600 8086:2770\n01:00.0 0300 10de:0392' })).action).toBe('not-possible');
  });
});

describe('screens', () => {
  test('the card that showed the picture is conditional, its idle neighbour is the answer', () => {
    const got = answers(sketch({ rows: `${chipset}\n01:00.0 0300 10de:2684 g1 boot\n02:00.0 0300 10de:2484 g2 other` }));
    expect(got.pass).toEqual({ '01:00.0': 'conditional', '02:00.0': 'yes' });
    expect(got).toMatchObject({ action: 'pass-gpu', target: '02:00.0', boot: '01:00.0' });
  });

  test('with built-in graphics, the card on the screen may go too', () => {
    expect(answers(sketch({ rows: `${chipset}\n00:02.0 0380 8086:4680 g1\n01:00.0 0300 10de:2684 g2 boot` }))).toMatchObject({ action: 'pass-gpu', target: '01:00.0', boot: '01:00.0' });
  });

  test('a laptop’s 3D controller goes, its panel stays', () => {
    const got = answers(sketch({ form: 'laptop', rows: `${chipset}\n00:02.0 0300 8086:46a6 g1 i915\n01:00.0 0302 10de:25a0 g2 nvidia` }));
    expect(got).toMatchObject({ boot: '00:02.0', hybrid: true, action: 'pass-gpu', target: '01:00.0', vgpu: 'sriov' });
    expect(got.pass['01:00.0']).toBe('conditional');
    expect(got.assessment.verdict.hybrid_laptop.kind).toBe('muxless');
    expect(got.assessment.recommendation.way).toBe('on-demand');
  });

  test('a laptop is known by a chip that is sold in laptops only', () => {
    const facts = sketch({ rows: `${chipset}\n00:02.0 0300 8086:46a6 g1\n01:00.0 0300 10de:25a0 g2 "GA107M [GeForce RTX 3050 Ti Mobile]"` });
    const silent = { ...facts, machine: { ...facts.machine, chassis: { value: null, from: null } } };
    expect(answers(silent).hybrid).toBe(true);
  });

  test.each([
    ['Haswell', '8086:0412', 'single-gpu-handoff', 'none'],
    ['Skylake', '8086:1912', 'use-vgpu', 'gvt-g'],
    ['Ice Lake', '8086:8a52', 'single-gpu-handoff', 'none'],
    ['Raptor Lake', '8086:a780', 'use-vgpu', 'sriov'],
    ['Panther Lake', '8086:b080', 'use-vgpu', 'sriov'],
  ])('%s graphics alone', (_name, id, action, vgpu) => {
    expect(answers(sketch({ rows: `${chipset}\n00:02.0 0300 ${id} g1 i915` }))).toMatchObject({ action, vgpu, single: true, target: '00:02.0' });
  });

  test('no display at all is an answer for a whole machine and a question for a part of one', () => {
    expect(answers(sketch({ form: 'server', rows: chipset }))).toMatchObject({ action: 'not-possible', single: false, reset: 'no', boot: null });
    expect(answers(sketch({ complete: false, rows: '00:14.0 0c03 8086:7ae0' })).action).toBe('need-more-data');
  });
});

describe('families', () => {
  test.each([
    ['1002:67df', 'yes'],
    ['1002:6fdf', 'yes'],
    ['1002:687f', 'yes'],
    ['1002:66af', 'yes'],
    ['1002:731f', 'yes'],
    ['1002:7362', 'yes'],
    ['1002:7340', 'yes'],
    ['1002:67b1', 'possible'],
    ['1002:6658', 'possible'],
    ['1002:73bf', 'possible'],
    ['1002:744c', 'possible'],
    ['1002:7550', 'possible'],
    ['1002:164e', 'possible'],
    ['1002:150e', 'possible'],
    ['10de:2b85', 'possible'],
    ['10de:2d04', 'possible'],
    ['10de:2684', 'no'],
    ['10de:1b81', 'no'],
    ['8086:56a0', 'no'],
    ['8086:e20b', 'no'],
    ['1002:6798', 'unknown'],
    ['1002:7300', 'unknown'],
    ['1ed5:0201', 'unknown'],
  ])('%s resets with trouble: %s', (id, value) => {
    expect(answers(sketch({ rows: `${chipset}\n01:00.0 0300 ${id} g1` })).reset).toBe(value);
  });

  test.each([
    ['10de:20b0', 'mig'],
    ['10de:2331', 'mig'],
    ['10de:2bb5', 'mig'],
    ['10de:27b8', 'nvidia-vgpu'],
    ['10de:2230', 'nvidia-vgpu'],
    ['10de:2684', 'none'],
    ['10de:1cb3', 'none'],
    ['8086:56c0', 'sriov'],
    ['8086:56a0', 'none'],
    ['8086:e20b', 'sriov'],
    ['1002:74a1', 'sriov'],
    ['1002:73bf', 'none'],
  ])('%s is shared by %s', (id, kind) => {
    expect(answers(sketch({ rows: `${chipset}\n01:00.0 0302 ${id} g1` })).vgpu).toBe(kind);
  });
});
