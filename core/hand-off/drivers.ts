// SPDX-License-Identifier: GPL-3.0-or-later

/** What a function is within its card; parts leave in this order and come back in the reverse, the one that draws first. */
export const parts = ['usb-c', 'usb', 'disk', 'other', 'audio', 'display'] as const;
export type Part = (typeof parts)[number];

/** How a function leaves its driver on the host: host.md 4.5. */
export interface DriverRule {
  /**
   * *unbind*: by address. *modules*: the driver counts its users only when its modules go, and an unbind waits for ever
   * where one is left, so they are unloaded first, and unbind is never written while they are there. *never*: at boot only.
   */
  readonly leaves: 'unbind' | 'modules' | 'never';
  /** Awake before it leaves: unbinding from runtime suspend is a frequent cause of a hang. */
  readonly awake: boolean;
  /** Its text console must let go first. */
  readonly console: boolean;
}

const plain: DriverRule = { leaves: 'unbind', awake: false, console: false };
const drm: DriverRule = { leaves: 'unbind', awake: true, console: true };

const rules: Readonly<Record<string, DriverRule>> = {
  nvidia: { leaves: 'modules', awake: false, console: true },
  nouveau: drm,
  amdgpu: drm,
  // Often cannot be bound again.
  radeon: { leaves: 'never', awake: true, console: true },
  i915: drm,
  xe: drm,
  snd_hda_intel: { leaves: 'unbind', awake: true, console: false },
  xhci_hcd: plain,
  // The I2C controller of a card's USB-C port, whatever its name says.
  'nvidia-gpu': plain,
  nvme: plain,
};

/** A driver nobody wrote about leaves by address, with nothing asked but that no one uses it. */
export const ruleOf = (driver: string): DriverRule => rules[driver] ?? (isDrawn(driver) ? drm : plain);
const isDrawn = (driver: string): boolean => /(?:drm|gpu|-vga|^ast$|^qxl$|^bochs)/.test(driver);

/** Modules of the proprietary and open NVIDIA driver, in the order in which they go; they come back in the reverse. */
export const nvidiaModules = ['nvidia_uvm', 'nvidia_drm', 'nvidia_modeset', 'nvidia_peermem', 'nvidia'] as const;

const classes: readonly (readonly [RegExp, Part])[] = [
  [/^03/, 'display'],
  [/^1200$/, 'display'],
  [/^040[13]$/, 'audio'],
  [/^0c80$/, 'usb-c'],
  [/^0c03$/, 'usb'],
  [/^01/, 'disk'],
];
export const partOf = (pciClass: string): Part => classes.find(([pattern]) => pattern.test(pciClass))?.[1] ?? 'other';

/** Parts first that must leave first. */
export const byLeaving = <T extends { readonly class: string; readonly address: string }>(functions: readonly T[]): readonly T[] =>
  [...functions].sort((a, b) => parts.indexOf(partOf(a.class)) - parts.indexOf(partOf(b.class)) || (a.address < b.address ? -1 : 1));

interface KnownBad {
  readonly driver: string;
  readonly version: RegExp;
  /** Only when it has to leave this way. */
  readonly leaves: 'unbind';
  readonly reason: string;
}

/** Driver versions that were seen to hang with nobody using the card. Source: host.md 4.5; open-gpu-kernel-modules 1119 and 1374. */
const knownBad: readonly KnownBad[] = [
  { driver: 'nvidia', version: /^(?:595|610)\./, leaves: 'unbind', reason: 'unbind-waits-for-ever' },
];

/** Why this version must not leave this way; null when nothing is known against it. */
export const badVersion = (driver: string, version: string | null, leaves: 'unbind'): string | null =>
  knownBad.find((one) => one.driver === driver && one.leaves === leaves && version !== null && one.version.test(version))?.reason ?? null;
