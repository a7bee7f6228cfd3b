// SPDX-License-Identifier: GPL-3.0-or-later
import { join } from 'node:path';
import { createBuilder } from 'vite';

const root = join(import.meta.dirname, '../..');

/** Builds the shipped helper alone, with the house's own configuration, into a folder of root's inside the tree (the guard refuses /tmp). */
export async function buildHelper(name: string): Promise<string> {
  const outDir = join(root, '.cache', name);
  const builder = await createBuilder({ configFile: join(root, 'vite.config.ts'), logLevel: 'error', environments: { helper: { build: { outDir, emptyOutDir: true } } } });
  const helper = builder.environments['helper'];
  if (helper === undefined) throw new Error('no helper environment');
  await builder.build(helper);
  return join(outDir, 'helper.cjs');
}
