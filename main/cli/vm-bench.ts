// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { failed, ok, type Result } from '../../contract/problem';
import { machineId } from '../../contract/target';
import { packageVersion } from '../../contract/version';
import type { VmEntry } from '../../contract/vm-life';
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';
import { openNews, type News } from '../dispatch';
import { handsHere } from '../hands-here';
import { helperPlace } from '../helper-client';
import { openRuns } from '../runs';
import type { Hands } from '../target';
import { openChanges, type Changes, type VmBench } from '../vm/changes';

/** VMs as the command line changes them: of this computer, or of a machine of memory that ends with the command. */
export interface CliBench {
  readonly bench: VmBench;
  readonly changes: Changes;
  readonly news: News;
  readonly facts: HostFacts;
}

/** `recorded`: the machine of a file, rehearsed; null: this computer. */
export async function benchFor(recorded: HostFacts | null): Promise<CliBench> {
  const hands: Hands = recorded === null ? handsHere(liveMachine(), helperPlace(packageVersion)) : await rehearsed(recorded);
  const news = openNews();
  const changes = openChanges(news, openRuns(news, Date.now), Date.now);
  const bench: VmBench = { machine: machineId.parse(recorded === null ? 'this' : 'rehearsal-1'), hands, side: hands.vmSide() };
  return { bench, changes, news, facts: probe(hands.eyes()) };
}

async function rehearsed(facts: HostFacts): Promise<Hands> {
  const [{ openRehearsal }, { handsOfRehearsal }] = await Promise.all([import('../../rehearsal/machine'), import('../hands-rehearsal')]);
  return handsOfRehearsal(openRehearsal(facts, {}, null));
}

/** A VM by its name or uuid. */
export async function vmNamed({ bench }: CliBench, word: string): Promise<Result<VmEntry>> {
  const all = await bench.side.libvirt.list();
  if (!all.ok) return all;
  const found = all.value.find((one) => one.uuid === word || one.known?.name === word);
  return found === undefined ? failed('refused', { why: 'vm-missing' }) : ok(found);
}
