// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { TransactionState } from '../../../contract/history';
import { must, pause } from '../command';
import { good, holds, same } from '../expect';
import type { PowerHost } from '../lab';
import { asGrubReads, mounted, textAsGrubReads, type Digests } from '../off-line';
import type { Scenario, Telling } from '../scenario';
import { dice, openReplay, readLog, type Replay, type WriteLog } from '../write-log';
import { changed, drivers, isOldBlocks, tried } from './apply';
import { aloneCard, dedicate } from './cards';

/** Crash points looked at in each of apply, keep and undo. */
const points = 70;
const seed = 20_260;

/** What the loader reads at every start; kernels and images are found by name among the files below /boot. */
const loaderFiles = (states: readonly Digests[]): readonly string[] =>
  [...new Set(states.flatMap((one) => [...one.keys()]))].filter((file) => /^\/boot\/(?:grub\/(?:grub\.cfg|custom\.cfg|grubenv)|vmlinuz-[^/]+|initrd[^/]*)$/.test(file));

interface Phase {
  readonly name: 'apply' | 'keep' | 'undo';
  /** Entries of the log, from and to. */
  readonly from: number;
  readonly to: number;
  /** When everything is over our files must be as in one of these, and the store must say the same. */
  readonly ends: readonly End[];
}

interface End {
  readonly files: Digests;
  /** What the store says of the transaction there; null: it does not know it. */
  readonly states: readonly (TransactionState | null)[];
}

interface Recording {
  readonly log: WriteLog;
  readonly transaction: string;
  readonly phases: readonly Phase[];
  /** Where somebody wrote a file in place and never flushed: there the looking must find something wrong. */
  readonly control: { readonly from: number; readonly to: number };
}

const controlFile = '/boot/control.cfg';
/** Two texts one after the other, thirty times, as a careless program writes: truncate, write, no fsync; other files are flushed meanwhile. */
const careless = `for i in $(seq 30); do for c in a b; do head -c 60000 /dev/zero | tr '\\0' $c > ${controlFile}; echo $i > /boot/other; sync /boot/other; done; sleep 0.5; done; sync`;
const controlTexts = ['a', 'b'].map((letter) => createHash('sha256').update(letter.repeat(60_000)).digest('hex'));

/** Plays apply, keep and undo on a machine that writes down its disk, and where in the log each began and ended. */
async function recording(host: PowerHost): Promise<Recording> {
  const mark = async (): Promise<number> => {
    await host.sh('sync');
    return readLog(host.log).entries.length;
  };
  const card = aloneCard(await host.facts());
  const before = await host.digests();
  const intent = dedicate(card);
  const { hash } = good(await host.plan(intent), 'the plan');
  const applyFrom = await mark();
  const { transaction } = good(await host.apply(intent), 'apply');
  if (transaction === null) throw new Error('nothing was to do');
  const applyTo = await mark();
  const applied = await host.digests();
  await host.restart();
  const keepFrom = await mark();
  good(await host.keep(transaction, hash), 'keep');
  const keepTo = await mark();
  const kept = await host.digests();
  good(await host.undo(transaction), 'undo');
  const undoTo = await mark();
  await host.sh(careless, { limit: 300_000 });
  const controlTo = await mark();
  await host.guest.cut();
  return {
    log: readLog(host.log),
    transaction,
    control: { from: undoTo, to: controlTo },
    phases: [
      { name: 'apply', from: applyFrom, to: applyTo, ends: [{ files: before, states: [null, 'undone'] }, { files: applied, states: ['waiting-for-restart'] }] },
      { name: 'keep', from: keepFrom, to: keepTo, ends: [{ files: before, states: ['undone'] }, { files: kept, states: ['kept'] }] },
      // Until the store knows that an undo was begun, nothing of it is on the disk: then it still is what was kept, all of it.
      { name: 'undo', from: keepTo, to: undoTo, ends: [{ files: before, states: ['undone'] }, { files: kept, states: ['kept'] }] },
    ],
  };
}

/** The GRUB environment block is 1024 bytes of lines, filled up with #; anything else GRUB passes over (grub-core/lib/envblk.c). */
const isEnvironment = (text: string): boolean => text.length === 1024 && text.startsWith('# GRUB Environment Block\n');

/** Looks at one crash point: what the loader would read, and where our recover unit brings the machine. Null, or what is wrong. */
async function lookAt(disk: string, { phase, transaction, known }: { phase: Phase; transaction: string; known: readonly Digests[] }): Promise<string | null> {
  for (const file of loaderFiles(known)) {
    if (file.endsWith('/grubenv')) {
      const text = await textAsGrubReads(disk, file);
      if (text !== null && !isEnvironment(text)) return `GRUB reads a broken ${file}: ${String(text.length)} bytes`;
      continue;
    }
    const read = await asGrubReads(disk, file);
    const states = known.map((one) => one.get(file) ?? null);
    if (!states.includes(read)) return `GRUB reads a ${file} that never was (${String(read)})`;
  }
  return mounted(disk, async (machine) => {
    const recovered = await machine.recover('root=LABEL=labroot ro', '00000000-0000-4000-8000-000000000000');
    if (recovered !== null && !recovered.ok) return `recover says ${JSON.stringify(recovered.problem)}`;
    const now = machine.digests();
    const state = machine.state(transaction);
    const far = phase.ends.map(({ files, states }) => [...(states.includes(state) ? [] : [`the store says ${String(state)}`]), ...changed(files, now).filter((file) => !file.endsWith('/grubenv') && !isOldBlocks(file))]);
    return far.some((wrong) => wrong.length === 0) ? null : `after recover (${recovered === null ? 'nothing waited' : 'it ran'}) ${transaction} is at no known end: ${far.map((wrong) => wrong.slice(0, 6).join(' ')).join(' | ')}`;
  });
}

/** Every crash point of one phase, on a disk of its own. */
async function walk(recorded: Recording, phase: Phase, { disk, replay, say }: { disk: string; replay: Replay } & Pick<Telling, 'say'>): Promise<readonly string[]> {
  const random = dice(seed + recorded.phases.indexOf(phase));
  const known = recorded.phases.flatMap(({ ends }) => ends.map(({ files }) => files));
  const wrong: string[] = [];
  const chosen = Array.from({ length: points }, () => phase.from + 1 + Math.floor(random() * (phase.to - phase.from))).toSorted((a, b) => a - b);
  for (const point of chosen) {
    replay.crashAt(point, random);
    const found = await lookAt(disk, { phase, transaction: recorded.transaction, known });
    if (found !== null) wrong.push(`${phase.name}, entry ${point} of ${phase.from}..${phase.to}: ${found}`);
  }
  say(`${phase.name}: ${points} crash points among ${phase.to - phase.from} writes and flushes, ${wrong.length} wrong`);
  return wrong;
}

/** How many of thirty crash points show the careless file in a state that nobody ever wrote: none would mean that this looking cannot fail. */
async function carelessLosses({ control: { from, to } }: Recording, { disk, replay }: { disk: string; replay: Replay }): Promise<number> {
  const random = dice(seed);
  const chosen = Array.from({ length: 30 }, () => from + 1 + Math.floor(random() * (to - from))).toSorted((a, b) => a - b);
  let lost = 0;
  for (const point of chosen) {
    replay.crashAt(point, random);
    const read = await asGrubReads(disk, controlFile);
    if (read === null || !controlTexts.includes(read)) lost += 1;
  }
  return lost;
}

/** Really switched off in the middle of apply, again and again, each time somewhere else, and really started afterwards. */
const cuts = (times: number, budget: number): Scenario => ({
  name: `the power goes ${times === 1 ? 'once' : `${times} times`} in the middle of apply, and the next start is the old one with nothing left behind`,
  on: 'intel-one-card',
  budget,
  play: async (lab, { say }) => {
    let host = await lab.bootRecorded('intel-one-card');
    const card = aloneCard(await host.facts());
    const before = await host.digests();
    const intent = dedicate(card);
    const random = dice(seed);
    for (let time = 1; time <= times; time += 1) {
      good(await host.plan(intent), 'the plan');
      const applying = host.apply(intent).catch(() => null);
      await host.sh('for i in $(seq 600); do ls -d /var/lib/switchyard/*/private > /dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1', { limit: 240_000 });
      await pause(random() * 40_000);
      await host.powerCut(seed + time);
      await applying;
      host = await host.switchOn();
      const trial = (await host.commandLine()).includes('switchyard.trial=');
      say(`cut ${time}: the ${trial ? 'trial' : 'old entry'} started`);
      // Where apply had come to its end before the cut, the one-shot entry is armed and rightly starts: once.
      if (trial) await host.restart();
      holds(!(await host.commandLine()).includes('switchyard.'), 'the old entry starts');
      same(await drivers(host, card), card.map((one) => one.driver), 'the card has its drivers');
      same(changed(before, await host.digests()).filter((file) => !isOldBlocks(file)), [], 'every file of /etc and /boot is as before');
    }
  },
});

export const powerScenarios: readonly Scenario[] = [
  {
    name: 'at 210 crash points of apply, keep and undo the loader reads whole files and recover ends before or after',
    on: 'intel-one-card',
    budget: 600,
    play: async (lab, { say }) => {
      const host = await lab.bootRecorded('intel-one-card');
      const recorded = await recording(host);
      say(`recorded ${recorded.log.entries.length} writes and flushes; looking at crash points, seed ${seed}`);
      const onDisk = async <T>(name: string, work: (at: { disk: string; replay: Replay }) => Promise<T>): Promise<T> => {
        const disk = path.join(path.dirname(host.base), `${name}.raw`);
        await must('/bin/cp', ['--reflink=auto', '--sparse=always', host.base, disk]);
        const replay = openReplay(disk, recorded.log);
        try {
          return await work({ disk, replay });
        } finally {
          replay.close();
        }
      };
      const wrong = await Promise.all(recorded.phases.map((phase) => onDisk(phase.name, (at) => walk(recorded, phase, { ...at, say }))));
      same(wrong.flat(), [], 'every crash point ends well');
      const lost = await onDisk('control', (at) => carelessLosses(recorded, at));
      say(`control: a careless writer's file is lost at ${lost} of 30 crash points`);
      holds(lost > 0, 'the same looking finds what a careless writer loses');
    },
  },
  cuts(1, 180),
  cuts(20, 1200),
  {
    name: 'the power goes in a trial, and the next start is the old one',
    on: 'intel-one-card',
    budget: 280,
    play: async (lab) => {
      const host = await lab.bootRecorded('intel-one-card');
      const card = aloneCard(await host.facts());
      const before = await host.digests();
      await tried(host, card);
      await host.powerCut(seed);
      const again = await host.switchOn();
      holds(!(await again.commandLine()).includes('switchyard.'), 'the old entry started');
      same(await drivers(again, card), card.map((one) => one.driver), 'the card has its drivers');
      same(changed(before, await again.digests()).filter((file) => !isOldBlocks(file)), [], 'every file of /etc and /boot is as before');
    },
  },
];
