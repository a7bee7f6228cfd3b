// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { SettingOf } from '../../contract/setting';
import { readBinding, type Binding } from '../../core/step/setting';
import type { KernelNode } from '../hands';
import type { Bench } from './bench';
import { need } from './put';

/** One function on its way: its address, and how to look which driver has it now. */
interface Moving {
  readonly bench: Bench;
  readonly address: SettingOf<'driver'>['device']['address'];
  look(): Result<Binding>;
}

const vfio = 'vfio-pci';

/** Which driver it is to have (null: whichever the kernel finds, but not vfio-pci) and which override in the end. */
function goalOf(to: string): { readonly driver: string | null; readonly override: string } {
  if (to === vfio) return { driver: vfio, override: vfio };
  return to === 'host' ? { driver: null, override: '-' } : readBinding(to);
}

/**
 * Gives a function to a driver as libvirt does (host fact 4.1): override, unbind, probe, each looked at afterwards, because
 * a write that is taken may have done nothing. A state that was found is reached through an override by name, so that no
 * other driver can come first, and ends with the override it had.
 */
export async function moveDriver(bench: Bench, address: Moving['address'], { to, look }: { readonly to: string; look: Moving['look'] }): Promise<Result<void>> {
  const moving = { bench, address, look };
  const goal = goalOf(to);
  const now = look();
  if (!now.ok) return now;
  const isThere = goal.driver === null ? now.value.driver !== vfio && now.value.driver !== '-' : now.value.driver === goal.driver;
  const moved = isThere ? ok(undefined) : await move(moving, now.value, goal.driver);
  return moved.ok ? override(moving, goal.override) : moved;
}

async function move(moving: Moving, now: Binding, driver: string | null): Promise<Result<void>> {
  if (driver === vfio) {
    const loaded = await need(moving.bench, { program: 'modprobe', module: 'vfio_pci' });
    if (!loaded.ok) return loaded;
  }
  const led = await override(moving, driver ?? '-');
  if (!led.ok) return led;
  const freed = now.driver === '-' ? ok(undefined) : await write(moving, 'driver-unbind', moving.address);
  if (!freed.ok) return freed;
  const free = moving.look();
  if (!free.ok) return free;
  if (free.value.driver !== '-') return failed('step-failed', { why: 'not-freed', address: moving.address, driver: free.value.driver });
  return driver === '-' ? ok(undefined) : probe(moving, driver);
}

/** Whoever the kernel finds may be nobody; that is believed of the second answer, because a probe that is taken may have done nothing. */
async function probe(moving: Moving, driver: string | null): Promise<Result<void>> {
  const probed = await write(moving, 'drivers-probe', moving.address);
  const now = probed.ok && driver === null ? moving.look() : null;
  if (now === null) return probed;
  if (!now.ok) return now;
  return now.value.driver === '-' ? write(moving, 'drivers-probe', moving.address) : ok(undefined);
}

/** A line break clears; nothing at all would be taken and do nothing. */
async function override(moving: Moving, wanted: string): Promise<Result<void>> {
  const now = moving.look();
  if (!now.ok) return now;
  if (now.value.override === wanted) return ok(undefined);
  const written = await write(moving, 'driver-override', wanted === '-' ? '\n' : wanted);
  if (!written.ok) return written;
  const after = moving.look();
  if (!after.ok) return after;
  return after.value.override === wanted ? ok(undefined) : failed('step-failed', { why: 'not-set', place: `driver_override ${moving.address}` });
}

const write = ({ bench, address }: Moving, node: Extract<KernelNode, { readonly device: unknown }>['node'], value: string): Promise<Result<void>> =>
  bench.hands.writeNode({ node, device: address }, value);
