// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { ok, type Result } from '../../contract/problem';
import type { AskRead } from '../../contract/ui';
import type { Answers } from '../dispatch';
import { readPaste } from '../paste';
import { dumpTarget, rehearsalTarget } from '../targets';
import type { World } from '../world';

type Part = Pick<Answers, 'machine.list' | 'machine.recordings' | 'machine.paste' | 'machine.rehearse' | 'machine.use' | 'machine.forget' | 'machine.look'>;

/** Check, for whichever machine the person chose. */
export const machineAnswers = (world: World): Part => ({
  'machine.list': () => ok({ machines: [...world.machines.list()], current: world.machines.current() }),
  'machine.recordings': () => ok({ recordings: [...world.recordings.list()] }),
  'machine.paste': ({ text, name }) => {
    const paste = readPaste(text);
    if (!paste.ok) return paste;
    const opened = world.machines.open('dump', (machine) => ok(dumpTarget(world.clock, machine, { ...paste.value, name })));
    if (!opened.ok) return opened;
    const { assessment } = world.machines.look(opened.value, false);
    return ok({ entry: opened.value.entry, understood: [...opened.value.understood], missing: [...assessment.missing] });
  },
  'machine.rehearse': ({ of, choices }) => {
    const source = sourceOf(world, of);
    if (!source.ok) return source;
    const instead = world.machines.list().find((entry) => entry.kind === 'rehearsal' && entry.of === source.value.of);
    if (instead !== undefined) {
      const busy = world.forgetRun(instead.machine);
      if (!busy.ok) return busy;
    }
    const opened = world.machines.open('rehearsal', (machine) => rehearsalTarget(world.clock, machine, { ...source.value, choices }), instead?.machine);
    return opened.ok ? ok({ entry: opened.value.entry, parts: [...opened.value.parts] }) : opened;
  },
  'machine.use': ({ machine }) => world.machines.use(machine),
  'machine.forget': ({ machine }) => {
    const free = world.forgetRun(machine);
    if (!free.ok) return free;
    const forgotten = world.machines.forget(machine);
    return forgotten.ok ? ok({}) : forgotten;
  },
  'machine.look': ({ machine, again }) => {
    const target = world.machines.find(machine);
    if (!target.ok) return target;
    const { at, facts, assessment } = world.machines.look(target.value, again);
    const { entry, understood, parts } = target.value;
    return ok({ entry, looked: new Date(at).toISOString(), facts, assessment, understood: [...understood], parts: [...parts], helper: target.value.helper() });
  },
});

interface Source {
  readonly facts: HostFacts;
  /** How the window names where the rehearsal comes from. */
  readonly of: string;
  readonly name: string | null;
}

/** A recording by name, or any open machine: also this computer may be rehearsed. */
function sourceOf(world: World, of: AskRead<'machine.rehearse'>['of']): Result<Source> {
  if (of.kind === 'recording') {
    const recorded = world.recordings.open(of.recording);
    const name = world.recordings.list().find((one) => one.recording === of.recording)?.name ?? of.recording;
    return recorded.ok ? ok({ facts: recorded.value.facts, of: of.recording, name }) : recorded;
  }
  const target = world.machines.find(of.machine);
  if (!target.ok) return target;
  const { facts } = world.machines.look(target.value, false);
  return ok({ facts, of: of.machine, name: target.value.entry.name });
}
