// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { GuestSystem } from '../../contract/vm';
import type { VmHost } from '../../contract/vm-host';
import type { VmMode, VmModeCode } from '../../contract/vm-mode';
import type { Assessment, Card, Way } from '../../contract/verdict';
import { isNewEnough, mayUse } from './gates';

type Possible = VmMode['possible'];

/** What a machine says about itself, about its cards, and, where libvirt answered, about its VMs. */
export interface ModeBasis {
  readonly facts: Pick<HostFacts, 'virtualisation' | 'cpu'>;
  readonly cards: Assessment['cards'];
  /** Null before libvirt was asked, or where it does not answer. */
  readonly host: VmHost | null;
  readonly system: GuestSystem;
}

/** Every graphics mode with every card of this machine: which can be had, why, what it costs, what would be needed. */
export function modesOf(basis: ModeBasis): VmMode[] {
  const base = programs(basis);
  const plain: VmMode = { mode: 'vga', ...joined('yes', base), card: null, way: null, reasons: [], costs: [], notes: [...base.notes, 'always', 'software-drawn'] };
  const cards = basis.cards.flatMap((card) => [...wholeCard(card, basis, base), shared(card, 'mdev', basis, base), shared(card, 'sriov', basis, base)]);
  const missing: VmMode[] = (['passthrough', 'mdev', 'sriov'] as const)
    .filter((mode) => !cards.some((one) => one.mode === mode))
    .map((mode) => ({ mode, possible: 'no', card: null, way: null, reasons: [], costs: [], notes: [mode === 'passthrough' ? 'no-card' : 'no-such-card'] }));
  return [plain, ...forwarded(basis, base), ...cards, ...missing, { ...plain, mode: 'none', notes: [...base.notes, 'always'] }];
}

interface Base {
  readonly possible: Possible;
  readonly notes: readonly VmModeCode[];
}

/** What every VM needs: a PC, libvirt, an emulator, and KVM unless it may be slow. */
function programs({ facts, host }: ModeBasis): Base {
  const { libvirt, qemu, kvmOpens } = facts.virtualisation;
  const lacking: (VmModeCode | false)[] = [
    // Boards, firmware and enlightenments drawn here are those of PCs.
    (facts.cpu.architecture.value ?? 'x86_64') !== 'x86_64' && 'other-processor',
    ...(host === null ? ([libvirt.present === false && 'libvirt-missing', qemu.present === false && 'emulator-missing'] as const) : []),
    host !== null && !isNewEnough(host) && 'old-versions',
  ];
  const notes = lacking.filter((one) => one !== false);
  if (notes.length > 0) return { possible: 'no', notes };
  if (host?.accelerated === false || kvmOpens.value === false) return { possible: 'yes', notes: ['slow-without-kvm'] };
  return { possible: 'yes', notes: kvmOpens.value === null && host === null ? ['kvm-unknown'] : [] };
}

const rank: readonly Possible[] = ['yes', 'conditional', 'unknown', 'no'];
/** The worse of what a card allows and what the programs allow. */
const joined = (possible: Possible, base: Base): { possible: Possible } => ({ possible: rank[Math.max(rank.indexOf(possible), rank.indexOf(base.possible))] ?? 'no' });

const name = (card: Card): NonNullable<VmMode['card']> => ({ address: card.gpu, name: card.name });
const wayOf = (card: Card, kind: Way['kind']): Way | undefined => card.ways.find((one) => one.kind === kind);
const copied = (reasons: Way['reasons']): VmMode['reasons'] => reasons.map((one) => ({ ...one, detail: { ...one.detail }, evidence: one.evidence.map((seen) => ({ ...seen })) }));

function made(mode: VmMode['mode'], { card, way }: { readonly card: Card; readonly way: Way }, base: Base, notes: readonly VmModeCode[]): VmMode {
  const stopped = notes.some((one) => stops.has(one));
  const able = notes.includes('vfio-not-ready') ? joined('conditional', { possible: way.possible, notes: [] }).possible : way.possible;
  const whole = mode === 'passthrough' && (way.kind === 'dedicated' || way.kind === 'on-demand' || way.kind === 'single-card') ? way.kind : null;
  return { mode, possible: stopped ? 'no' : joined(able, base).possible, card: name(card), way: whole, reasons: copied(way.reasons), costs: copied(way.costs), notes: [...base.notes, ...notes] };
}

const stops: ReadonlySet<VmModeCode> = new Set(['needs-system-rights', 'windows-no-3d', 'no-gl-screen']);

/** What a device of this computer needs of libvirt. A card that is not set up yet may leave VFIO unready; that is a step, not a refusal. */
const deviceNotes = ({ host }: ModeBasis): VmModeCode[] => [
  ...(host?.connection === 'session' ? (['needs-system-rights'] as const) : []),
  ...(host?.pciBackends?.length === 0 ? (['vfio-not-ready'] as const) : []),
];

function wholeCard(card: Card, basis: ModeBasis, base: Base): VmMode[] {
  return (['dedicated', 'on-demand', 'single-card'] as const).flatMap((kind) => {
    const way = wayOf(card, kind);
    return way === undefined ? [] : [made('passthrough', { card, way }, base, deviceNotes(basis))];
  });
}

function shared(card: Card, mode: 'mdev' | 'sriov', basis: ModeBasis, base: Base): VmMode {
  const way = wayOf(card, mode) ?? { kind: mode, possible: 'unknown' as const, reasons: [], costs: [] };
  return made(mode, { card, way }, base, deviceNotes(basis));
}

/** Forwarding needs a card that stays, a screen that can draw with it, and a guest with a driver: Windows has none. */
function forwarded(basis: ModeBasis, base: Base): VmMode[] {
  const { host, system, cards } = basis;
  const notes: VmModeCode[] = [
    ...(system.startsWith('windows') ? (['windows-no-3d'] as const) : []),
    ...(host !== null && !mayUse(host.graphics, 'egl-headless') && !mayUse(host.graphics, 'spice') ? (['no-gl-screen'] as const) : []),
  ];
  const able = cards.flatMap((card) => {
    const way = wayOf(card, 'virtio-gpu');
    return way === undefined || way.possible === 'no' ? [] : [made('virtio-3d', { card, way }, base, notes)];
  });
  return able.length > 0 ? able : [{ mode: 'virtio-3d', possible: 'no', card: null, way: null, reasons: [], costs: [], notes: [...base.notes, ...notes, 'no-drawing-card'] }];
}

/** What the VM is for. */
export type VmUse = 'play' | 'work' | 'compute' | 'stream';

/** How well a mode serves a use, best first; what is not listed does not serve it. */
const order: Readonly<Record<VmUse, readonly VmMode['mode'][]>> = {
  play: ['passthrough', 'sriov', 'mdev', 'virtio-3d', 'vga'],
  stream: ['passthrough', 'sriov', 'mdev', 'virtio-3d', 'vga'],
  compute: ['passthrough', 'sriov', 'mdev', 'none'],
  work: ['virtio-3d', 'sriov', 'mdev', 'vga'],
};
/**
 * The mode to begin with: the best for the use that is possible, at least on conditions; daily work takes what needs no effort first.
 * `preferred` is the way the judge recommends for this machine's card. The way that ends the desktop is never recommended.
 */
export function recommendMode(modes: readonly VmMode[], use: VmUse, preferred: Way['kind'] | null = null): VmMode | null {
  const weight = use === 'work' ? { possible: 100, mode: 10 } : { possible: 10, mode: 100 };
  const way = (mode: VmMode): number => (mode.way === null || mode.way === (preferred ?? 'dedicated') ? 0 : 1);
  const score = (mode: VmMode): number => order[use].indexOf(mode.mode) * weight.mode + rank.indexOf(mode.possible) * weight.possible + way(mode);
  const open = modes.filter((mode) => (mode.possible === 'yes' || mode.possible === 'conditional') && order[use].includes(mode.mode) && mode.way !== 'single-card');
  return open.sort((a, b) => score(a) - score(b))[0] ?? null;
}
