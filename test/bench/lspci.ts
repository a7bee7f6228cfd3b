// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';

/** What `lspci -vvnn` says of a function, in the fields that Switchyard also tells. */
export interface Shared {
  readonly class: string;
  readonly ids: string;
  readonly name: string;
  readonly subsystem: string | null;
  readonly revision: string;
  readonly progIf: string;
  readonly driver: string | null;
  readonly node: string | null;
  readonly group: string | null;
  readonly bars: readonly string[];
  readonly link: string | null;
}

/** Runs lspci on a tree; milliseconds and what it printed. */
export function runLspci(tree: string): { readonly time: number; readonly text: string } {
  const start = performance.now();
  const done = spawnSync('lspci', ['-vvnn', '-D', '-A', 'linux-sysfs', '-O', `sysfs.path=${tree}/sys/bus/pci`], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const time = performance.now() - start;
  if (done.status !== 0) throw new Error('lspci failed; install pciutils');
  return { time, text: done.stdout };
}

export function readLspci(text: string): ReadonlyMap<string, Shared> {
  const found = new Map<string, Shared>();
  for (const block of text.trim().split('\n\n')) {
    const [, address = '', code = '', name = '', ids = '', rev, prog] =
      /^(\S+) .*? \[([0-9a-f]{4})\]: (.*) \[([0-9a-f]{4}:[0-9a-f]{4})\](?: \(rev ([0-9a-f]{2})\))?(?: \(prog-if ([0-9a-f]{2})[^\n]*\))?$/m.exec(
        block,
      ) ?? [];
    const field = (pattern: RegExp): string | null => pattern.exec(block)?.[1] ?? null;
    const width = /LnkSta:\tSpeed ([\d.]+)GT\/s(?: \(\w+\))?, Width x(\d+)/.exec(block);
    found.set(address, {
      class: code,
      ids,
      name,
      subsystem: field(/^\tSubsystem: .*\[([0-9a-f]{4}:[0-9a-f]{4})\]$/m),
      revision: rev ?? '00',
      progIf: prog ?? '00',
      driver: field(/^\tKernel driver in use: (.+)$/m),
      node: field(/^\tNUMA node: (\d+)$/m),
      group: field(/^\tIOMMU group: (\d+)$/m),
      bars: [
        ...block.matchAll(
          /^\tRegion (\d): (Memory|I\/O ports) at ([0-9a-f]+) (?:\((\d\d)-bit, (non-)?prefetchable\) )?.*\[size=(\d+[KMGT]?)\]$/gm,
        ),
      ].map(([, index, kind, start, bits, non, size]) =>
        [
          index,
          kind === 'Memory' ? 'memory' : 'io',
          start,
          kind === 'Memory' && bits === '64',
          kind === 'Memory' && non === undefined,
          bytesOf(size ?? ''),
        ].join(' '),
      ),
      link: width === null ? null : `${Number(width[1])} x${width[2]}`,
    });
  }
  return found;
}

function bytesOf(size: string): number {
  const unit = 'KMGT'.indexOf(size.at(-1) ?? '') + 1;
  return parseInt(size, 10) * 2 ** (10 * unit);
}
