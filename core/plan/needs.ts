// SPDX-License-Identifier: GPL-3.0-or-later
import type { Intent } from '../../contract/plan';
import type { OwnPlace } from '../../contract/steps-now';

/** What an intent is about, told from it alone: which part of a machine its plan depends on. */
export interface About {
  /** How the machine starts: loader, generator and kernels. */
  readonly start: boolean;
  readonly own: readonly OwnPlace[];
  readonly person: boolean;
  readonly network: boolean;
}

const nothing: About = { start: false, own: [], person: false, network: false };
const start: About = { ...nothing, start: true };

export function aboutOf(intent: Intent): About {
  switch (intent.kind) {
    case 'dedicate':
    case 'enable-iommu':
    case 'release':
      return start;
    case 'huge-pages':
      if (intent.when === 'now') return nothing;
      return bySysctl(intent) ? { ...nothing, own: ['sysctl'] } : start;
    case 'vm-host':
      return vmHost(intent.needs);
    case 'on-demand':
    case 'single-card':
      return { ...nothing, own: ['udev-rule', 'hook-table', 'libvirt-hook'] };
    case 'move-now':
    case 'point':
    case 'save-vm':
    case 'restore':
      return nothing;
    default:
      return intent satisfies never;
  }
}

/** Pages of the default size on all nodes are a sysctl; others must be set aside by the kernel while it starts (kernel doc hugetlbpage.rst). */
export const bySysctl = (intent: Extract<Intent, { kind: 'huge-pages' }>): boolean => intent.sizeKiB === 2048 && intent.numa === null;

const ofNeed: Readonly<Record<Extract<Intent, { kind: 'vm-host' }>['needs'][number], Partial<About>>> = {
  account: { person: true },
  network: { network: true },
  cards: { own: ['modprobe-config', 'modules-load'] },
  session: { own: ['limits', 'unit-drop-in', 'udev-rule'], person: true },
  evdev: { person: true },
  'looking-glass': { own: ['tmpfiles', 'apparmor-rule'], person: true },
};

function vmHost(needs: Extract<Intent, { kind: 'vm-host' }>['needs']): About {
  const parts = needs.map((need) => ofNeed[need]);
  return {
    start: false,
    own: [...new Set(parts.flatMap((part) => part.own ?? []))],
    person: parts.some((part) => part.person === true),
    network: parts.some((part) => part.network === true),
  };
}
