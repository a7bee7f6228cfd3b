// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';

/** What firmware writes into a name nobody filled in. */
const nothing = /^(?:|to be filled.*|system (?:manufacturer|product name|version)|default string|not (?:specified|applicable|available)|o\.e\.m\.?|unknown|none)$/i;

/** The machine's name as its maker gives it, else its board's; null when neither says anything. */
export function machineName({ machine }: Pick<HostFacts, 'machine'>): string | null {
  return join(machine.vendor.value, machine.product.value) ?? join(machine.boardVendor.value, machine.board.value);
}

function join(vendor: string | null, name: string | null): string | null {
  if (name === null || nothing.test(name.trim())) return null;
  if (vendor === null || nothing.test(vendor.trim()) || name.toLowerCase().startsWith(vendor.toLowerCase())) return name.trim().slice(0, 256);
  return `${vendor.trim()} ${name.trim()}`.slice(0, 256);
}
