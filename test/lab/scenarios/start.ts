// SPDX-License-Identifier: GPL-3.0-or-later
import { pause } from '../command';
import { good, holds, same } from '../expect';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';
import { aloneCard, dedicate } from './cards';

/** Adds an entry with this word on its command line to custom.cfg and chooses it for one start. */
async function oneShot(host: Host, word: string): Promise<void> {
  await host.sh(
    `set -e; k=$(uname -r); printf '%s\\n' "menuentry trial --id lab-trial {" "search --no-floppy --label labroot --set=root" ` +
      `"linux /boot/vmlinuz-$k root=LABEL=labroot ro console=ttyS0,115200 net.ifnames=0 intel_iommu=on mitigations=off ${word}" "initrd /boot/initrd.img-$k" "}" > /boot/grub/custom.cfg; ` +
      'grub-editenv - set next_entry=lab-trial; sync',
  );
}

export const startScenarios: readonly Scenario[] = [
  {
    name: 'a one-shot entry starts once, and the next start is the old one',
    on: 'intel-one-card',
    budget: 170,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await oneShot(host, 'lab.once=1');
      await host.restart();
      holds((await host.commandLine()).includes('lab.once=1'), 'the entry started');
      await host.restart();
      holds(!(await host.commandLine()).includes('lab.once=1'), 'the old entry is back');
    },
  },
  {
    name: 'a trial entry that panics is followed, after the power is switched off and on, by the old entry',
    on: 'intel-one-card',
    budget: 170,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await oneShot(host, 'root=LABEL=nowhere panic=0 init=/nothing rdinit=/nothing');
      await host.guest.ssh('systemctl reboot', { limit: 20_000 });
      for (let tries = 0; tries < 240 && !(await panicked(host)); tries += 1) await pause(1000);
      holds(await panicked(host), 'the trial panicked');
      await host.guest.qmp('system_reset');
      await host.guest.waitForLogin(300_000);
      holds(!(await host.commandLine()).includes('nowhere'), 'the old entry started');
      same((await host.sh('grub-editenv - list | grep next_entry || true')).trim().replace('next_entry=', ''), '', 'nothing is chosen any more');
    },
  },
  {
    name: 'a dedicated card is tried, kept and undone on a real kernel, and /etc and /boot are as before',
    on: 'intel-one-card',
    budget: 620,
    play: async (lab, say) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      const before = await host.digests();
      const intent = dedicate(card);
      const plan = good(await host.plan(intent), 'the plan');
      const applied = good(await host.apply(intent), 'apply');
      const { transaction } = applied;
      if (transaction === null) throw new Error('nothing was to do');
      say('applied; restarting into the trial');
      await host.restart();
      holds((await host.commandLine()).includes('switchyard.trial='), 'the trial entry started');
      same(aloneCard(await host.facts()).map((one) => one.driver), card.map(() => 'vfio-pci'), 'the card is on vfio-pci before its own driver');
      good(await host.keep(transaction, plan.hash), 'keep');
      await host.restart();
      holds(!(await host.commandLine()).includes('switchyard.trial='), 'no trial any more');
      same(aloneCard(await host.facts()).map((one) => one.driver), card.map(() => 'vfio-pci'), 'it is kept');
      good(await host.undo(transaction), 'undo');
      await host.restart();
      same(aloneCard(await host.facts()).map((one) => one.driver), card.map((one) => one.driver), 'its own drivers have it again');
      const after = await host.digests();
      same(changed(before, after), [], 'every file of /etc and /boot is as before');
    },
  },
];

const panicked = async (host: Host): Promise<boolean> => /Kernel panic|not syncing/.test(await serial(host));

async function serial(host: Host): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return (await readFile(host.guest.serial, 'utf8')).slice(-4000);
}

/** Files that differ, but for what a running system writes by itself. */
function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const own = /^\/etc\/(mtab|resolv\.conf|adjtime|machine-id|libvirt\/.*|\.pwd\.lock)$|^\/boot\/grub\/grubenv$/;
  return [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file) && !own.test(file));
}
