// SPDX-License-Identifier: GPL-3.0-or-later
import type { TrialCheck } from '../../../contract/trial';
import { consoleLines, countdownLine } from '../../../core/trial/console';
import { loginMessagePath } from '../../../core/trial/places';
import { good, holds, same } from '../expect';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';
import { changed, drivers, heard, isOldBlocks, notInTrial } from './apply';
import { aloneCard, dedicate } from './cards';
import { shown } from './start';

interface Status {
  readonly at: string;
  readonly transaction: string | null;
  readonly check: TrialCheck | null;
}

/** What `switchyard status` and `switchyard history` read of root's store, as an ordinary user; the window reads the same. */
export const statusOf = async (host: Host): Promise<Status> => JSON.parse(await host.switchyard('status --json')) as Status;
export interface Entry {
  readonly transaction: string;
  readonly intent: string;
  readonly outcome: string;
  readonly mayUndo: boolean;
}
export const historyOf = async (host: Host): Promise<readonly Entry[]> => (JSON.parse(await host.switchyard('history --json')) as { entries: Entry[] }).entries;

/** A script of initramfs-tools that lies in the image of the trial, and panics there: in the hands of the kernel nothing else has run yet. */
const panics = `#!/bin/sh
[ "$1" = prereqs ] && exit 0
read -r line < /proc/cmdline
case "$line" in *switchyard.trial=*) echo c > /proc/sysrq-trigger ;; esac
exit 0
`;
/** Takes the card from vfio-pci in a trial, as another program of the machine might. */
const steals = (addresses: readonly string[]): string => `[Unit]
ConditionKernelCommandLine=switchyard.trial
Before=switchyard-trial-guard.service
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for one in ${addresses.join(' ')}; do echo $one > /sys/bus/pci/drivers/vfio-pci/unbind; done'
[Install]
WantedBy=sysinit.target
`;

export const trialScenarios: readonly Scenario[] = [
  {
    name: 'a trial that panics is followed, after the power is switched off and on, by the old start, which tells that it was undone',
    on: 'intel-one-card',
    budget: 180,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      await host.sh('cat > /etc/initramfs-tools/scripts/init-top/lab && chmod 755 /etc/initramfs-tools/scripts/init-top/lab', { input: panics });
      const before = await host.digests();
      const { transaction } = good(await host.apply(dedicate(card)), 'apply');
      same((await statusOf(host)).at, 'waiting-for-restart', 'the trial waits for the restart');
      const panicked = shown(host, /Kernel panic - not syncing: sysrq/);
      await host.guest.ssh('systemctl reboot', { limit: 30_000 });
      await panicked;
      await host.guest.reset();
      await host.guest.waitForLogin();
      await notInTrial(host);
      same(await drivers(host, card), card.map((one) => one.driver), 'its own drivers have it');
      same(await statusOf(host).then(({ at, check }) => [at, check]), ['nothing', null], 'nothing waits any more');
      same((await historyOf(host)).map((entry) => [entry.transaction, entry.intent, entry.outcome, entry.mayUndo]), [[transaction, 'dedicate', 'undone', false]], 'the timeline tells that it was undone');
      same(changed(before, await host.digests()).filter((file) => !isOldBlocks(file)), [], 'every file of /etc and /boot is as before');
    },
  },
  {
    name: 'a trial whose card is not with vfio-pci does not pass, says so and counts down, and going back leads to the old start',
    on: 'intel-one-card',
    budget: 300,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      await host.sh('cat > /etc/systemd/system/lab-steals.service && systemctl -q enable lab-steals.service', { input: steals(card.map((one) => one.address)) });
      const before = await host.digests();
      const { transaction } = good(await host.apply(dedicate(card)), 'apply');
      await host.restart();
      holds((await host.commandLine()).includes(`switchyard.trial=${String(transaction)}`), 'the trial entry started');
      await heard(host, countdownLine(10));
      const { at, check } = await statusOf(host);
      same([at, check?.verdict], ['trial-running', 'failed'], 'the self check failed');
      same(check?.findings.filter(({ code }) => code === 'not-bound').map(({ detail }) => detail['device']), card.map((one) => one.address), 'because of every function of the card');
      holds(check?.until !== null, 'and there is a clock');
      holds((await host.sh(`cat ${loginMessagePath}`)).includes(consoleLines.failed), 'whoever logs in is told');
      const gone = good(await host.goBack(), 'going back');
      same([gone.transaction, gone.restart], [transaction, true], 'it is true from the next start on');
      await heard(host, consoleLines.answered);
      await host.restart();
      await notInTrial(host);
      same(await drivers(host, card), card.map((one) => one.driver), 'its own drivers have it');
      same((await historyOf(host)).map((entry) => entry.outcome), ['undone'], 'the timeline tells that it was undone');
      same(changed(before, await host.digests()).filter((file) => !isOldBlocks(file)), [], 'every file of /etc and /boot is as before');
    },
  },
];
