// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VmRecipe } from '../../contract/vm';
import type { VmHost } from '../../contract/vm-host';
import { pciAddress } from '../../contract/pci';
import { readDomain as readHookDomain } from '../../core/hand-off/gate';
import { readDomain } from '../../core/read/virsh-domain';
import { readVmHost } from '../../core/read/virsh-host';
import { readXml } from '../../core/read/xml';
import { attributeOf, childrenOf, find } from '../../core/read/xml-find';
import { drawDomain } from '../../core/vm/domain';
import { editDomain } from '../../core/vm/edit';
import { foreign } from '../core/vm/fixtures-domains';
import { hostWith } from '../core/vm/hosts';
import { kinds, matrix, plain } from '../core/vm/recipes';
import { startLibvirtd, whyNot, type PrivateLibvirt } from './libvirtd';

const reason = whyNot();
if (reason !== null) console.log(`NOT RUN: domains defined in a real libvirtd, because ${reason}`);

const numbered = matrix.map(([name, recipe], at): readonly [string, VmRecipe] => [name, { ...recipe, name: `vm${String(at).padStart(3, '0')}`, uuid: `7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1${String(at).padStart(3, '0')}` }]);
const xmlOf = (recipe: VmRecipe, host: VmHost): string => {
  const drawn = drawDomain(recipe, host);
  if (!drawn.ok) throw new Error(`${recipe.name} ${JSON.stringify(drawn.problem)}`);
  return drawn.value.xml;
};

describe.skipIf(reason !== null)('a real libvirtd', () => {
  let libvirt: PrivateLibvirt;
  let told: VmHost;

  beforeAll(async () => {
    libvirt = await startLibvirtd();
    const virttype = libvirt.virsh('domcapabilities', '--virttype', 'kvm', '--machine', 'q35').status === 0 ? 'kvm' : 'qemu';
    const capabilities = libvirt.virsh('domcapabilities', '--virttype', virttype, '--machine', 'q35').out;
    const host = readVmHost({ version: libvirt.virsh('version', '--daemon').out, domainCapabilities: capabilities, connection: 'system', steadyClock: true, apicv: null });
    if (!host.ok) throw new Error(JSON.stringify(host.problem));
    told = host.value;
  }, 60_000);
  afterAll(() => libvirt.stop());

  test('says what it can do in words we read', () => {
    expect(told.libvirt.major).toBeGreaterThanOrEqual(8);
    expect(told.emulator).toBe('/usr/bin/qemu-system-x86_64');
    expect(told.graphics).toContain('vnc');
  });

  test('takes every system in every mode with its schema and its own checks, and takes each away again', () => {
    // What is missing on this machine (an IOMMU, KVM) refuses a start, not a definition.
    const host: VmHost = { ...told, accelerated: true, pciBackends: ['vfio'], hyperv: null, hostPassthrough: true };
    for (const [name, recipe] of numbered) {
      const type = told.accelerated ? 'kvm' : 'qemu';
      const file = libvirt.file('domain.xml', xmlOf(recipe, host).replace("<domain type='kvm'", `<domain type='${type}'`));
      const defined = libvirt.virsh('define', '--validate', file);
      expect([name, defined.status, defined.err]).toEqual([name, 0, '']);
      const undefined_ = libvirt.virsh('undefine', '--nvram', recipe.name);
      expect([name, undefined_.status, undefined_.err]).toEqual([name, 0, '']);
    }
    expect(libvirt.virsh('list', '--all', '--name').out.trim()).toBe('');
  }, 120_000);

  test('keeps what was drawn: functions in one slot, pins, our own mark', () => {
    const [, card] = kinds.find(([name]) => name === 'a card set aside at boot') ?? [];
    const drawn = plain('windows-11', card);
    const recipe: VmRecipe = { ...drawn, graphics: drawn.graphics.mode === 'passthrough' ? { ...drawn.graphics, way: 'on-demand' } : drawn.graphics, cpu: { ...drawn.cpu, apart: true } };
    const host: VmHost = { ...told, accelerated: true, pciBackends: ['vfio'], hyperv: null, hostPassthrough: true };
    libvirt.virsh('define', '--validate', libvirt.file('kept.xml', xmlOf(recipe, host)));
    const stored = readXml(libvirt.virsh('dumpxml', '--inactive', recipe.name).out);
    if (!stored.ok) throw new Error(JSON.stringify(stored.problem));
    const { root } = stored.value;
    const hostdevs = childrenOf(find(root, 'devices') ?? root, 'hostdev').map((one) => [attributeOf(find(one, 'address'), 'bus'), attributeOf(find(one, 'address'), 'function'), attributeOf(one, 'managed')]);
    expect(hostdevs.map(([, functionNumber, managed]) => [functionNumber, managed])).toEqual([['0x0', 'no'], ['0x1', 'no']]);
    expect(new Set(hostdevs.map(([bus]) => bus)).size).toBe(1);
    expect(childrenOf(find(root, 'cputune') ?? root, 'vcpupin').length).toBe(4);
    expect(attributeOf(find(root, 'metadata', 'switchyard:vm'), 'graphics')).toBe('passthrough');
    expect(readHookDomain(libvirt.virsh('dumpxml', '--inactive', recipe.name).out)).toMatchObject({ ok: true, value: { apart: recipe.cpu.pinning?.vcpus } });
    libvirt.virsh('undefine', '--nvram', recipe.name);
  });

  test('gets back a domain that another tool made, after a change, as it had stored it', () => {
    // What this libvirt would refuse of a domain from elsewhere: an element of the future, a cache it does not have, another emulator user.
    const theirs = foreign.replace(/<future-of-libvirt[^]*?<\/future-of-libvirt>/, '').replace(/<cputune>[^]*?<\/cputune>/, '').replace(/<qemu:commandline>[^]*?<\/qemu:commandline>/, '').replace('gaming &amp; more', 'gaming').replace('type="kvm"', told.accelerated ? 'type="kvm"' : 'type="qemu"');
    const define = (xml: string): string => {
      const run = libvirt.virsh('define', '--validate', libvirt.file('theirs.xml', xml));
      expect([run.status, run.err]).toEqual([0, '']);
      return libvirt.virsh('dumpxml', '--inactive', 'gaming').out;
    };
    // libvirt sorts what it added by itself only when it reads a domain again.
    const stored = define(define(theirs));
    const functions = [pciAddress.parse('0000:01:00.0'), pciAddress.parse('0000:01:00.1')];
    const given = editDomain(stored, [{ kind: 'give', functions, managed: false, rom: { kind: 'card' } }, { kind: 'pin', pinning: { vcpus: [0, 1, 2, 3, 4, 5, 6, 7], emulator: [0], io: [0], memory: null } }]);
    if (!given.ok) throw new Error(JSON.stringify(given.problem));
    const held = define(given.value);
    expect(readDomain(held)).toMatchObject({ ok: true, value: { pinned: 8, functions: [{ address: '0000:0a:00.3' }, ...functions.map((address) => ({ address, managed: false }))] } });
    const undone = editDomain(held, [{ kind: 'take-back', functions }, { kind: 'unpin' }]);
    if (!undone.ok) throw new Error(JSON.stringify(undone.problem));
    // libvirt keeps a root port it added for the card, so an edit alone gives back the same meaning; the kept text gives back the same bytes.
    expect(readDomain(define(undone.value))).toEqual(readDomain(stored));
    expect(define(stored)).toBe(stored);
    libvirt.virsh('undefine', '--nvram', 'gaming');
  });

  test('is asked with its schema, because without it an element it does not know is lost in silence', () => {
    const xml = xmlOf(plain('linux'), told).replace('</devices>', "<not-a-device/></devices>");
    const strict = libvirt.virsh('define', '--validate', libvirt.file('odd.xml', xml));
    expect(strict.status).not.toBe(0);
    expect(strict.err).toContain('failed to validate against schema');
    expect(libvirt.virsh('define', libvirt.file('odd.xml', xml)).status).toBe(0);
    expect(libvirt.virsh('dumpxml', '--inactive', 'vm-linux').out).not.toContain('not-a-device');
    libvirt.virsh('undefine', '--nvram', 'vm-linux');
  });
});

const folder = mkdtempSync(join(tmpdir(), 'switchyard-schema-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe.skipIf(spawnSync('xmllint', ['--version']).status !== 0)('the schema and the test driver', () => {
  test('virt-xml-validate takes every system in every mode', () => {
    const files = numbered.map(([, recipe]) => {
      const file = join(folder, `${recipe.name}.xml`);
      writeFileSync(file, xmlOf(recipe, hostWith('9.0.0', '7.2.22')));
      return file;
    });
    // virt-xml-validate is this line for one file; one file goes through itself, to be sure.
    const all = spawnSync('xmllint', ['--noout', '--relaxng', '/usr/share/libvirt/schemas/domain.rng', ...files], { encoding: 'utf8' });
    expect(all.stderr.split('\n').filter((line) => line !== '' && !line.endsWith(' validates'))).toEqual([]);
    const [first = ''] = files;
    expect(spawnSync('virt-xml-validate', [first, 'domain'], { encoding: 'utf8' }).status).toBe(0);
  });

  test("libvirt's test driver defines a VM of each graphics mode", () => {
    for (const [, recipe] of numbered.filter(([name]) => name.startsWith('linux'))) {
      const file = join(folder, `${recipe.name}.xml`);
      writeFileSync(file, xmlOf(recipe, hostWith('9.0.0', '7.2.22')));
      const run = spawnSync('virsh', ['-q', '-c', 'test:///default', 'define', '--validate', file], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
      expect([recipe.name, run.status, run.stderr]).toEqual([recipe.name, 0, '']);
    }
  });
});
