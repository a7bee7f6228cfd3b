// SPDX-License-Identifier: GPL-3.0-or-later
/** One deliberate violation: a file that must be refused, and the rule that must refuse it. */
export interface Violation {
  readonly file: string;
  readonly source: string;
  readonly rule: string;
}

export const lintViolations: readonly Violation[] = [
  { file: 'contract/planted-1.ts', source: "import { say } from '../words/say';\nexport const x = say;", rule: 'no-restricted-paths' },
  { file: 'contract/planted-2.ts', source: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;", rule: 'no-restricted-imports' },
  { file: 'core/planted-1.ts', source: "import type { Machine } from '../host/machine';\nexport type X = Machine;", rule: 'no-restricted-paths' },
  { file: 'core/planted-2.ts', source: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;", rule: 'no-restricted-imports' },
  { file: 'core/planted-3.ts', source: "import { z } from 'zod';\nexport const x = z;", rule: 'no-restricted-imports' },
  { file: 'core/planted-4.ts', source: 'export const x = Date.now();', rule: 'no-restricted-properties' },
  { file: 'core/planted-5.ts', source: 'export const x = new Date();', rule: 'no-restricted-syntax' },
  { file: 'core/planted-6.ts', source: 'export const x = Math.random();', rule: 'no-restricted-properties' },
  { file: 'core/planted-7.ts', source: 'export async function x(): Promise<void> { await Promise.resolve(); }', rule: 'no-restricted-syntax' },
  { file: 'core/planted-8.ts', source: 'export const x = () => fetch;', rule: 'no-restricted-globals' },
  { file: 'core/planted-9.ts', source: 'export function f(a: number, b: number, c: number, d: number, e: number): number { return a + b + c + d + e; }', rule: 'max-params' },
  { file: 'host/planted-1.ts', source: "import { writeFile } from 'node:fs/promises';\nexport const x = writeFile;", rule: 'no-restricted-syntax' },
  { file: 'host/planted-2.ts', source: "import * as fs from 'node:fs';\nexport const x = fs;", rule: 'no-restricted-syntax' },
  { file: 'host/planted-3.ts', source: "import { spawn } from 'node:child_process';\nexport const x = spawn;", rule: 'no-restricted-imports' },
  { file: 'helper/planted-1.ts', source: "import { say } from '../words/say';\nexport const x = say;", rule: 'no-restricted-paths' },
  { file: 'helper/planted-2.ts', source: "import { app } from 'electron';\nexport const x = app;", rule: 'no-restricted-imports' },
  { file: 'helper/planted-3.ts', source: "import { exec } from 'node:child_process';\nexport const x = exec;", rule: 'no-restricted-imports' },
  { file: 'helper/planted-4.ts', source: "import { writeFileSync } from 'node:fs';\nexport const x = writeFileSync;", rule: 'no-restricted-syntax' },
  { file: 'rehearsal/planted-1.ts', source: "import { say } from '../words/say';\nexport const x = say;", rule: 'no-restricted-paths' },
  { file: 'words/planted-1.ts', source: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;", rule: 'no-restricted-imports' },
  { file: 'main/planted-1.ts', source: "import type { Hands } from '../helper/hands';\nexport type X = Hands;", rule: 'no-restricted-paths' },
  { file: 'main/planted-2.ts', source: "import { ipcMain } from 'electron';\nexport const x = ipcMain;", rule: 'no-restricted-syntax' },
  { file: 'main/planted-3.ts', source: "export const x = JSON.parse('1') as { a: string };", rule: 'no-unsafe-type-assertion' },
  { file: 'main/planted-4.ts', source: "import { x as y } from '../test/rooms/planted';\nexport const x = y;", rule: 'no-restricted-paths' },
  { file: 'main/planted-5.ts', source: "export const x: string = ({ a: '' } as { a?: string }).a!;", rule: 'no-non-null-assertion' },
  { file: 'preload/planted-1.ts', source: "import { failed } from '../contract/problem';\nexport const x = failed;", rule: 'no-restricted-imports' },
  { file: 'preload/planted-2.ts', source: "import { say } from '../words/say';\nexport const x = say;", rule: 'no-restricted-paths' },
  { file: 'preload/planted-3.ts', source: 'export const x = process.env;', rule: 'no-restricted-globals' },
  { file: 'renderer/planted-1.ts', source: "import { exits } from '../main/cli/io';\nexport const x = exits;", rule: 'no-restricted-paths' },
  { file: 'renderer/planted-2.ts', source: "import { ipcRenderer } from 'electron';\nexport const x = ipcRenderer;", rule: 'no-restricted-imports' },
  { file: 'renderer/planted-3.ts', source: "import { pciAddress } from '../contract/pci';\nexport const x = pciAddress;", rule: 'no-restricted-imports' },
  { file: 'renderer/Planted4.svelte', source: "<script lang=\"ts\">\n  import { readFileSync } from 'node:fs';\n  const x = readFileSync;\n</script>\n<p>{typeof x}</p>", rule: 'no-restricted-imports' },
  { file: 'renderer/Planted5.svelte', source: "<script lang=\"ts\">\n  const x = '<b>hi</b>';\n</script>\n{@html x}", rule: 'no-at-html-tags' },
];

/** What only a room's own compiler can see: a global that does not exist there. */
export const typeViolations: readonly { readonly room: string; readonly source: string; readonly error: RegExp }[] = [
  { room: 'contract', source: 'export const x = document.title;', error: /Cannot find name 'document'/ },
  { room: 'core', source: 'export const x = process.env;', error: /Cannot find name 'process'/ },
  { room: 'core', source: 'export const x = [2, 1].toReversed();', error: /toReversed/ },
  { room: 'host', source: 'export const x = document.title;', error: /Cannot find name 'document'/ },
  { room: 'helper', source: 'export const x = [2, 1].toSorted();', error: /toSorted/ },
  { room: 'words', source: 'export const x = process.env;', error: /Cannot find name 'process'/ },
  { room: 'renderer', source: 'export const x = process.env;', error: /Cannot find name 'process'/ },
];
