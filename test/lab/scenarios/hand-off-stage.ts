// SPDX-License-Identifier: GPL-3.0-or-later
import { handStatus, type HandRecord, type HandStatus } from '../../../contract/hand-off';
import type { PciFunction } from '../../../contract/pci';
import type { Intent } from '../../../contract/plan';
import { handJournalPath, handStatusPath } from '../../../helper/hand-off/journal';
import { timerPlace } from '../../../host/hand-off/truth';
import { pause, type Ran } from '../command';
import { good, holds, same } from '../expect';
import { defineVm } from '../guest-vm';
import { helperPath } from '../host';
import type { Host } from '../lab';
import { aloneCard } from './cards';
import { identityOf } from '../../../core/plan/device-set';

/** A machine whose card is set up on demand, and one VM of libvirt that has it. */
export interface HandStage {
  readonly host: Host;
  readonly card: readonly PciFunction[];
  /** The VM's UUID, and the transaction that set the card up. */
  readonly vm: string;
  readonly transaction: string;
  /** `virsh start`, as a person at a shell or virt-manager does it; it is not expected to succeed. */
  start(): Promise<Ran>;
  /** Pulls the VM's plug and waits until libvirt's hooks are through. */
  stop(): Promise<void>;
  status(): Promise<HandStatus>;
  journal(): Promise<readonly HandRecord[]>;
  /** Everything of the card that must be as before when it is home: drivers, overrides, power, our timer. */
  portrait(): Promise<string>;
  /** Whether every function is on vfio-pci. */
  given(): Promise<boolean>;
  /** What the kernel denied libvirt's daemon. */
  denied(): Promise<string>;
}

export const vmName = 'guest';

type Wish = (devices: ReturnType<typeof identityOf>[]) => Intent;
const onDemand: Wish = (devices) => ({ kind: 'on-demand', devices });

/** Sets the card up, on demand unless another way is wished for, through a plan and the root helper, and defines the VM. */
export async function handStage(host: Host, choose: (facts: Awaited<ReturnType<Host['facts']>>) => readonly PciFunction[] = aloneCard, wish: Wish = onDemand): Promise<HandStage> {
  const card = choose(await host.facts());
  const { transaction } = good(await host.apply(wish(card.map(identityOf))), 'the set-up');
  if (transaction === null) throw new Error('it was set up already');
  // libvirt looks for hooks when its daemon starts (host fact 6.5).
  await host.sh('systemctl restart libvirtd', { limit: 240_000 });
  await host.sh(defineVm(vmName, card, { managed: 'no' }));
  const vm = (await host.sh(`virsh -q domuuid ${vmName}`)).trim();
  return stageOf(host, { card, vm, transaction });
}

/** The same of a machine that is set up already. */
export function stageOf(host: Host, { card, vm, transaction }: Pick<HandStage, 'card' | 'vm' | 'transaction'>): HandStage {
  const look = card.map(({ address }) => `echo ${address} $(basename $(readlink /sys/bus/pci/devices/${address}/driver || echo none)) $(cat /sys/bus/pci/devices/${address}/driver_override) $(cat /sys/bus/pci/devices/${address}/power/control)`);
  return {
    host,
    card,
    vm,
    transaction,
    start: () => host.guest.ssh(`virsh -q start ${vmName}`, { limit: 400_000 }),
    stop: async () => {
      await host.sh(`virsh -q destroy ${vmName}`, { limit: 400_000 });
    },
    status: async () => handStatus.parse(JSON.parse(await host.sh(`cat ${handStatusPath(vm)}`, {}))),
    journal: async () => (await host.sh(`cat ${handJournalPath(vm)}`)).trim().split('\n').map((line) => JSON.parse(line) as HandRecord),
    portrait: () => host.sh([...look, `ls ${timerPlace} 2> /dev/null`, 'true'].join('; ')),
    given: async () => (await host.sh(look.join('; '))).trim().split('\n').every((line) => line.split(' ')[1] === 'vfio-pci'),
    denied: () => host.sh(`journalctl -b -k --no-pager -o cat | grep 'apparmor="DENIED"' | grep 'profile="libvirtd' || true`),
  };
}

/** The round that a journal tells last, as one line for people. */
export function timesOf({ way, end, phases }: HandStatus): string {
  return `${way} ${end ?? 'goes on'}: ${phases.map(({ phase, took }) => `${phase} ${Math.round(took)}`).join(', ')} ms`;
}

/** The card is with the host, exactly as before, and everybody may read that it is. */
export async function atHome(stage: HandStage, before: string): Promise<void> {
  same(await stage.portrait(), before, 'drivers, overrides, power and timer are as before');
  const { end, way } = await stage.status();
  holds(end === 'home' || end === 'refused', `the last round ended ${end ?? 'not at all'} (${way})`);
}

/** The shipped helper brings home whatever is out, as its timer does. */
export const takeBackNow = (host: Host): Promise<Ran> => host.guest.ssh(`${helperPath} take-back`, { limit: 400_000 });

/** Puts a function of the card, the one that draws unless another is named, on the lab's awkward driver, as the driver it has on this host. */
export async function awkwardOn({ host, card }: HandStage, which = 0): Promise<void> {
  const address = card[which]?.address ?? '';
  await host.sh(`modprobe awkward; cd /sys/bus/pci/devices/${address}; echo awkward > driver_override; if [ -e driver ]; then echo ${address} > driver/unbind; fi; echo ${address} > /sys/bus/pci/drivers_probe; [ "$(basename $(readlink driver))" = awkward ]`);
}

/** What its next bind or unbind is to be. */
export const trouble = (host: Host, word: 'none' | 'refuse' | 'late' | 'slow' | 'hang'): Promise<string> => host.sh(`echo ${word} > /sys/module/awkward/parameters/trouble`);

/** A program that has the control node of the card's sound open, as sound servers do; its process number. */
export async function holdSound({ host, card }: HandStage): Promise<number> {
  const sound = card.find((one) => one.class === '0403');
  if (sound === undefined) throw new Error('this card has no sound');
  const said = await host.sh(`n=$(ls /sys/bus/pci/devices/${sound.address}/sound | sed -n 's/^card//p'); setsid sleep 3600 9< /dev/snd/controlC$n > /dev/null 2>&1 < /dev/null & sleep 1; pidof sleep`);
  return Number(said.trim().split(/\s/)[0]);
}

/** Waits until something is so, or fails with what it was. */
export async function until(what: string, is: () => Promise<boolean>, limit = 180_000): Promise<void> {
  const end = Date.now() + limit;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await pause(500);
  }
}
