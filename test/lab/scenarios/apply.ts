// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../../contract/pci';
import type { PlanHash } from '../../../contract/plan';
import { consoleLines } from '../../../core/trial/console';
import { pause } from '../command';
import { good, holds, refused, same } from '../expect';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';
import { aloneCard, dedicate, standIns } from './cards';

/** Files that differ, but for what a running system writes by itself. */
export function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const own = /^\/etc\/(mtab|resolv\.conf|adjtime|machine-id|libvirt\/.*|\.pwd\.lock|\.updated)$/;
  return [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file) && !own.test(file));
}

/** Second names that keep old files' blocks for the loader until the next good start: docs/decisions/0040. */
export const isOldBlocks = (file: string): boolean => /^\/boot\/.*\.switchyard-old\d+$/.test(file);

/** The drivers of these functions now. */
export async function drivers(host: Host, functions: readonly PciFunction[]): Promise<readonly (string | null)[]> {
  const now = await host.facts();
  return functions.map((one) => now.pci.functions.find((two) => two.address === one.address)?.driver ?? null);
}

/** Applies *dedicated* to a card and restarts into the trial. */
export async function tried(host: Host, card: readonly PciFunction[]): Promise<{ transaction: string; hash: PlanHash }> {
  const intent = dedicate(card);
  const { hash } = good(await host.plan(intent), 'the plan');
  const { transaction } = good(await host.apply(intent), 'apply');
  if (transaction === null) throw new Error('nothing was to do');
  await host.restart();
  holds((await host.commandLine()).includes(`switchyard.trial=${transaction}`), 'the trial entry started');
  same(await drivers(host, card), card.map(() => 'vfio-pci'), 'the card is on vfio-pci');
  return { transaction, hash };
}

/** Waits until the console has said something since the machine was first switched on. */
export async function heard(host: Host, words: string, limit = 900_000): Promise<void> {
  const end = Date.now() + limit;
  while (!host.guest.serial().includes(words)) {
    if (Date.now() > end) throw new Error(`the console never said: ${words}\nIt ends with\n${host.guest.serial().slice(-800)}`);
    await pause(1000);
  }
}

export const notInTrial = async (host: Host): Promise<void> => {
  holds(!(await host.commandLine()).includes('switchyard.trial='), 'this start is no trial');
};

export const applyScenarios: readonly Scenario[] = [
  {
    name: 'a dedicated card is tried, kept and undone, and /etc and /boot are as before',
    on: 'intel-one-card',
    budget: 300,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      const before = await host.digests();
      const { transaction, hash } = await tried(host, card);
      await heard(host, consoleLines.passed);
      say('the trial holds and says so on the console; keeping it');
      holds(/vfio/i.test(await host.sh('dmesg')), 'the kernel names vfio');
      good(await host.keep(transaction, hash), 'keep');
      await host.restart();
      await notInTrial(host);
      same(await drivers(host, card), card.map(() => 'vfio-pci'), 'it is kept');
      good(await host.undo(transaction), 'undo');
      await host.restart();
      same(await drivers(host, card), card.map((one) => one.driver), 'its own drivers have it again');
      same(changed(before, await host.digests()), [], 'every file of /etc and /boot is as before');
      same(await host.sh('ls /var/lib/switchyard/waiting 2> /dev/null || true'), '', 'nothing waits');
    },
  },
  {
    name: 'a trial that nobody answers is gone after the next start',
    on: 'intel-one-card',
    budget: 220,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      const before = await host.digests();
      await tried(host, card);
      await host.restart();
      await notInTrial(host);
      same(await drivers(host, card), card.map((one) => one.driver), 'its own drivers have it again');
      same(changed(before, await host.digests()).filter((file) => !isOldBlocks(file)), [], 'every file of /etc and /boot is as before');
    },
  },
  {
    name: 'of two identical cards only the chosen one is taken',
    on: 'intel-two-cards',
    budget: 160,
    play: async (lab) => {
      const host = await lab.boot('intel-two-cards');
      const [left, right] = standIns(await host.facts());
      if (left === undefined || right === undefined) throw new Error('this guest has no two cards');
      same(left.map((one) => [one.vendor, one.device]), right.map((one) => [one.vendor, one.device]), 'they are identical');
      await tried(host, right);
      same(await drivers(host, left), left.map((one) => one.driver), 'the other one keeps its drivers');
    },
  },
  {
    name: 'while a trial waits the package cannot be removed, an upgrade does not lose it, and what is kept holds for a second kernel',
    on: 'intel-one-card',
    budget: 260,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      const { transaction, hash } = await tried(host, card);
      const removal = await host.guest.ssh('dpkg -r switchyard-helper', { limit: 240_000 });
      holds(removal.code !== 0, `removing is refused: ${removal.out}${removal.err}`);
      await host.sh('dpkg -i /opt/lab/payload/switchyard.deb', { limit: 400_000 });
      good(await host.keep(transaction, hash), 'keep after an upgrade');
      say('kept; installing a second kernel');
      await host.sh('DEBIAN_FRONTEND=noninteractive dpkg -i /opt/lab/debs/linux-image-*.deb', { limit: 600_000 });
      const images = (await host.sh('ls /boot/initrd.img-*')).trim().split('\n').filter((file) => !isOldBlocks(file));
      same(images.length, 2, 'there are two images');
      for (const image of images) holds((await host.sh(`lsinitramfs ${image}`, { limit: 240_000 })).includes('scripts/init-top/00-switchyard'), `${image} binds the card early`);
      const kernels = (await host.sh("grep -c '^\\s*linux.*switchyard.bind=' /boot/grub/grub.cfg")).trim();
      holds(Number(kernels) >= 2, `both kernels get the argument: ${kernels} entries`);
      const newest = images.find((image) => image.includes('cloud'))?.replace('/boot/initrd.img-', '') ?? '';
      await host.sh(`apt-mark hold linux-image-${newest} > /dev/null; update-grub 2> /dev/null`, { limit: 300_000 });
      await host.restart();
      same(await drivers(host, card), card.map(() => 'vfio-pci'), `it is kept by whichever kernel starts (${(await host.sh('uname -r')).trim()})`);
    },
  },
  {
    name: 'a trial in which the network does not come up counts down and goes back by itself',
    on: 'intel-one-card',
    budget: 900,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      const before = await host.digests();
      const boot = await host.bootId();
      const { transaction } = good(await host.apply(dedicate(card)), 'apply');
      holds(transaction !== null, 'something was to do');
      await host.sh("mkdir -p /run/lab /etc/systemd/system/systemd-networkd.service.d && printf '[Unit]\\nConditionKernelCommandLine=!switchyard.trial\\n' > /etc/systemd/system/systemd-networkd.service.d/lab.conf && sync");
      say('applied; the trial will have no network');
      await host.guest.ssh('systemctl reboot', { limit: 30_000 });
      // Boot, ten minutes for an answer that nobody gives, and boot again; on a busy computer the clock of the scenario is the stricter one.
      await host.waitForStartAfter(boot, 3_600_000);
      await notInTrial(host);
      const story = host.guest.serial();
      say(`the console: ${story.split('\n').filter((line) => /switchyard\[/.test(line)).join(' | ').slice(0, 600)}`);
      holds(story.includes('this trial start failed its checks') && story.includes(consoleLines['time-up']), 'the guard of the trial counted down on the console, and went back');
      same(await drivers(host, card), card.map((one) => one.driver), 'its own drivers have it again');
      await host.sh('rm -r /etc/systemd/system/systemd-networkd.service.d');
      same(changed(before, await host.digests()).filter((file) => !isOldBlocks(file)), [], 'every file of /etc and /boot is as before');
    },
  },
  {
    name: 'an intent for a card that is not there is refused and writes nothing',
    on: 'intel-one-card',
    budget: 30,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const before = await host.digests();
      const gone = dedicate(aloneCard(await host.facts()).map((one) => ({ ...one, device: 'beef' })));
      const problem = refused(await host.plan(gone), 'another card at this address');
      same([problem.code, problem.detail['why']], ['precondition-failed', 'device-changed'], 'the code, and why');
      same(changed(before, await host.digests()), [], 'nothing was written');
    },
  },
];
