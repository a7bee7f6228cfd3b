// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostFacts } from '../../contract/facts';
import type { NodeWrite, Seen } from './operations';
import type { TopologyName } from './topology';

const folder = path.resolve(import.meta.dirname, '../fixtures/lab');

/** Node writes that were made on a real kernel, and what it answered. */
export interface Transcript {
  readonly writes: readonly NodeWrite[];
  readonly seen: readonly Seen[];
}

const file = (name: TopologyName, what: 'facts' | 'transcript'): string => path.join(folder, `${name}.${what}.json`);
const read = (at: string): unknown => (existsSync(at) ? JSON.parse(readFileSync(at, 'utf8')) : null);

/** What our probe read on a real kernel with this topology; null where it was never recorded. */
export const recordedFacts = (name: TopologyName): HostFacts | null => read(file(name, 'facts')) as HostFacts | null;
export const recordedTranscript = (name: TopologyName): Transcript | null => read(file(name, 'transcript')) as Transcript | null;

export function recordFacts(name: TopologyName, facts: HostFacts): void {
  write(file(name, 'facts'), facts);
}
export function recordTranscript(name: TopologyName, transcript: Transcript): void {
  write(file(name, 'transcript'), transcript);
}

function write(at: string, what: object): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(at, `${JSON.stringify(what, null, 1)}\n`);
}
