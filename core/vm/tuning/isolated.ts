// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../../contract/facts';

/** The threads of `isolcpus=`; its leading words (`nohz,domain,`) are no threads. */
export function isolatedThreads(facts: Pick<HostFacts, 'kernel'>): number[] {
  const written = (facts.kernel.args.value ?? []).find((one) => one.startsWith('isolcpus='))?.slice('isolcpus='.length) ?? '';
  return written.split(',').flatMap((part) => {
    const [, from, to] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    return from === undefined ? [] : Array.from({ length: Math.max(0, Number(to ?? from) - Number(from) + 1) }, (_, at) => Number(from) + at);
  });
}
