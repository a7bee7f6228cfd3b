// SPDX-License-Identifier: GPL-3.0-or-later
/** The unprivileged process with this computer's own libvirt, asked as the window asks it; run by app.test.ts where that libvirt is a private one. */
import path from 'node:path';
import type { AskName } from '../../contract/names';
import type { Result } from '../../contract/problem';
import type { AskIn, AskOut } from '../../contract/ui';
import type { VmAsked, VmRun } from '../../contract/vm-change';
import { openApp } from '../../main/app';

const app = openApp({ kind: 'browser', why: null }, path.resolve('assets'));
const runs: VmRun[] = [];
const states: string[] = [];
app.news.subscribe((name, body) => {
  if (name === 'vm.news') runs.push(body as VmRun);
  if (name === 'vms.changed') states.push((body as { vms: { state: string }[] }).vms.map((one) => one.state).join());
});
async function ask<N extends AskName>(name: N, input: AskIn<N>): Promise<AskOut<N>> {
  const answer = (await app.dispatch(name, input)) as Result<AskOut<N>>;
  if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.problem)}`);
  return answer.value;
}
const machine = 'this';
const idle = async (): Promise<VmRun | undefined> => {
  while (app.underWay()) await new Promise((resolve) => setTimeout(resolve, 50));
  return runs.at(-1);
};

const told: Record<string, unknown> = {};
const first = await ask('vm.list', { machine });
told['list'] = { problem: first.problem, vms: first.vms.length, accelerated: first.host?.accelerated };
const choices = await ask('vm.choices', { machine, system: 'linux', use: 'work' });
told['folders'] = choices.folders;
const wish = { uuid: null, name: 'door', system: 'linux' as const, use: 'work' as const, mode: { mode: 'vga' as const }, disk: { kind: 'new' as const, sizeGiB: 1, folder: null }, cores: 1, memoryMiB: 256, install: null };
const draft = await ask('vm.draft', { machine, wish });
// Emulated, because KVM inside a VM may open and not run; without a network, because this namespace has none.
const recipe = { ...draft.recipe, networks: [], firmware: { kind: 'bios' as const }, cpu: { ...draft.recipe.cpu, accelerated: false, cores: 1, threads: 1, pinning: null } };
const asked: VmAsked = { kind: 'create', recipe, disks: draft.disks, install: null, xml: null };
const drawn = await ask('vm.draw', { machine, asked, host: null });
told['steps'] = drawn.review.steps.map((step) => step.id);
told['checked'] = (await ask('vm.check', { machine, xml: drawn.after ?? '', uuid: null })).faults;
await ask('vm.apply', { machine, asked, host: null, approved: drawn.review.hash });
told['applied'] = (await idle())?.at;
told['started'] = (await ask('vm.act', { machine, uuid: recipe.uuid, act: 'start' })).state;
told['console'] = (await ask('vm.console', { machine, uuid: recipe.uuid })).vnc;
const { stream, password } = await ask('vm.stream-open', { machine, uuid: recipe.uuid, of: 'vnc' });
told['greeting'] = Buffer.from((await ask('vm.stream-read', { stream })).data, 'base64').toString('latin1');
told['password'] = password === (recipe.display.kind === 'vnc' ? recipe.display.password : null);
await ask('vm.stream-close', { stream });
// The watch looks every three seconds.
for (let tries = 0; tries < 100 && !states.includes('running'); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
told['news'] = states.includes('running');
told['off'] = (await ask('vm.act', { machine, uuid: recipe.uuid, act: 'force-off' })).state;
const { entries } = await ask('history.list', { machine });
told['history'] = entries.map(({ vm, mayUndo, outcome }) => [vm?.what, mayUndo, outcome]);
const change = entries[0]?.transaction;
if (change !== undefined) await ask('vm.undo', { machine, change });
const undone = await idle();
told['undone'] = [undone?.at, undone?.left];
const last = await ask('vm.choices', { machine, system: 'linux', use: 'work' });
told['after'] = { vms: (await ask('vm.list', { machine })).vms.length, same: JSON.stringify(last.folders) === JSON.stringify(choices.folders) };
await app.close();
console.log(JSON.stringify(told));
