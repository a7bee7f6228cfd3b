// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { Setting } from '../../contract/setting';
import { readVmState } from '../read/vm-places';
import { storeFolder } from './places';

/** One word for a setting, as a path is for a file: what the journal, undo and an incomplete undo name it by. */
export function settingName(setting: Setting): string {
  switch (setting.setting) {
    case 'driver':
      return `driver:${setting.device.address}`;
    case 'huge-pages':
      return `huge-pages:${setting.sizeKiB}${setting.numa === null ? '' : `@${setting.numa}`}`;
    case 'autostart':
      return `autostart:${setting.of}/${setting.name}`;
    case 'membership':
      return `membership:${setting.group}/${setting.uid}`;
    case 'vm-state':
      return `vm-state:${setting.vm}`;
    default:
      return setting satisfies never;
  }
}

/** Values of the kernel end with the start they were set in; programs keep theirs on the disk. */
export const endsWithStart = (setting: Setting): boolean =>
  setting.setting === 'driver' || setting.setting === 'huge-pages';

/** A function's driver and override as one value; `-` for none. */
export interface Binding {
  readonly override: string;
  readonly driver: string;
}
export const printBinding = ({ override, driver }: Binding): string => `${override} ${driver}`;
export function readBinding(value: string): Binding {
  const [override = '-', driver = '-'] = value.split(' ');
  return { override, driver };
}

/** The two ways a function is sent; any other value of a driver is one that was found, to be put back exactly. */
const vfio = 'vfio-pci';
const host = 'host';

/** Whether a value is what it was to become; the problem says how it differs. */
export function isWanted(setting: Setting, to: string, value: string): Result<void> {
  const place = settingName(setting);
  if (setting.setting === 'driver') {
    const { override, driver } = readBinding(value);
    const right =
      to === vfio
        ? driver === vfio && override === vfio
        : to === host
          ? driver !== vfio && override === '-'
          : value === to;
    return right ? ok(undefined) : failed('step-failed', { why: 'not-bound', address: setting.device.address, driver });
  }
  if (value === to) return ok(undefined);
  return setting.setting === 'huge-pages' && Number(value) < Number(to)
    ? failed('step-failed', { why: 'huge-pages-fewer', given: value, wanted: to })
    : failed('step-failed', { why: 'not-set', place });
}

/** What undo knows of a setting: what it was, what we were about to make of it, and in which start. */
export interface SettingStory {
  readonly setting: Setting;
  readonly was: string;
  readonly to: readonly string[];
  /** Boot id of the start in which it was set. */
  readonly boot: string;
}

/** Whether there is nothing of ours to go back from: it was never begun, or ended with the start it was done in. */
export const isOver = (story: SettingStory, boot: string): boolean => story.to.length === 0 || (endsWithStart(story.setting) && story.boot !== boot);

/** Decides how a setting that is not over goes back. *left*: somebody made something else of it since. */
export function settingDeed(story: SettingStory, value: string): 'nothing' | 'set' | 'left' {
  if (value === story.was) return 'nothing';
  return isOurs(story, value) ? 'set' : 'left';
}

/** Whether a value can be our doing, done whole or half. */
function isOurs({ setting, was, to }: SettingStory, value: string): boolean {
  switch (setting.setting) {
    case 'driver': {
      const [before, now] = [readBinding(was), readBinding(value)];
      const known = (word: string, old: string): boolean => word === '-' || word === vfio || word === old;
      // Sent to the host it has whichever driver the kernel found for it.
      return known(now.override, before.override) && (to.includes(host) || known(now.driver, before.driver));
    }
    // The kernel may have given fewer than we asked for.
    case 'huge-pages':
      return to.some((count) => between(Number(value), Number(was), Number(count)));
    // One file after the other: each may be as it was, or ours.
    case 'vm-state': {
      const known = [was, ...to].map(readVmState);
      const now = readVmState(value);
      return known.some(({ nvram }) => nvram === now.nvram) && known.some(({ tpm }) => tpm === now.tpm);
    }
    case 'autostart':
    case 'membership':
      return to.includes(value);
    default:
      return setting satisfies never;
  }
}

const between = (value: number, a: number, b: number): boolean => value >= Math.min(a, b) && value <= Math.max(a, b);

/** What a person does by hand where a script cannot: one line of undo.sh's list, in root's fixed words. */
export function settingNote({ setting, was }: SettingStory): string {
  switch (setting.setting) {
    case 'driver': {
      const { driver } = readBinding(was);
      return `Device ${setting.device.address} was with ${driver === '-' ? 'no driver' : `the driver ${driver}`}: a restart brings that back.`;
    }
    case 'huge-pages':
      return `Huge pages of ${setting.sizeKiB} KiB${setting.numa === null ? '' : ` on node ${setting.numa}`} were ${was}: a restart brings that back.`;
    case 'autostart': {
      const verb = setting.of === 'network' ? 'net-autostart' : 'pool-autostart';
      return `In the running system, as root: virsh ${verb} ${was === 'on' ? '' : '--disable '}${setting.name}`;
    }
    case 'membership':
      return `In the running system, as root: gpasswd ${was === 'in' ? '-a' : '-d'} ${setting.user} ${setting.group}`;
    case 'vm-state': {
      const { nvram, tpm } = readVmState(was);
      const kept = (what: string, digest: string | null): string => (digest === null ? `no ${what}` : `${what} ${storeFolder}/contents/${digest}`);
      return `Virtual machine ${setting.vm} had ${kept('firmware variables', nvram)} and ${kept('TPM state', tpm)}: switch it off and copy them to where "virsh dumpxml ${setting.vm}" tells.`;
    }
    default:
      return setting satisfies never;
  }
}
