// SPDX-License-Identifier: GPL-3.0-or-later
import { isWindows, note, type Draft } from './draft';
import { knows } from './gates';
import { element, type Drawn } from './xml/draw';

/** An enlightenment, the ones it needs, and its element. QEMU's advice is to switch on all but the conditional ones (its hyperv page). */
interface Enlightenment {
  readonly name: string;
  readonly needs: readonly string[];
  readonly drawn: Drawn;
}

const on = (name: string, needs: readonly string[] = [], inside: readonly Drawn[] = []): Enlightenment => ({ name, needs, drawn: element(name, { state: 'on' }, inside) });

function wanted({ recipe, host }: Draft): Enlightenment[] {
  const flush = knows(host, 'tlbflush-children') ? [element('direct', { state: 'on' }), element('extended', { state: 'on' })] : [];
  const list: (Enlightenment | false)[] = [
    on('relaxed'),
    on('vapic'),
    { name: 'spinlocks', needs: [], drawn: element('spinlocks', { state: 'on', retries: 8191 }) },
    on('vpindex'),
    on('runtime'),
    on('synic', ['vpindex']),
    on('stimer', ['synic'], [element('direct', { state: 'on' })]),
    needsVendorId(recipe) && { name: 'vendor_id', needs: [], drawn: element('vendor_id', { state: 'on', value: 'switchyard' }) },
    on('frequencies'),
    on('tlbflush', ['vpindex'], flush),
    on('ipi', ['vpindex']),
    recipe.cpu.nested && host.cpuVendor === 'intel' && on('evmcs', ['vapic']),
    host.apicv === true && knows(host, 'hyperv-avic') && on('avic'),
    knows(host, 'hyperv-fast-input') && on('emsr_bitmap'),
    knows(host, 'hyperv-fast-input') && on('xmm_input'),
  ];
  return list.filter((one) => one !== false);
}

/** Radeon's driver stops when it finds the usual id; a hidden hypervisor shows none of its own either. */
const needsVendorId = ({ graphics, cpu }: Draft['recipe']): boolean => cpu.hideHypervisor || (graphics.mode === 'passthrough' && graphics.vendor === 'amd');

/** What makes Windows know that it runs in a VM; only what this host's KVM and libvirt offer. Null where there is nothing to say. */
export function hyperv(draft: Draft): Drawn | null {
  const { recipe, host } = draft;
  if (!isWindows(recipe) || !recipe.cpu.accelerated) return null;
  const offered = host.hyperv;
  if (offered !== null && offered.length === 0) {
    note(draft, 'hyperv-none');
    return null;
  }
  const all = wanted(draft);
  const kept = new Set(all.filter((one) => offered === null || offered.includes(one.name)).map((one) => one.name));
  // A missing one takes those that need it along; the list is ordered so that one pass settles it.
  const drawn = all.filter((one) => kept.has(one.name) && (one.needs.every((need) => kept.has(need)) || !kept.delete(one.name)));
  const lost = all.filter((one) => !drawn.includes(one)).map((one) => one.name);
  if (lost.length > 0) note(draft, 'hyperv-partly', { names: lost.join(', ') });
  return element('hyperv', { mode: 'custom' }, drawn.map((one) => one.drawn));
}
