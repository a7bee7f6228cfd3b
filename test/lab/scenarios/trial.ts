// SPDX-License-Identifier: GPL-3.0-or-later
import type { TrialCheck } from '../../../contract/trial';
import { good, same } from '../expect';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';
import { changed, drivers, isOldBlocks, notInTrial } from './apply';
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
export const trialScenarios: readonly Scenario[] = [
  {
    name: 'a trial that panics is followed, after the power is switched off and on, by the old start, which tells that it was undone',
    on: 'intel-one-card',
    budget: 240,
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
];
