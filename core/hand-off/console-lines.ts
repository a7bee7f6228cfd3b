// SPDX-License-Identifier: GPL-3.0-or-later
import type { CardHolder, HandRefusal, HandTrouble } from '../../contract/hand-off';
import type { Detail } from '../../contract/problem';

/** What root writes on the hook's standard error, which libvirt shows to whoever started the VM: fixed words, a code, and short checked details. */
const refusals: Readonly<Record<HandRefusal, string>> = {
  xml: 'the definition of this virtual machine could not be read; the card was left where it is',
  table: 'the list of managed cards could not be read; the card was left where it is',
  changed: 'the device at {device} is not the one that was set up; check the hardware in Switchyard',
  absent: 'there is no device at {device} any more; check the hardware in Switchyard',
  'with-vm': 'another virtual machine ({vm}) has the card; shut it down first',
  moving: 'it is not known who has the card; look at it in Switchyard',
  stuck: 'a driver still hangs since an earlier hand-over; restart the computer first',
  held: 'the card is in use by {holders}; close it, then start the virtual machine again',
  'not-searched': 'not every program could be searched for users of the card; the card was left where it is',
  'no-group': '{device} has no IOMMU group; the IOMMU is off',
  group: '{device} is in the same IOMMU group and in use by {driver}',
  'known-bad': '{driver} {version} is known to hang when a card is taken from it; use another version, or set the card up as dedicated',
  'one-driver-two-cards': 'another card uses {driver} too; set this card up as dedicated',
  'boot-only': '{driver} gives a card up only at boot; set it up as dedicated',
  'last-screen': 'the card shows the only picture of this computer',
  'old-framebuffer': 'this kernel keeps the boot picture of {device}; it needs Linux 6.0 or later',
  'firmware-picture': 'no driver draws on {device}, only the firmware\'s picture, which would not come back',
  'no-reset': '{device} cannot be reset without {other}, which stays behind',
  'virtual-functions': '{device} is shared out as virtual functions; give these up first',
  manager: 'it is not known how to stop and start the log-in screen of this computer',
  busy: 'another change is under way on this computer; try again when it has ended',
};

const troubles: Readonly<Record<HandTrouble, string>> = {
  refused: 'the kernel refused to move {device}',
  stuck: 'a driver hangs while {device} moves and cannot be ended; save your work and restart the computer',
  half: 'a program it needs failed while {device} moved',
  lied: '{device} did not move although the kernel said so',
  program: 'a program it needs is not installed',
  thrown: 'Switchyard itself failed',
  'vm-runs': 'somebody still uses {device}',
  journal: 'nothing could be written down (is the disk full?)',
};

const states = { home: 'everything is as it was before', adrift: 'NOT everything came back ({left}); Switchyard tries again by itself', stuck: 'the computer must be restarted', waiting: 'it is tried again by itself' } as const;
type State = keyof typeof states;

const isRefusal = (why: string): why is HandRefusal => Object.hasOwn(refusals, why);
const isTrouble = (why: string): why is HandTrouble => Object.hasOwn(troubles, why);
const isState = (end: string): end is State => Object.hasOwn(states, end);

/** One line about a round that did not do what it should; at most 400 characters, printable ASCII alone. */
export function consoleLine(ended: { readonly end: string; readonly why: string | null; readonly detail: Detail; readonly holders: readonly CardHolder[] }): string {
  const { why, end } = ended;
  const named = ended.holders.slice(0, 4).map((one) => (one.pid === null ? one.name : `${one.name} (${one.pid})`));
  const detail: Detail = { ...ended.detail, holders: [...named, ...(ended.holders.length > 4 ? ['and others'] : [])].join(', ') };
  const sentence = why === null ? '' : end === 'refused' && isRefusal(why) ? refusals[why] : isTrouble(why) ? troubles[why] : isRefusal(why) ? refusals[why] : why;
  const state = isState(end) ? `; ${states[end]}` : '';
  const full = `Switchyard [${end}/${why ?? '-'}]: ${sentence}${state}.`.replaceAll(/\{([a-z]{1,16})\}/g, (_whole, key: string) => detail[key] || '-');
  return full.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 400);
}

/** The refusal that stands for a problem that came before a round began. */
export function refusalOf(code: string, why: string | undefined): HandRefusal {
  if (code === 'busy') return 'busy';
  return why === 'table' ? 'table' : 'xml';
}
