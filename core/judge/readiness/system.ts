// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding } from '../../../contract/finding';
import type { HostFacts } from '../../../contract/facts';
import { find, todo } from '../finding';
import { guestOf } from '../guest';
import { installLine, partNames } from '../packages';
import { witness } from '../reason';

/** The programs the other parts need, loader, initramfs, power managers, memory. */
export function checkSystem(facts: HostFacts): Finding[] {
  return [...programs(facts), ...loader(facts), ...initramfs(facts), ...immutable(facts), ...powerManagers(facts), ...memory(facts)];
}

/** A guest or a container: what is seen from there is not the machine. */
export function checkPlace(facts: HostFacts): Finding[] {
  const guest = guestOf(facts);
  const { container } = facts.machine;
  const found: Finding[] = [];
  if (guest.value === true) found.push(find('host', 'stop', 'is-guest', { detail: { what: facts.machine.virtualised.value ?? 'VM' }, evidence: guest.evidence, next: todo('next-look-on-host') }));
  if (container.value !== null && container.value !== 'none') found.push(find('host', 'stop', 'in-container', { detail: { what: container.value }, evidence: witness(container), next: todo('next-run-outside-container') }));
  return found;
}

/** All that is missing is one finding with one line to copy; a part nobody looked for is not missing. */
function programs(facts: HostFacts): Finding[] {
  const parts = partNames.map((name) => ({ name, tool: facts.virtualisation[name] }));
  const absent = parts.filter(({ tool }) => tool.present === false);
  const evidence = parts.flatMap(({ name, tool }) => (tool.present === null ? [] : [{ place: tool.from ?? name, value: tool.present ? `${name} ${tool.version ?? ''}`.trim() : `no ${name}` }]));
  if (absent.length > 0) {
    const names = absent.map(({ name }) => name);
    return [find('host', 'warn', 'tools-missing', { detail: { parts: names.join(', ') }, evidence, next: installLine(facts, names) })];
  }
  return parts.every(({ tool }) => tool.present === true) ? [find('host', 'good', 'tools-ready', { evidence })] : [];
}

function loader(facts: HostFacts): Finding[] {
  const { bootLoader } = facts.system;
  const evidence = witness(bootLoader);
  const byHand = todo('next-boot-by-hand');
  switch (bootLoader.value) {
    case 'grub':
    case 'systemd-boot':
    case 'uki':
    case 'refind':
    case 'limine':
    case 'efi-stub':
    case 'proxmox-boot-tool':
      return [find('host', 'good', 'loader-supported', { detail: { loader: bootLoader.value }, evidence })];
    case 'syslinux':
    case 'direct':
    case 'other':
      return [find('host', 'warn', 'loader-unsupported', { detail: { loader: bootLoader.value }, evidence, next: byHand })];
    case null:
      return facts.source === 'live' ? [find('host', 'warn', 'loader-unknown', { confidence: 'unknown', next: byHand })] : [];
    default:
      return bootLoader.value satisfies never;
  }
}

function initramfs(facts: HostFacts): Finding[] {
  const { initramfs: made } = facts.system;
  const evidence = witness(made);
  const byHand = todo('next-boot-by-hand');
  switch (made.value) {
    case 'initramfs-tools':
    case 'dracut':
    case 'mkinitcpio':
    case 'booster':
    case 'mkinitfs':
      return [find('host', 'good', 'initramfs-supported', { detail: { generator: made.value }, evidence })];
    case 'other':
      return [find('host', 'warn', 'initramfs-unsupported', { evidence, next: byHand })];
    case null:
      return facts.source === 'live' ? [find('host', 'warn', 'initramfs-unknown', { confidence: 'unknown', next: byHand })] : [];
    default:
      return made.value satisfies never;
  }
}

function immutable(facts: HostFacts): Finding[] {
  const kind = facts.system.immutable.value;
  if (kind === null || kind === 'no') return [];
  return [find('host', 'warn', 'immutable-system', { detail: { kind }, evidence: witness(facts.system.immutable), next: todo('next-boot-by-hand') })];
}

/** Only those that bind or power a card themselves; the rest of the list is harmless to a hand-off (host.md 1.7). */
const fighting: ReadonlySet<string> = new Set(['supergfxctl', 'optimus-manager', 'envycontrol', 'system76-power', 'prime-select', 'bbswitch', 'nvidia-powerd']);

function powerManagers(facts: HostFacts): Finding[] {
  const { powerManagers: installed } = facts.system;
  return (installed.value ?? [])
    .filter((name) => fighting.has(name))
    .map((name) => find('host', 'warn', 'power-manager', { detail: { name }, evidence: witness(installed, (names) => names.join(' ')), next: todo('next-stop-power-manager', { name }) }));
}

const gibibyte = 1024 ** 3;

/** A VM with a card keeps all its memory pinned (host.md 4.9), so what the VM gets is gone for the host. */
function memory(facts: HostFacts): Finding[] {
  const { total, hugePages } = facts.memory;
  const found: Finding[] = [];
  if (total.value !== null) {
    const detail = { total: (total.value / gibibyte).toFixed(1) };
    if (total.value < 7 * gibibyte) found.push(find('host', 'warn', 'memory-small', { detail, evidence: witness(total), next: todo('next-smaller-vm') }));
    else found.push(find('host', 'good', 'memory-enough', { detail, evidence: witness(total) }));
  }
  const held = (hugePages.value ?? []).reduce((sum, pool) => sum + pool.free * pool.sizeKiB * 1024, 0);
  if (total.value !== null && held > total.value / 4)
    found.push(find('host', 'note', 'huge-pages-held', { detail: { held: (held / gibibyte).toFixed(1) }, evidence: witness(hugePages, (pools) => pools.map((pool) => `${String(pool.total)} x ${String(pool.sizeKiB)} KiB`).join(', ')), next: todo('next-release-huge-pages') }));
  return found;
}
