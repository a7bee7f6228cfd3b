// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { drawDomain } from '../../core/vm/domain';
import { hostWith, versions } from '../core/vm/hosts';
import { matrix } from '../core/vm/recipes';

/** Schemas of libvirts of other releases, fetched by test/vm/fetch-schemas.sh; the machine's own is there with libvirt. */
const fetched = join(import.meta.dirname, '../../.cache/vm-schemas');
const folders = new Map<string, string>();
for (const version of existsSync(fetched) ? readdirSync(fetched) : []) folders.set(version, join(fetched, version));
const own = /^libvirt0?\S* (\d+\.\d+\.\d+)/.exec(spawnSync('dpkg-query', ['-W', '-f', 'libvirt0 ${Version}', 'libvirt0'], { encoding: 'utf8' }).stdout)?.[1];
if (own !== undefined && existsSync('/usr/share/libvirt/schemas/domain.rng')) folders.set(own, '/usr/share/libvirt/schemas');
const lint = spawnSync('xmllint', ['--version']).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'switchyard-schemas-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** Files of every system in every mode as drawn for a pair of versions. */
function drawnFor(libvirt: string, qemu: string): string[] {
  return matrix.map(([, recipe], at) => {
    const drawn = drawDomain(recipe, hostWith(libvirt, qemu));
    if (!drawn.ok) throw new Error(JSON.stringify(drawn.problem));
    const file = join(folder, `${libvirt}-${at}.xml`);
    writeFileSync(file, drawn.value.xml);
    return file;
  });
}
const invalid = (schemas: string, files: readonly string[]): string[] =>
  spawnSync('xmllint', ['--noout', '--relaxng', join(schemas, 'domain.rng'), ...files], { encoding: 'utf8', maxBuffer: 2 ** 26 }).stderr.split('\n').filter((line) => line.endsWith(' fails to validate'));
const before = (a: string, b: string): boolean => a.localeCompare(b, 'en', { numeric: true }) <= 0;

const missing = versions.filter(([libvirt]) => !folders.has(libvirt)).map(([libvirt]) => libvirt);
if (missing.length > 0 || !lint) console.log(`NOT RUN: domains against the schemas of libvirt ${lint ? missing.join(', ') : 'any version, because xmllint is not here'}`);

describe.skipIf(!lint || folders.size === 0)('the schemas of libvirt', () => {
  const pairs = [...folders].flatMap(([schema, at]) => versions.filter(([libvirt]) => before(libvirt, schema)).map(([libvirt, qemu]) => [libvirt, qemu, schema, at] as const));

  test.each(pairs)('what is drawn for libvirt %s with QEMU %s is valid for libvirt %s', (libvirt, qemu, _schema, at) => {
    expect(invalid(at, drawnFor(libvirt, qemu))).toEqual([]);
  });

  test.skipIf(own === undefined || !before(own, '10.0.0'))('what is drawn for a newer libvirt would not do for an older one: the gates are needed', () => {
    expect(invalid('/usr/share/libvirt/schemas', drawnFor('11.3.0', '10.0.13')).length).toBeGreaterThan(10);
  });
});
