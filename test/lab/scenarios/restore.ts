// SPDX-License-Identifier: GPL-3.0-or-later
import type { DriftReport } from '../../../contract/point';
import { good, holds, same } from '../expect';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';
import { changed, drivers, isOldBlocks, tried } from './apply';
import { aloneCard } from './cards';
import { historyOf } from './trial';

/** What `switchyard check` tells an ordinary user, and how it ends: 1 when something changed. */
async function checked(host: Host): Promise<{ readonly code: number | null; readonly report: DriftReport }> {
  const { code, out } = await host.guest.ssh('switchyard check --json', { as: 'tester' });
  return { code, report: JSON.parse(out) as DriftReport };
}

/** The line that `switchyard check` offers as the way back to what was kept. */
function repairLine({ repair }: DriftReport): string {
  if (repair?.kind !== 'restore') throw new Error(`there is no repair: ${JSON.stringify(repair)}`);
  return `switchyard restore ${repair.to.transaction}:${repair.to.side}${repair.choices.map(({ place, take }) => ` --take ${place}=${take}`).join('')} --yes`;
}

const dropIn = '/etc/default/grub.d/60-switchyard.cfg';
const work = { limit: 600_000 } as const;

export const restoreScenarios: readonly Scenario[] = [
  {
    name: 'somebody’s edit of what was kept is seen and repaired, and an earlier point is led back to',
    on: 'intel-one-card',
    budget: 300,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      const before = await host.digests();
      await host.sh("switchyard point --reason 'before the card'", work);
      const [point] = await historyOf(host);
      same(point?.intent, 'point', 'the point is in the timeline');
      const { transaction, hash } = await tried(host, card);
      good(await host.keep(transaction, hash), 'keep');
      await host.restart();
      same(await checked(host).then(({ code, report }) => [code, report.state, report.transaction]), [0, 'holds', transaction], 'what was kept holds');

      await host.sh(`printf '# by hand\\n' >> ${dropIn}`);
      const { code, report } = await checked(host);
      same([code, report.state], [1, 'changed'], 'it is told that something changed');
      same(report.steps.filter(({ at }) => at === 'changed').map(({ path, why }) => [path, why?.code]), [[dropIn, 'drift.edited']], 'namely this file, and that somebody edited it');
      // A file of the start is tried first, also when it is put back.
      await host.sh(repairLine(report), work);
      await host.restart();
      await host.sh('switchyard keep', work);
      same(await checked(host).then((now) => [now.code, now.report.state]), [0, 'holds'], 'after the repair what was kept holds');
      say('repaired; leading back to the point');

      const shown = await host.sh(`switchyard restore ${point?.transaction ?? ''}`, work);
      holds(shown.includes('--yes'), 'it is shown first');
      await host.sh(`switchyard restore ${point?.transaction ?? ''} --yes`, work);
      await host.restart();
      holds(!(await host.commandLine()).includes('switchyard.'), 'the start names nothing of ours');
      same(await drivers(host, card), card.map((one) => one.driver), 'its own drivers have it again');
      same(changed(before, await host.digests()).filter((file) => !isOldBlocks(file)), [], 'every file of /etc and /boot is as before');
      same((await historyOf(host)).map((entry) => [entry.intent, entry.outcome]), [['restore', 'kept'], ['restore', 'kept'], ['dedicate', 'kept'], ['point', 'kept']], 'the timeline tells all of it');
    },
  },
];
