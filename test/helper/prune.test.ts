// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { transactionId, type TransactionId } from '../../contract/history';
import { choose, prune } from '../../helper/prune';
import { openTransaction } from '../../helper/transaction';
import { readStates } from '../../helper/store';
import { find, listing, writeAt } from '../../rehearsal/files';
import { Scene } from './restore-scene';

const store = '/var/lib/switchyard';
const few = { transactions: 6, bytes: 1e12, newest: 2 };

async function pruned(scene: Scene, limits = few): Promise<void> {
  const desk = scene.rehearsal.desk();
  const opened = openTransaction(desk, scene.kept.at(-1)!);
  if (!opened.ok) throw new Error(JSON.stringify(opened.problem));
  await prune(desk, opened.value, limits);
  opened.value.close();
}
const held = (scene: Scene): readonly string[] => [...(find(scene.rehearsal.world.disk, store)?.entries.keys() ?? [])].filter((name) => transactionId.safeParse(name).success);
const bytes = (scene: Scene): number => [...listing(scene.rehearsal.world.disk, store).values()].reduce((sum, text) => sum + text.length, 0);

describe('the store', () => {
  test('stays as large as it is, however many points are taken, and the state before the first change can be gone back to', async () => {
    const scene = new Scene();
    const [wish] = scene.wishes();
    await scene.make(wish!);
    const sizes: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      await scene.point(`point ${String(n)}`);
      await pruned(scene);
      sizes.push(bytes(scene));
    }
    expect(held(scene)).toHaveLength(few.transactions);
    expect(Math.max(...sizes.slice(10)) - Math.min(...sizes.slice(10))).toBeLessThan(20_000);
    const first = scene.kept[0]!;
    expect(await scene.back({ transaction: first, side: 'before' })).toMatchObject({ ok: true });
    expect(scene.differs({ transaction: first, side: 'before' })).toEqual([]);
  }, 60_000);

  test('notes what goes before it goes, and takes texts along that nothing speaks of any more', async () => {
    const scene = new Scene();
    for (let n = 0; n < 9; n += 1) {
      scene.edit('/boot/grub/custom.cfg', `# mine ${String(n)}`);
      await scene.point();
    }
    const contents = () => find(scene.rehearsal.world.disk, `${store}/contents`)?.entries.size ?? 0;
    const before = contents();
    await pruned(scene);
    const journal = scene.text(`${store}/${scene.kept.at(-1)!}/private/journal.jsonl`) ?? '';
    expect(journal.match(/"kind":"pruned","other":"[0-9a-f]{16}"/g)).toHaveLength(3);
    expect(contents()).toBeLessThan(before);
    expect(await scene.back({ transaction: scene.kept[0]!, side: 'before' }, [{ place: 'grub-custom', take: 'then' }])).toMatchObject({ ok: true });
    expect(scene.text('/boot/grub/custom.cfg')).toBe('# mine 0\n');
  }, 60_000);

  test('never lets an unfinished change go, and takes a leftover without a first line along', async () => {
    const scene = new Scene();
    for (let n = 0; n < 4; n += 1) await scene.point();
    writeAt(scene.rehearsal.world.disk, `${store}/00000000000000aa/private/plan.json`, '{}', { mode: 0o600 });
    const middle = scene.kept[1]!;
    const path = `${store}/${middle}/private/journal.jsonl`;
    const open = (scene.text(path) ?? '').split('\n').filter((line) => !line.includes('"kind":"state"')).join('\n');
    writeAt(scene.rehearsal.world.disk, path, open, { mode: 0o600 });
    await pruned(scene, { transactions: 1, bytes: 0, newest: 1 });
    const states = readStates(scene.rehearsal.desk());
    expect(states.ok && states.value.map(({ transaction }) => transaction).sort()).toEqual([scene.kept[0], middle, scene.kept[3]].sort());
    expect(held(scene)).not.toContain('00000000000000aa');
  });

  test('lets nothing go while one journal cannot be read', async () => {
    const scene = new Scene();
    for (let n = 0; n < 4; n += 1) await scene.point();
    const path = `${store}/${scene.kept[2]!}/private/journal.jsonl`;
    writeAt(scene.rehearsal.world.disk, path, `torn\n${scene.text(path) ?? ''}`, { mode: 0o600 });
    await pruned(scene, { transactions: 1, bytes: 0, newest: 1 });
    expect(held(scene)).toHaveLength(4);
  });
});

test('the one that alone holds what the oldest state is made of stays, whatever room it takes', () => {
  const id = (n: number): TransactionId => transactionId.parse(n.toString(16).padStart(16, '0'));
  const image = 'a'.repeat(64);
  const place = { place: 'default-image:1', path: '/boot/initrd.img-1', is: { sha256: image }, copied: false, listing: null };
  const story = (n: number, moments: unknown[]) => ({ transaction: id(n), opened: n, state: 'kept', steps: [{ outcome: 'verified' }], moments }) as never;
  const all = [
    { id: id(1), story: story(1, [{ places: [place] }]), bytes: 1, copies: new Set<string>() },
    { id: id(2), story: story(2, []), bytes: 9e12, copies: new Set([image]) },
    { id: id(3), story: story(3, []), bytes: 1, copies: new Set<string>() },
    { id: id(4), story: story(4, []), bytes: 1, copies: new Set<string>() },
  ];
  expect(choose(all, id(4), { transactions: 1, bytes: 0, newest: 1 }).map((each) => each.id)).toEqual([id(3)]);
});
