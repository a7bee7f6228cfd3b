// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FullResult, Reporter, TestCase } from 'playwright/types/testReporter';

/** The committed list: what nobody saw work here. It may only change in a commit. */
const list = path.join(import.meta.dirname, 'not-tested.txt');

/** Prints what was skipped and why, last, and fails a whole run whose list is not the committed one. */
export default class NotTested implements Reporter {
  private readonly skipped = new Map<string, string>();
  private partial = false;
  private withoutElectron = false;
  onBegin(): void {
    // A run of chosen files or names says nothing about the rest.
    this.partial = process.argv.slice(2).some((word) => word !== 'test' && word !== '--reporter');
  }
  onTestEnd(test: TestCase): void {
    if (test.outcome() !== 'skipped') return;
    const why = test.annotations.map((one) => one.description ?? one.type).join('; ');
    if (why.includes('no Electron binary')) this.withoutElectron = true;
    this.skipped.set(test.titlePath().slice(1).filter((part) => part !== '').join(' > '), why);
  }
  onEnd(): Promise<{ status?: FullResult['status'] } | undefined> {
    const lines = [...this.skipped].map(([title, why]) => `NOT TESTED: ${title} - ${why}`);
    for (const line of lines) console.log(line);
    if (this.partial) return Promise.resolve(undefined);
    const known = readFileSync(list, 'utf8').split('\n').filter((line) => line.startsWith('NOT TESTED'));
    const added = lines.filter((line) => !known.includes(line));
    // With Electron here fewer lines are right; without it, exactly these.
    const lost = this.withoutElectron ? known.filter((line) => !lines.includes(line)) : [];
    for (const line of added) console.log(`Not in ${path.relative('.', list)}: ${line}`);
    for (const line of lost) console.log(`Only in ${path.relative('.', list)}: ${line}`);
    if (added.length + lost.length > 0) return Promise.resolve({ status: 'failed' });
    return Promise.resolve(undefined);
  }
}
