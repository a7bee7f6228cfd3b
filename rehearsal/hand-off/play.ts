// SPDX-License-Identifier: GPL-3.0-or-later
import { readDomain } from '../../core/hand-off/gate';
import { consoleLine, refusalOf } from '../../core/hand-off/console-lines';
import { pathOf } from '../../core/step/places';
import type { Desk } from '../../helper/desk';
import type { Hands } from '../../helper/hands';
import { aborts, hook, type HookEnd } from '../../helper/hook/hook';
import { find, writeAt } from '../files';
import type { Rehearsal } from '../machine';
import { option, plain, refuses, type Said } from '../vm/answer';
import { virshIn } from '../vm/virsh';
import { desktopOf, seat, type Desktop } from './desktop';
import { deskViews } from './views';

/** Somebody's machine that is up and runs no service of the closed lists; laid over what the kernel shows once a start. */
export function settleDown({ world }: Rehearsal): Desktop | null {
  const { kernel } = world;
  if (kernel === null) return null;
  const there = desktopOf(kernel);
  if (there !== undefined) return there;
  const desktop = seat(kernel, { manager: null, services: [] });
  world.computed = deskViews(kernel, desktop, world.computed);
  writeAt(world.disk, '/usr/bin/systemd-run', 'program\n', { mode: 0o755 });
  return desktop;
}

/**
 * virsh with libvirt's hook as set up on this machine: *prepare* before a VM starts, *release* when it is off, and also
 * after a start that was refused (lab). `breath` is waited for before each change, so that a move can be followed.
 */
export async function virshWithHook(rehearsal: Rehearsal, { words, text }: { readonly words: readonly string[]; readonly text: string | Uint8Array | null }, breath: () => Promise<void>): Promise<Said> {
  const { world } = rehearsal;
  const call = moveOf(rehearsal, words);
  if (call === null || settleDown(rehearsal) === null) return virshIn(world, words, text);
  const desk: Desk = { ...rehearsal.desk(), hands: paced(rehearsal.hands(), breath), origin: { via: 'libvirt', uid: null } };
  const run = (operation: 'prepare' | 'release'): Promise<HookEnd> => hook(desk, ['-', operation, operation === 'prepare' ? 'begin' : 'end', '-'], { xml: call.xml, began: world.clock });
  if (call.verb !== 'start') {
    const ended = virshIn(world, words, text);
    if (ended.status === 0) await run('release');
    return ended;
  }
  const given = await run('prepare');
  if (aborts(given) || (given.ok && given.value !== null && given.value.end !== 'given')) {
    await run('release');
    return refuses('Failed to start domain', `Hook script execution failed: internal error: Child process (${pathOf('libvirt-hook', '')}) unexpected exit status 1: ${lineOf(given)}`);
  }
  const started = virshIn(world, words, text);
  if (started.status !== 0) await run('release');
  return started;
}

interface Move {
  readonly verb: 'start' | 'shutdown' | 'destroy';
  readonly xml: string;
}

/** A call at which a card may move; null: none is, or no hook is set up. */
function moveOf({ world }: Rehearsal, words: readonly string[]): Move | null {
  const rest = words.slice(words[0] === '-q' ? 3 : 2);
  const [verb, ...more] = rest;
  if ((verb !== 'start' && verb !== 'shutdown' && verb !== 'destroy') || find(world.disk, pathOf('libvirt-hook', '')) === null) return null;
  // The mode of a shutdown is no name.
  const mode = option(more, '--mode');
  const [name = ''] = plain(more).filter((word) => word !== mode);
  const told = virshIn(world, [...words.slice(0, words.length - rest.length), 'dumpxml', name], null);
  return told.status === 0 && readDomain(told.out).ok ? { verb, xml: told.out } : null;
}

function lineOf(ended: HookEnd): string {
  if (!ended.ok) return consoleLine({ end: 'refused', why: refusalOf(ended.problem.code, ended.problem.detail['why']), detail: ended.problem.detail, holders: [] });
  return ended.value === null ? '' : consoleLine(ended.value);
}

/** The same hands, with a breath before each change of the kernel or start of a program. */
function paced(hands: Hands, breath: () => Promise<void>): Hands {
  return {
    ...hands,
    writeNode: async (...words) => {
      await breath();
      return hands.writeNode(...words);
    },
    start: async (...words) => {
      await breath();
      return hands.start(...words);
    },
  };
}
