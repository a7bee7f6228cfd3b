// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandAct, HandPhase, ManagedCard } from '../../contract/hand-off';
import { setApart } from './apart';
import { byLeaving, nvidiaModules, ruleOf } from './drivers';
import type { FunctionNow, HandLook } from './look';
import { isDisplayManager } from './table';

/** A change and what undoes it; `was` null: nothing to undo. */
export interface Change {
  readonly act: HandAct;
  readonly was: HandAct | null;
}

/** The phase a change is told under. */
export function phaseOf(act: HandAct): HandPhase {
  switch (act.act) {
    case 'timer':
      return act.on ? 'arm' : 'disarm';
    case 'service':
      return isDisplayManager(act.unit) ? 'session' : 'services';
    case 'console':
      return 'consoles';
    case 'module':
      return 'modules';
    case 'power':
      return 'power';
    case 'quiet':
      return 'holders';
    case 'override':
    case 'unbind':
      return 'unbind';
    case 'bind':
      return 'bind';
    case 'threads':
      return 'threads';
    default:
      return act satisfies never;
  }
}

/** Functions of these cards that still have to leave the host, in the order in which they must. */
export const leaving = (cards: readonly ManagedCard[], look: HandLook): readonly FunctionNow[] =>
  byLeaving(cards.flatMap((card) => card.functions).flatMap((one) => look.functions.get(one.address) ?? [])).filter((one) => one.driver !== 'vfio-pci');

/**
 * Everything that gives cards to a VM, and threads of the host where it wants them for itself, in order, from what is now:
 * only what is not true yet is in it. Empty when every function already waits on vfio-pci and no thread is wanted. The timer
 * comes first, so that from the first change on somebody will come and look.
 */
export function wayOut(cards: readonly ManagedCard[], look: HandLook, apart: readonly number[] = []): readonly Change[] {
  const changes = [...moves(cards, look), ...setApart(look, apart)];
  return changes.length === 0 ? [] : [{ act: { act: 'timer', on: true }, was: { act: 'timer', on: false } }, ...changes];
}

function moves(cards: readonly ManagedCard[], look: HandLook): readonly Change[] {
  const functions = leaving(cards, look);
  if (functions.length === 0) return [];
  const rests = [...restingServices(cards, look), ...darkConsoles(cards, look, functions)];
  return [
    ...(look.vfio ? [] : [load('vfio_pci')]),
    ...rests,
    ...(rests.length === 0 ? [] : [quiet(functions)]),
    ...functions.map(claim),
    ...functions.flatMap(wake),
    ...goneModules(look, functions),
    ...functions.flatMap(leave),
    ...functions.map(hand),
    ...litConsoles(cards, look, functions),
  ];
}

const load = (module: string): Change => ({ act: { act: 'module', module, loaded: true }, was: null });
const quiet = (functions: readonly FunctionNow[]): Change => ({ act: { act: 'quiet', devices: functions.map((one) => one.address), of: 'own' }, was: null });
const claim = ({ address: device, override }: FunctionNow): Change => ({ act: { act: 'override', device, driver: 'vfio-pci' }, was: { act: 'override', device, driver: override } });
const hand = ({ address: device }: FunctionNow): Change => ({ act: { act: 'bind', device, driver: 'vfio-pci' }, was: { act: 'unbind', device, driver: 'vfio-pci' } });
/** Where modules carry the driver away this is true by then, and is written down all the same: it says where to come back to. */
const leave = ({ address: device, driver }: FunctionNow): readonly Change[] => (driver === null ? [] : [{ act: { act: 'unbind', device, driver }, was: { act: 'bind', device, driver } }]);

const wake = ({ address: device, driver, power }: FunctionNow): readonly Change[] =>
  driver !== null && power === 'auto' && ruleOf(driver).awake ? [{ act: { act: 'power', device, control: 'on' }, was: { act: 'power', device, control: 'auto' } }] : [];

function restingServices(cards: readonly ManagedCard[], look: HandLook): readonly Change[] {
  const manager = cards.some((card) => card.way === 'single-card') && typeof look.manager === 'object' ? look.manager : null;
  const movable = new Set<string>(cards.flatMap((card) => (card.policy.service === 'move' ? card.services : [])));
  const units = [...(manager?.runs === true ? [manager.unit] : []), ...look.services.filter((one) => one.runs && movable.has(one.unit)).map((one) => one.unit)];
  return units.map((unit) => ({ act: { act: 'service', unit, runs: false }, was: { act: 'service', unit, runs: true } }));
}

const isOnFrames = ({ name }: { readonly name: string }): boolean => name.includes('frame buffer device');

/**
 * Whether a console that let go could be bound again: the kernel binds a modular one only in the place of the system's own,
 * named (S), and answers nothing where none is (vt_bind, drivers/tty/vt/vt.c). Where a driver took the VGA text console's
 * place, on a computer that started by BIOS, none is: seen in the lab, a console that had let go stayed dark for good.
 */
const canReturn = ({ consoles }: HandLook): boolean => consoles.some(({ name }) => name.startsWith('(S)'));

/**
 * The text console draws on every frame buffer at once: it lets go of all of them, and takes back those that stay (host.md
 * 4.5). Where it could not be taken back it stays, and the kernel takes it along when the frame buffer goes and brings it
 * back with the next; a driver that leaves by its modules cannot go before the console let go.
 */
function darkConsoles(cards: readonly ManagedCard[], look: HandLook, functions: readonly FunctionNow[]): readonly Change[] {
  if (!canReturn(look) && !functions.some((one) => one.driver !== null && leavesByModules(look, one.driver, functions))) return [];
  const mine = new Set<string | null>(functions.map((one) => one.address));
  const drawn = look.framebuffers.some((one) => mine.has(one.device)) && functions.some((one) => one.driver !== null && ruleOf(one.driver).console);
  if (!drawn && !cards.some((card) => card.way === 'single-card')) return [];
  return look.consoles.filter((one) => isOnFrames(one) && one.bound).map(({ console }) => ({ act: { act: 'console', console, bound: false }, was: { act: 'console', console, bound: true } }));
}

function litConsoles(cards: readonly ManagedCard[], look: HandLook, functions: readonly FunctionNow[]): readonly Change[] {
  const mine = new Set<string | null>(functions.map((one) => one.address));
  if (!look.framebuffers.some((one) => !mine.has(one.device))) return [];
  return darkConsoles(cards, look, functions).flatMap(({ was }) => (was === null ? [] : [{ act: was, was: null }]));
}

function goneModules(look: HandLook, functions: readonly FunctionNow[]): readonly Change[] {
  if (!functions.some((one) => one.driver !== null && leavesByModules(look, one.driver, functions))) return [];
  return nvidiaModules.filter((module) => look.modules.has(module)).map((module) => ({ act: { act: 'module', module, loaded: false }, was: { act: 'module', module, loaded: true } }));
}

/** Another card on the same driver keeps its modules: then this one can only go by address. */
export const leavesByModules = (look: HandLook, driver: string, functions: readonly FunctionNow[]): boolean =>
  ruleOf(driver).leaves === 'modules' && (look.others.get(driver) ?? []).every((other) => functions.some((one) => one.address === other));
