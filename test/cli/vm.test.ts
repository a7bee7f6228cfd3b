// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { vmRecipe } from '../../contract/vm';
import { readXml } from '../../core/read/xml';
import type { Language } from '../../words/say';
import { vmCommand } from '../../main/cli/vm';
import { ranges } from '../../main/cli/vm-text';
import { hostWith } from '../core/vm/hosts';
import { kinds, plain } from '../core/vm/recipes';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-vm-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const file = (name: string, content: unknown): string => {
  const place = join(folder, name);
  writeFileSync(place, typeof content === 'string' ? content : JSON.stringify(content));
  return place;
};
const machines = fileURLToPath(new URL('../corpus/machines/', import.meta.url));
const machine = (id: string): string => join(machines, readdirSync(machines).find((one) => one.startsWith(`${id}-`)) ?? '');
const host = file('host.json', hostWith('11.3.0', '10.0.13'));

async function run(words: readonly string[], language: Language = 'en') {
  const said = { out: '', err: '' };
  const code = await vmCommand(words, { out: (text) => { said.out += text; }, err: (text) => { said.err += text; }, language, colour: false, width: 200 });
  return { code, ...said };
}

describe('switchyard vm', () => {
  test('modes tells every mode of a recorded machine and recommends one', async () => {
    const { code, out } = await run(['modes', '--machine', machine('004'), '--system', 'windows-11']);
    expect(code).toBe(0);
    expect(out).toContain('Recommended for games: A whole card, set aside at start, NVIDIA GeForce GTX 970');
    const json = JSON.parse((await run(['modes', '--machine', machine('004'), '--json'])).out) as { recommended: { way: string } };
    expect(json.recommended.way).toBe('dedicated');
  });

  test('layout says what goes where, in both languages', async () => {
    const words = ['layout', '--machine', machine('004'), '--memory', '8192'];
    expect((await run(words)).out).toContain('How the processor is built is not known');
    expect((await run(words, 'zh')).out).toContain('不清楚处理器的构造');
    expect((await run([...words, '--card', '0000:09:00.0'])).code).toBe(66);
  });

  test('a recipe made for a card becomes XML that gives the card, and one for its installation gives none', async () => {
    const words = ['recipe', '--machine', machine('004'), '--host', host, '--name', 'win', '--disk', '/var/lib/libvirt/images/win.qcow2', '--mode', 'passthrough', '--card', '0000:01:00.0'];
    const made = await run(words);
    expect([made.code, made.err]).toEqual([0, '']);
    const recipe = vmRecipe.parse(JSON.parse(made.out));
    expect(recipe.graphics).toMatchObject({ mode: 'passthrough', way: 'dedicated', functions: ['0000:01:00.0', '0000:01:00.1'], vendor: 'nvidia' });
    const drawn = await run(['xml', file('recipe.json', made.out), '--host', host]);
    expect(drawn.code).toBe(0);
    expect(readXml(drawn.out).ok).toBe(true);
    expect(drawn.out.match(/<hostdev/g)?.length).toBe(2);
    expect(drawn.err).toContain('The VM keeps all of its memory');
    const first = await run([...words, '--install', '/iso/win.iso', '--drivers', '/iso/virtio.iso']);
    const stage = await run(['xml', file('stage.json', first.out), '--host', host]);
    expect(stage.out).not.toContain('<hostdev');
    expect(stage.out.match(/device='cdrom'/g)?.length).toBe(2);
  });

  test('two recipes never share an identity', async () => {
    const words = ['recipe', '--machine', machine('004'), '--host', host, '--name', 'a', '--disk', '/a.qcow2', '--system', 'linux'];
    const [a, b] = [vmRecipe.parse(JSON.parse((await run(words)).out)), vmRecipe.parse(JSON.parse((await run(words)).out))];
    expect(a.uuid).not.toBe(b.uuid);
    expect(a.networks).not.toEqual(b.networks);
  });

  test('a refusal is said with what to do, and has its exit code', async () => {
    const twice = file('twice.json', plain('linux', { ...kinds.find(([name]) => name === 'the only card')?.[1], display: { kind: 'vnc' } }));
    const refused = await run(['xml', twice, '--host', host]);
    expect([refused.code, refused.out]).toEqual([77, '']);
    expect(refused.err).toContain('While the only card is away');
    const old = await run(['xml', file('plain.json', plain('linux')), '--host', file('old.json', hostWith('7.0.0', '5.0.0'))]);
    expect(old.code).toBe(69);
    expect(old.err).toContain('At least 8.0 and 6.2 are needed');
  });

  test.each([
    [['xml', file('no.json', '{')], 65],
    [['xml', file('other.json', { schema: 1 })], 65],
    [['xml', file('hostile.json', { ...plain('linux'), extra: 1 })], 65],
    [['xml', join(folder, 'missing.json')], 66],
    [['xml'], 64],
    [['disc', file('a.iso', 'x')], 65],
    [['disc', join(folder, 'missing.iso')], 66],
    [['disc', folder], 66],
    [['layout', '--cores', '0'], 64],
    [['layout', '--cores', 'many'], 64],
    [['modes', '--system', 'beos'], 64],
    [['recipe', '--name', 'x'], 64],
    [['recipe', '--name', '../x', '--disk', '/a.qcow2', '--machine', machine('004'), '--host', host], 65],
    [['recipe', '--name', 'x', '--disk', 'relative', '--machine', machine('004'), '--host', host], 65],
    [['explode'], 64],
    [[], 64],
  ] as const)('%j ends with %d and says why', async (words, code) => {
    const ended = await run(words);
    expect([ended.code, ended.out === '' || words[0] === 'disc']).toEqual([code, true]);
    expect((ended.err + ended.out).length).toBeGreaterThan(10);
  });

  test('threads are written as runs', () => {
    expect([ranges([0, 1, 2, 8, 9, 11]), ranges([3]), ranges([])]).toEqual(['0-2,8-9,11', '3', '']);
  });
});

describe('switchyard vm, where something changes', () => {
  const rehearsed = ['--machine', machine('004')];
  const create = ['create', '--name', 'guest', '--system', 'linux', '--size', '20', '--memory', '2048', ...rehearsed];

  test('create shows every line, says what is lacking, and does nothing without a word', async () => {
    const { code, out } = await run(create);
    expect(code).toBe(0);
    expect(out).toContain('+   <name>guest</name>');
    expect(out).toContain('$ virsh -c qemu:///system net-start default');
    expect(out).toContain('An empty disk of 20 GiB is made at /var/lib/libvirt/images/guest.qcow2.');
    expect(out).toContain('The disk is deleted, as long as no VM has written to it.');
    expect(out).toContain('Nothing was done. Add --yes to do it.');
  });

  test('create --yes does it, and tells how it is undone; in JSON too', async () => {
    const { code, out, err } = await run([...create, '--yes']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/guest is set up\. To undo it: switchyard vm undo [0-9a-f]{16}/);
    const json = JSON.parse((await run([...create, '--yes', '--json'])).out) as { schema: number; kind: string; done: boolean; run: { at: string; change: string } };
    expect(json).toMatchObject({ schema: 1, kind: 'vm-change', done: true, run: { at: 'done' } });
    const drawn = JSON.parse((await run([...create, '--json'])).out) as { done: boolean; run: unknown; drawn: { review: { steps: { id: string }[] } } };
    expect(drawn).toMatchObject({ done: false, run: null });
    expect(drawn.drawn.review.steps.map((step) => step.id)).toEqual(['vm-network', 'vm-pool', 'vm-disk-1', 'vm-define']);
  }, 30_000);

  test('create gives a part of a card, takes no whole function for a virtual one, and starts what was installed for BIOS', async () => {
    const part = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001';
    const given = await run([...create, '--mode', 'mdev', '--part', part]);
    expect(given.out).toContain(`<address uuid='${part}'/>`);
    expect(given.out).toContain('firmware=');
    const whole = await run([...create, '--mode', 'sriov', '--card', '0000:01:00.0']);
    expect([whole.code, whole.out]).toEqual([77, '']);
    expect(whole.err).toContain('0000:01:00.0 is no virtual function');
    const old = await run([...create, '--firmware', 'bios']);
    expect(old.code).toBe(0);
    expect(old.out).not.toContain('firmware=');
    expect((await run([...create, '--firmware', 'coreboot'])).code).toBe(65);
  }, 30_000);

  test('define takes a whole definition of a person’s own, and signs that would fool a terminal are shown', async () => {
    const xml = file('own.xml', "<domain type='kvm'>\n  <name>own</name>\n  <title>a\u202eb</title>\n  <devices/>\n</domain>\n");
    const { code, out } = await run(['define', xml, '--yes', ...rehearsed]);
    expect(code).toBe(0);
    expect(out).toContain('+   <title>a\ufffdb</title>');
    expect(out).toMatch(/\+ {3}<uuid>[0-9a-f-]{36}<\/uuid>/);
    expect(out).toContain('own is set up');
    expect((await run(['define', file('odd.xml', '<!DOCTYPE domain><domain/>'), '--yes', ...rehearsed])).code).toBe(65);
    expect((await run(['define', join(folder, 'nowhere.xml'), ...rehearsed])).code).toBe(66);
  }, 30_000);

  test.each([
    [['create', ...rehearsed], 65],
    [['create', '--name', '--all', ...rehearsed], 64],
    [['create', '--name', 'a b', ...rehearsed], 65],
    [['create', '--name', 'x', '--mode', 'passthrough', '--card', '0000:09:00.0', ...rehearsed], 66],
    [[...create, '--mode', 'mdev'], 65],
    [[...create, '--mode', 'sriov'], 65],
    [[...create, '--mode', 'sriov', '--card', '0000:09:00.0'], 66],
    [[...create, '--with', 'nothing'], 66],
    [[...create, '--size', '0'], 65],
    [['start', 'nobody', ...rehearsed], 77],
    [['start', ...rehearsed], 64],
    [['adopt', 'nobody', ...rehearsed], 77],
    [['undo', '../../etc', ...rehearsed], 64],
    [['undo', '0000000000000000', ...rehearsed], 66],
  ])('%j ends with %d', async (words, code) => {
    expect((await run(words)).code).toBe(code);
  });
});
