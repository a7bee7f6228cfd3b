// SPDX-License-Identifier: GPL-3.0-or-later
import { pause } from '../command';
import { holds, same } from '../expect';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';

/** Adds an entry with this word on its command line to custom.cfg. */
async function addEntry(host: Host, word: string): Promise<void> {
  await host.sh(
    `set -e; k=$(uname -r); printf '%s\\n' "menuentry trial --id lab-trial {" "search --no-floppy --label labroot --set=root" ` +
      `"linux /boot/vmlinuz-$k root=LABEL=labroot ro console=ttyS0,115200 net.ifnames=0 intel_iommu=on mitigations=off no_timer_check ${word}" "initrd /boot/initrd.img-$k" "}" > /boot/grub/custom.cfg; sync`,
  );
}

/** Chooses it for one start. */
async function oneShot(host: Host, word: string): Promise<void> {
  await addEntry(host, word);
  await host.sh('grub-editenv - set next_entry=lab-trial; sync');
}

/** Waits until the serial line shows something new that matches. */
export async function shown(host: Host, pattern: RegExp, limit = 300_000): Promise<void> {
  const from = host.guest.serial().length;
  const end = Date.now() + limit;
  while (!pattern.test(host.guest.serial().slice(from))) {
    if (Date.now() > end) throw new Error(`the serial line never showed ${String(pattern)}; it ends with\n${host.guest.serial().slice(-800)}`);
    await pause(500);
  }
}

const nothingChosen = async (host: Host): Promise<void> => {
  same((await host.sh('grub-editenv - list | grep next_entry || true')).trim().replace('next_entry=', ''), '', 'nothing is chosen for the next start any more');
};

export const startScenarios: readonly Scenario[] = [
  {
    name: 'a one-shot entry starts once, and the next start is the old one',
    on: 'intel-one-card',
    budget: 120,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await oneShot(host, 'lab.once=1');
      await host.restart();
      holds((await host.commandLine()).includes('lab.once=1'), 'the entry started');
      await nothingChosen(host);
      await host.restart();
      holds(!(await host.commandLine()).includes('lab.once=1'), 'the old entry is back');
    },
  },
  {
    name: 'a one-shot entry that panics is followed, after the power is switched off and on, by the old entry',
    on: 'intel-one-card',
    budget: 100,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await oneShot(host, 'panic=0 rdinit=/nothing init=/nothing root=LABEL=nowhere rootdelay=1');
      const panicked = shown(host, /Kernel panic - not syncing/);
      await host.guest.ssh('systemctl reboot', { limit: 30_000 });
      await panicked;
      await host.guest.reset();
      await host.guest.waitForLogin();
      holds(!(await host.commandLine()).includes('nowhere'), 'the old entry started');
      await nothingChosen(host);
    },
  },
  {
    name: 'a one-shot entry that hangs before a login is followed, after the power is switched off and on, by the old entry',
    on: 'intel-one-card',
    budget: 100,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await oneShot(host, 'break=premount panic=0 lab.hangs=1');
      const hangs = shown(host, /\(initramfs\)|Spawning shell within the initramfs/);
      await host.guest.ssh('systemctl reboot', { limit: 30_000 });
      await hangs;
      await host.guest.reset();
      await host.guest.waitForLogin();
      holds(!(await host.commandLine()).includes('lab.hangs'), 'the old entry started');
      await nothingChosen(host);
    },
  },
  {
    name: 'a person at the boot menu can choose another entry for this start',
    on: 'intel-one-card',
    budget: 120,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await addEntry(host, 'lab.chosen=1');
      await host.sh("sed -i 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=120/' /etc/default/grub && update-grub 2> /dev/null && sync", { limit: 300_000 });
      const menu = shown(host, /highlighted entry will be executed/);
      await host.guest.ssh('systemctl reboot', { limit: 30_000 });
      await menu;
      // End: the last entry, which is that of custom.cfg.
      await host.guest.type('\u001b[F');
      await pause(2000);
      await host.guest.type('\r');
      await host.guest.waitForLogin();
      holds((await host.commandLine()).includes('lab.chosen=1'), 'the chosen entry started');
    },
  },
];
