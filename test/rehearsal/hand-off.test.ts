// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { aborts, type HookEnd } from '../../helper/hook/hook';
import type { FaultKind, Operation } from '../../rehearsal/faults';
import { showsDesktop } from '../../rehearsal/hand-off/desktop';
import { breakAt, countOperations, endVm, families, gpu, handFaults, mend, sound, stage, startVm, usb, vm, type Family, type Stage, type Way } from './hand-off-stage';

const names = Object.keys(families) as Family[];
const ways: readonly Way[] = ['on-demand', 'single-card'];
const card = [gpu, sound, usb];
const groupsOf = (on: Stage): readonly number[] => [...new Set(card.map((address) => on.kernel.functions.get(address)?.group ?? -1))];
const isCommand = ({ name }: Operation): boolean => name === 'writeNode' || name.startsWith('start ');

/** Every fault for the two families that differ most; the others share their rules with one of them and meet two at each change, in turn. */
const kindsFor = (family: Family, index: number): readonly FaultKind[] => (family === 'nvidia' || family === 'amdgpu' ? handFaults : handFaults.filter((_, kind) => kind % 3 === index % 3));

/** One call that may die on the way, as libvirt sees it: an end, or nothing but an exit code. */
async function outcomeOf(call: Promise<HookEnd>): Promise<HookEnd | null> {
  try {
    return await call;
  } catch {
    return null;
  }
}

/** Where the machine is must be one of three: VM with the card, host with everything as before, or a hang that was told. */
async function settleGive(on: Stage, before: string, ended: HookEnd | null): Promise<void> {
  const starts = ended !== null && !aborts(ended) && ended.ok && ended.value?.end === 'given';
  if (starts) {
    expect(on.vfio(), 'a VM starts only with its card').toBe(true);
    expect(startVm(on.kernel, vm, groupsOf(on))).toBe(true);
    endVm(on.kernel, vm);
  }
  const released = await on.release();
  if (toldStuck(on)) {
    expectSafe(on);
    return;
  }
  expect(on.portrait(), JSON.stringify({ ended, released })).toBe(before);
}

const toldStuck = (on: Stage): boolean => on.status()?.end === 'stuck';

/**
 * A hang: nothing is tried on it again, and the person has a picture wherever the drawing function has its own driver; where
 * it has not, the log-in screen is not started on a card that is not there.
 */
function expectSafe(on: Stage): void {
  expect(on.desktop.timer).toBe(false);
  const driver = on.kernel.functions.get(gpu)?.driver ?? null;
  const isHome = driver !== null && driver !== 'vfio-pci';
  if (on.desktop.manager === null || (isHome && !on.hungWhileDrawing())) expect(showsDesktop(on.kernel)).toBe(true);
}

describe.each(names)('a card on %s', (family) => {
  test.each(ways)('goes to its VM and comes home with everything as before, %s', async (way) => {
    const on = stage(family, way);
    const before = on.portrait();
    expect(await on.prepare()).toMatchObject({ ok: true, value: { end: 'given' } });
    expect(on.vfio()).toBe(true);
    expect(on.desktop.timer).toBe(true);
    expect(startVm(on.kernel, vm, groupsOf(on))).toBe(true);
    endVm(on.kernel, vm);
    expect(await on.release()).toMatchObject({ ok: true, value: { end: 'home' } });
    expect(on.portrait()).toBe(before);
  });

  test.each(ways)('is with its VM or at home, whatever happens to any change on the way out, %s', async (way) => {
    const counted = stage(family, way);
    const commands = (await countOperations(counted, () => counted.prepare())).filter(isCommand);
    expect(commands.length).toBeGreaterThan(8);
    for (const [index, operation] of commands.entries())
      for (const kind of kindsFor(family, index)) {
        const on = stage(family, way);
        const before = on.portrait();
        const after: Operation[] = [];
        let hung = false;
        breakAt(on, new Map([[operation.number, kind]]), (each, fault) => {
          if (hung && isCommand(each)) after.push(each);
          if (fault === 'hangs' && each.name === 'writeNode' && !each.path.includes('vtcon')) hung = true;
        });
        const ended = await outcomeOf(on.prepare());
        mend(on);
        expect(after.filter((each) => each.path.includes('/pci') || each.path.includes('0000:01')), 'nothing is written to a card that hangs').toEqual([]);
        await settleGive(on, before, ended);
      }
  });

  test.each(ways)('comes home, or a hang is told, whatever happens to any change on the way back, %s', async (way) => {
    const counted = stage(family, way);
    await counted.prepare();
    const commands = (await countOperations(counted, () => counted.release())).filter(isCommand);
    expect(commands.length).toBeGreaterThan(6);
    for (const [index, operation] of commands.entries())
      for (const kind of kindsFor(family, index)) {
        const on = stage(family, way);
        const before = on.portrait();
        await on.prepare();
        expect(startVm(on.kernel, vm, groupsOf(on))).toBe(true);
        endVm(on.kernel, vm);
        breakAt(on, new Map([[operation.number, kind]]));
        await outcomeOf(on.release());
        mend(on);
        if (toldStuck(on)) expectSafe(on);
        else await comesHomeByTimer(on, before, kind);
      }
  });
});

/** Nobody calls us any more; only the timer does, as long as it is there. */
async function comesHomeByTimer(on: Stage, before: string, kind: FaultKind): Promise<void> {
  if (on.portrait() === before) return;
  expect(on.desktop.timer, `${kind}: somebody still comes and looks`).toBe(true);
  on.rehearsal.world.clock += 600_000;
  await on.timer();
  expect(on.portrait(), kind).toBe(before);
}
