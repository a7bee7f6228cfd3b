// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, describe, test } from 'vitest';
import type { TransactionId } from '../../contract/history';
import { card, goBack, keep, status } from '../../main/cli/trial';
import { exits, type Io } from '../../main/cli/io';
import { handsOfRehearsal } from '../../main/hands-rehearsal';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { probe } from '../../host/probe';
import { find, writeAt } from '../../rehearsal/files';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

interface Said {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
}

function listening(): Said {
  const said = { out: '', err: '' };
  const io: Io = { out: (text) => void (said.out += text), err: (text) => void (said.err += text), language: 'en', colour: false, width: 400 };
  return { io, out: () => said.out, err: () => said.err };
}

async function scene(): Promise<{ readonly rehearsal: Rehearsal; readonly transaction: TransactionId }> {
  const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  const intent = wishes(probe(rehearsal.eyes())).find((each) => each.kind === 'dedicate' && rehearsal.plan(each).ok);
  const plan = intent === undefined ? undefined : rehearsal.plan(intent);
  if (intent === undefined || plan?.ok !== true) throw new Error('no wish');
  const applied = await apply(rehearsal.desk(), { intent, approved: hashOf(plan.value) });
  if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
  return { rehearsal, transaction: applied.value.transaction };
}

async function does(command: typeof status, rehearsal: Rehearsal, args: readonly string[] = []): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const said = listening();
  const code = await command(args, said.io, handsOfRehearsal(rehearsal));
  return { code, out: said.out().replaceAll(/\n {2,}(?!-)/g, ' '), err: said.err() };
}

describe('on a machine on which nothing waits', () => {
  const untouched = (): Rehearsal => openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  test('status says so', async () => {
    expect(await does(status, untouched())).toEqual({ code: exits.ok, out: 'Nothing of Switchyard waits for an answer.\n', err: '' });
    expect(JSON.parse((await does(status, untouched(), ['--json'])).out)).toEqual({ schema: 1, kind: 'status', at: 'nothing', transaction: null, check: null, proof: [] });
  });

  test.each([['keep', keep], ['go-back', goBack], ['card', card]] as const)('%s has nothing to answer', async (_, command) => {
    const { code, out, err } = await does(command, untouched());
    expect({ code, out }).toEqual({ code: exits.noInput, out: '' });
    expect(err).not.toBe('');
  });

  test.each([['status', status], ['keep', keep], ['go-back', goBack], ['card', card]] as const)('%s takes no option it does not know', async (_, command) => {
    expect((await does(command, untouched(), ['--force'])).code).toBe(exits.usage);
    expect((await does(command, untouched(), ['one', 'two'])).code).toBe(exits.usage);
  });
});

describe('before the restart', () => {
  test('status shows what was read back, and the ways back', async () => {
    const { rehearsal, transaction } = await scene();
    const { code, out } = await does(status, rehearsal);
    expect(code).toBe(exits.ok);
    expect(out).toContain(`The change ${transaction} is prepared.`);
    expect(out).toContain('scripts/init-top/00-switchyard is the first to run');
    expect(out).toContain(`only switchyard.bind=${transaction} switchyard.trial=${transaction} panic=30 was added`);
    expect(out).toContain('takes "switchyard-trial", once');
    expect(out).toContain('Hold the power button');
    expect(out).toContain('--root /mnt');
  });

  test('there is nothing to keep yet, and going back puts everything away', async () => {
    const { rehearsal } = await scene();
    expect(await does(keep, rehearsal)).toMatchObject({ code: exits.noInput });
    expect(await does(goBack, rehearsal)).toMatchObject({ code: exits.ok, err: '' });
    expect(JSON.parse((await does(status, rehearsal, ['--json'])).out)).toMatchObject({ at: 'nothing' });
  });
});

describe('in the trial', () => {
  test('status tells the verdict, and keep makes it the start of every day', async () => {
    const { rehearsal } = await scene();
    await rehearsal.restart();
    expect((await does(status, rehearsal)).out).toContain('It passed its checks.');
    expect(await does(keep, rehearsal)).toMatchObject({ code: exits.ok });
    expect((await does(status, rehearsal)).out).toContain('Nothing of Switchyard waits');
  });

  test('going back says that a restart is needed, and every later status says so until it was', async () => {
    const { rehearsal, transaction } = await scene();
    await rehearsal.restart();
    expect((await does(goBack, rehearsal)).out).toContain('Restart to be back in the old start.');
    expect(JSON.parse((await does(status, rehearsal, ['--json'])).out)).toMatchObject({ at: 'restart', transaction });
    expect((await does(status, rehearsal)).out).toMatch(/restart\s+for it to be true/);
    await rehearsal.restart();
    expect(JSON.parse((await does(status, rehearsal, ['--json'])).out)).toMatchObject({ at: 'nothing' });
  });

  test('a failed check is told finding by finding', async () => {
    const { rehearsal, transaction } = await scene();
    await rehearsal.restart();
    const path = `/var/lib/switchyard/${transaction}/summary.json`;
    const told: unknown = JSON.parse(find(rehearsal.world.disk, path)?.content.text ?? '');
    if (typeof told !== 'object') throw new Error('no summary');
    const check = { verdict: 'failed', findings: [{ code: 'network-lost', detail: { links: 'enp3s0' } }, { code: 'unit-failed', detail: { unit: 'x.service' } }], until: 1_760_000_600_000 };
    writeAt(rehearsal.world.disk, path, `${JSON.stringify({ ...told, check })}\n`);
    const { out } = await does(status, rehearsal);
    expect(out).toContain('It did not pass its checks.');
    expect(out).toContain('The network was up before and is down now (enp3s0).');
    expect(out).toContain('The service x.service failed');
    expect(out).toContain('restarts into the old start at');
  });

  test('a refused keep says why, and is told apart by its exit code', async () => {
    const { rehearsal } = await scene();
    await rehearsal.restart();
    for (const state of rehearsal.world.kernel?.functions.values() ?? []) if (state.driver === 'vfio-pci') state.driver = null;
    const { code, out, err } = await does(keep, rehearsal);
    expect({ code, out }).toEqual({ code: exits.refused, out: '' });
    expect(err.split('\n').length).toBeGreaterThan(2);
    expect(JSON.parse((await does(keep, rehearsal, ['--json'])).out)).toMatchObject({ kind: 'keep', ok: false, problem: { code: 'precondition-failed', detail: { why: 'trial-bound' } } });
  });
});

describe('the card', () => {
  test('is one line about what waits, or about the named change', async () => {
    const { rehearsal, transaction } = await scene();
    const line = `sudo sh /var/lib/switchyard/${transaction}/private/undo.sh`;
    const { out } = await does(card, rehearsal);
    expect(out.split('\n').filter((each) => each.includes('undo.sh'))).toEqual([expect.stringContaining(line)]);
    expect((await does(card, rehearsal, [transaction])).out).toContain(line);
    expect(await does(card, rehearsal, ['0000000000000000'])).toMatchObject({ code: exits.noInput, out: '' });
  });
});
