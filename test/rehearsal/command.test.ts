// SPDX-License-Identifier: GPL-3.0-or-later
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rehearse } from '../../main/cli/rehearse';

const file = (name: string) => join(import.meta.dirname, '../corpus/machines', `${name}.json`);
async function run(args: readonly string[], language: 'en' | 'zh' = 'en'): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await rehearse(args, { out: (text) => { out += text; }, err: (text) => { err += text; }, language, colour: false, width: 200 });
  return { code, out, err };
}

describe('switchyard rehearse', () => {
  test('walks there and back in words, and says what it assumed', async () => {
    const { code, out } = await run([file('010-z370-i5-9400-gt1030')]);
    expect(code).toBe(0);
    for (const words of ['nothing on this computer', 'file system of /boot (boot-volume)', 'Only if you keep it', 'Restart into the trial: entry switchyard-trial', 'Undone, newest first', 'the same as before, byte for byte']) expect(out).toContain(words);
  });

  test('tells the same as one JSON object, with a trial that nobody answers', async () => {
    const { code, out } = await run([file('010-z370-i5-9400-gt1030'), '--json', '--answer', 'none']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ schema: 1, kind: 'rehearsal', ended: { end: 'back', differs: [] } });
  });

  test('names the part that has no plan yet, also in Chinese', async () => {
    const machine = file('056-hp-m01-4300g-apu-with-sata');
    expect(await run([machine])).toMatchObject({ code: 77, out: expect.stringContaining('Not supported yet: loader = systemd-boot') as string });
    expect((await run([machine], 'zh')).out).toContain('尚不支持：loader = systemd-boot');
  });

  test('refuses an assumption against the record, and one that is none', async () => {
    const machine = file('010-z370-i5-9400-gt1030');
    expect(await run([machine, '--assume', 'loader=systemd-boot'])).toMatchObject({ code: 64, err: expect.stringContaining('record itself says loader: grub') as string });
    expect(await run([machine, '--assume', 'boot-volume=floppy'])).toMatchObject({ code: 64, err: expect.stringContaining('root-btrfs') as string });
    expect(await run([machine, '--assume', 'weather=fine'])).toMatchObject({ code: 64 });
    expect((await run([machine, '--assume', 'boot-volume=root-btrfs'])).out).toContain('so a one-time start');
  });
});
