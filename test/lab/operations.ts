// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Hands, KernelNode } from '../../helper/hands';

/** One write to a kernel node, and the function whose state is looked at afterwards. */
export interface NodeWrite {
  readonly node: Extract<KernelNode, { readonly device: PciAddress }>['node'];
  readonly device: PciAddress;
  readonly value: string;
}

/** What the write answered and what the function was afterwards; the same words in the lab and in a rehearsal. */
export interface Seen {
  readonly write: string;
  /** `ok`, or why it failed. */
  readonly answer: string;
  readonly driver: string | null;
  readonly override: string | null;
  readonly control: string | null;
  /** Whether /dev/vfio has a node for the function's group. */
  readonly vfioNode: boolean;
}

/** Performs the writes one after another through the helper's own hands: the real ones in a guest, those of memory in a rehearsal. */
export async function operate(hands: Hands, writes: readonly NodeWrite[]): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const { node, device, value } of writes) {
    const done = await hands.writeNode({ node, device }, value);
    const answer = done.ok ? 'ok' : (done.problem.detail['why'] ?? done.problem.code);
    seen.push({ write: `${node} ${device} ${JSON.stringify(value)}`, answer, ...stateOf(hands, device) });
  }
  return seen;
}

function stateOf(hands: Hands, device: PciAddress): Omit<Seen, 'write' | 'answer'> {
  const folder = `/sys/bus/pci/devices/${device}`;
  const last = (path: string): string | null => {
    const link = hands.target(path);
    return link.at === 'is' ? (link.value.split('/').at(-1) ?? null) : null;
  };
  const text = (name: string): string | null => {
    const look = hands.text(`${folder}/${name}`);
    return look.at === 'is' ? look.value.trim() : null;
  };
  const group = last(`${folder}/iommu_group`);
  const nodes = hands.names('/dev/vfio');
  return {
    driver: last(`${folder}/driver`),
    override: text('driver_override'),
    control: text('power/control'),
    vfioNode: group !== null && nodes.at === 'is' && nodes.value.includes(group),
  };
}
