// SPDX-License-Identifier: GPL-3.0-or-later
import type { VgpuKind } from '../../../contract/verdict';
import type { FamilyRow } from './family';

/**
 * Data-centre and workstation boards with a licensed way to be shared, by device id.
 * Source: NVIDIA vGPU user guides 13-19 (supported GPUs) and the MIG user guide, names as in pci.ids.
 */
const licensed: Readonly<Record<Exclude<VgpuKind, 'none' | 'sriov' | 'gvt-g'>, string>> = {
  mig: [
    '20b0 20b1 20b2 20b3 20b5 20b6 20bb 20bd 20f1 20f3 20f5 20b7 20b8 20b9 20f6 20fd', // GA100: A100, A800, A30
    '2302 2313 2321 2322 2324 2328 2329 232c 2330 2331 2335 2336 2339 233a 233b 233d 2342 2343 2345 2348', // GH100: H100, H200, H800, H20, GH200
    '2901 2920 2924 293d 2940 2941 3182 31c2', // GB100-GB110: B100, B200, B300
    '2bb1 2bb3 2bb4 2bb5', // GB202: RTX PRO 5000/6000 Blackwell
  ].join(' '),
  'nvidia-vgpu': [
    '0ff2 11bf', // GRID K1, K2
    '13bd 13f2 13f3', // Tesla M10, M60, M6
    '15f7 15f8 15f9 1b38 1bb3 1bb4', // Tesla P100, P40, P4, P6
    '1db1 1db3 1db4 1db5 1db6 1db8 1df5 1df6', // Tesla V100
    '1e30 1e36 1e37 1e38 1e78 1eb8', // Quadro RTX 6000/8000, T10, T40, T4
    '2230 2231 2232 2233 2235 2236 2237 2238 25b6 20fe', // RTX A6000/A5000/A5500, A40, A10, A16/A2
    '26b1 26b2 26b3 26b5 26b9 26ba 27b6 27b8', // RTX 6000/5880/5000 Ada, L40, L40S, L20, L2, L4
    '2bb9 2c3a', // RTX PRO 6000D / 4500 Blackwell Server
  ].join(' '),
};

const shared = Object.entries(licensed).flatMap(([vgpu, ids]) => ids.split(' ').map((id) => ({ id: parseInt(id, 16), vgpu: vgpu === 'mig' ? ('mig' as const) : ('nvidia-vgpu' as const) })));

const discrete = (from: number, to: number, family: string): FamilyRow => ({ from, to, family, place: 'discrete', reset: 'no', vgpu: 'none' });
const chipset = (from: number, to: number): FamilyRow => ({ from, to, family: 'nForce', place: 'integrated', reset: 'no', vgpu: 'none' });
const blackwell = (from: number, to: number): FamilyRow => ({ ...discrete(from, to, 'Blackwell'), reset: 'possible' });

/** Device-id ranges of the generations, as the chips are numbered in pci.ids. Reset: host.md 4.6 (Blackwell's FLR may hang, others reset). */
const generations: readonly FamilyRow[] = [
  chipset(0x01a0, 0x01af),
  chipset(0x01f0, 0x01f0),
  chipset(0x0240, 0x0247),
  chipset(0x03d0, 0x03d6),
  chipset(0x0530, 0x053f),
  chipset(0x07e0, 0x07e5),
  chipset(0x0840, 0x087f),
  chipset(0x08a0, 0x08bf),
  discrete(0x06c0, 0x06df, 'Fermi'),
  discrete(0x0dc0, 0x0e3f, 'Fermi'),
  discrete(0x0fc0, 0x103f, 'Kepler'),
  discrete(0x1040, 0x117f, 'Fermi'),
  discrete(0x1180, 0x11ff, 'Kepler'),
  discrete(0x1200, 0x125f, 'Fermi'),
  discrete(0x1280, 0x12bf, 'Kepler'),
  discrete(0x1340, 0x14ff, 'Maxwell'),
  discrete(0x15f0, 0x15ff, 'Pascal'),
  discrete(0x1600, 0x17ff, 'Maxwell'),
  discrete(0x1b00, 0x1d7f, 'Pascal'),
  discrete(0x1d80, 0x1dff, 'Volta'),
  discrete(0x1e00, 0x1fff, 'Turing'),
  discrete(0x2080, 0x20ff, 'Ampere'),
  discrete(0x2180, 0x21ff, 'Turing'),
  discrete(0x2200, 0x22ff, 'Ampere'),
  discrete(0x2300, 0x23ff, 'Hopper'),
  discrete(0x2400, 0x25ff, 'Ampere'),
  discrete(0x2600, 0x28ff, 'Ada'),
  { ...blackwell(0x2e00, 0x2eff), place: 'integrated' },
  blackwell(0x2900, 0x2fff),
  blackwell(0x3100, 0x32ff),
  discrete(0x0000, 0x0fbf, 'GeForce 4-300'),
  discrete(0x0fc0, 0xffff, 'NVIDIA'),
];

/** NVIDIA's chips by device id: single boards that can be shared first, then generations. */
export const nvidiaFamilies: readonly FamilyRow[] = [
  ...shared.flatMap(({ id, vgpu }) => {
    const row = generations.find((g) => id >= g.from && id <= g.to);
    return row === undefined ? [] : [{ ...row, from: id, to: id, vgpu }];
  }),
  ...generations,
];

/** Audio, USB and UCSI of a card live in its own slot; the fabric switch of HGX boards is an NVIDIA device of class 0680. */
export const nvidiaVendor = '10de';
