// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import type { AskName } from '../../../contract/names';
import type { Problem, Result } from '../../../contract/problem';
import type { AskIn, AskOut, TellBody } from '../../../contract/ui';
import { tune } from '../../../core/vm/tuning/tune';
import { openApp } from '../../../main/app';
import { corpusProcessors, facts, knownProcessors, topology } from '../../core/vm/topologies';
import { still } from './still';

type VmRun = TellBody<'vm.news'>;
type Wish = AskIn<'vm.draft'>['wish'];
export type Choices = AskOut<'vm.choices'>;
export type Draft = AskOut<'vm.draft'>;
export type VmList = AskOut<'vm.list'>;

/** What the real main process said about VMs while one was set up, started, changed and undone in a rehearsal. */
export interface LivedVms {
  readonly look: AskOut<'machine.look'>;
  /** The change that lets a person use libvirt. */
  readonly account: AskOut<'plan.draw'>;
  readonly empty: VmList;
  readonly there: VmList;
  readonly windows: Choices;
  readonly linux: Choices;
  readonly discs: Readonly<Record<'windows' | 'drivers' | 'linux' | 'torn' | 'none', Result<AskOut<'vm.disc'>>>>;
  readonly draft: Draft;
  readonly plain: Draft;
  readonly drawn: AskOut<'vm.draw'>;
  readonly plainDrawn: AskOut<'vm.draw'>;
  readonly sound: AskOut<'vm.check'>;
  readonly faulty: AskOut<'vm.check'>;
  readonly working: VmRun;
  readonly done: VmRun;
  readonly running: AskOut<'vm.act'>;
  readonly console: AskOut<'vm.console'>;
  readonly guest: AskOut<'vm.guest'>;
  readonly xml: AskOut<'vm.xml'>;
  readonly removal: AskOut<'vm.draw'>;
  /** Of a VM that somebody else set up, and whose network is off: libvirt's refusal of its start, and the step. */
  readonly networkOff: Problem;
  readonly network: AskOut<'vm.draw'>;
  readonly history: AskOut<'history.list'>;
  readonly undone: VmRun;
  /** The page's answer to an edit that is no XML at all. */
  readonly refusal: Problem;
}

const downloads = '/home/user/Downloads';
const card = '0000:01:00.0';

/** Walks the real main process, in this process, through the life of a VM on a machine of memory. */
export async function liveVms(): Promise<LivedVms> {
  const app = openApp({ kind: 'electron', why: null }, path.resolve('assets'));
  const reply = async <N extends AskName>(name: N, input: AskIn<N>): Promise<Result<AskOut<N>>> => (await app.dispatch(name, input)) as Result<AskOut<N>>;
  const ask = async <N extends AskName>(name: N, input: AskIn<N>): Promise<AskOut<N>> => {
    const answered = await reply(name, input);
    if (!answered.ok) throw new Error(`${name}: ${JSON.stringify(answered.problem)}`);
    return answered.value;
  };
  const news: VmRun[] = [];
  app.news.subscribe((name, body) => {
    if (name === 'vm.news') news.push(structuredClone(body as VmRun));
  });
  const until = async (...at: readonly VmRun['at'][]): Promise<VmRun> => {
    for (let tries = 0; tries < 400; tries += 1) {
      const last = news.at(-1);
      if (last !== undefined && at.includes(last.at)) return last;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`never ${at.join(' or ')}: ${JSON.stringify(news.at(-1))}`);
  };
  const choices = { 'boot-display': '0000:6a:00.0' };
  const { machine } = (await ask('machine.rehearse', { of: { kind: 'recording', recording: 'x670e-i-rtx3080-raphael' }, choices })).entry;
  const look = await ask('machine.look', { machine, again: false });
  const account = await ask('plan.draw', { machine, intent: { kind: 'vm-host', needs: ['account'] } });
  const empty = await ask('vm.list', { machine });
  const windows = await ask('vm.choices', { machine, system: 'windows-11', use: 'play' });
  const linux = await ask('vm.choices', { machine, system: 'linux', use: 'work' });
  const disc = (name: string) => reply('vm.disc', { machine, path: `${downloads}/${name}` });
  const discs = { windows: await disc('windows-11.iso'), drivers: await disc('virtio-win.iso'), linux: await disc('debian-13.iso'), torn: await disc('half-a-download.iso'), none: await disc('nothing.iso') };
  const gpu = look.assessment.cards.find((it) => it.gpu === card)?.gpu;
  if (gpu === undefined) throw new Error(`no card ${card}`);
  const common = { uuid: null, use: 'play', disk: { kind: 'new', sizeGiB: 64, folder: null }, cores: null, memoryMiB: null } as const;
  const wish: Wish = { ...common, name: 'windows-11', system: 'windows-11', mode: { mode: 'passthrough', way: 'dedicated', card: gpu }, install: { system: `${downloads}/windows-11.iso`, drivers: `${downloads}/virtio-win.iso`, answers: null } };
  const draft = await ask('vm.draft', { machine, wish });
  const plain = await ask('vm.draft', { machine, wish: { ...common, use: 'work', name: 'linux', system: 'linux', mode: { mode: 'virtio-3d' }, install: { system: `${downloads}/debian-13.iso`, drivers: null, answers: null } } });
  const asked = (from: Draft): AskIn<'vm.draw'>['asked'] => ({ kind: 'create', recipe: from.recipe, disks: from.disks, install: from.install, xml: null });
  const drawn = await ask('vm.draw', { machine, asked: asked(draft), host: null });
  const plainDrawn = await ask('vm.draw', { machine, asked: asked(plain), host: null });
  const { uuid } = plain.recipe;
  const after = plainDrawn.after ?? '';
  const sound = await ask('vm.check', { machine, xml: after, uuid });
  const faulty = await ask('vm.check', { machine, xml: after.replace(uuid, '00000000-0000-4000-8000-000000000000'), uuid });
  await ask('vm.apply', { machine, asked: asked(plain), host: null, approved: plainDrawn.review.hash });
  const done = await until('done', 'failed', 'undo-incomplete');
  const working = news.find((run) => run.at === 'working' && run.steps.some((step) => step.state === 'changing')) ?? done;
  const there = await ask('vm.list', { machine });
  const running = await ask('vm.act', { machine, uuid, act: 'start' });
  const console = await ask('vm.console', { machine, uuid });
  const guest = await ask('vm.guest', { machine, uuid });
  await ask('vm.act', { machine, uuid, act: 'force-off' });
  const xml = await ask('vm.xml', { machine, uuid });
  const removal = await ask('vm.draw', { machine, asked: { kind: 'undefine', uuid }, host: null });
  const history = await ask('history.list', { machine });
  const refused = await reply('vm.draw', { machine, asked: { kind: 'xml', uuid, xml: '<domain' }, host: null });
  if (done.change === null || refused.ok) throw new Error('nothing to undo, or no XML was taken for some');
  await ask('vm.undo', { machine, change: done.change });
  const undone = await until('undone', 'undo-incomplete');
  const other = '4c4c4544-0000-4000-8000-000000000009';
  const theirs = after.replace(uuid, other).replaceAll(/ {4}<disk [\s\S]*?<\/disk>\n/g, '');
  for (const text of [theirs.replace(/ {4}<interface [\s\S]*?<\/interface>\n/, ''), theirs]) {
    const asking = { kind: 'xml', uuid: other, xml: text } as const;
    const { review } = await ask('vm.draw', { machine, asked: asking, host: null });
    news.length = 0;
    await ask('vm.apply', { machine, asked: asking, host: null, approved: review.hash });
    await until('done');
  }
  const off = await reply('vm.act', { machine, uuid: other, act: 'start' });
  if (off.ok) throw new Error('it started without its network');
  const network = await ask('vm.draw', { machine, asked: { kind: 'network', uuid: other }, host: null });
  await app.close();
  return named({ look, account, empty, there, windows, linux, discs, draft, plain, drawn, plainDrawn, sound, faulty, working, done, running, console, guest, xml, removal, networkOff: off.problem, network, history, undone, refusal: refused.problem }, [draft.recipe, plain.recipe]);
}

/** Names and passwords that differ from run to run become the same. */
function named(lived: LivedVms, recipes: readonly Draft['recipe'][]): LivedVms {
  let text = JSON.stringify(lived);
  for (const [index, { uuid, networks, display }] of recipes.entries()) {
    text = text.replaceAll(uuid, `4c4c4544-0000-4000-8000-00000000000${String(index + 1)}`);
    for (const { mac } of networks) text = text.replaceAll(mac, `52:54:00:00:00:0${String(index + 1)}`);
    if (display.kind === 'vnc' && display.password !== undefined) text = text.replaceAll(display.password, 'KpT4wQz7');
  }
  return still(JSON.parse(text) as LivedVms);
}

/** The same draft with a card that is handed over when the VM starts. */
export const handedOver = (draft: Draft): Draft => ({ ...draft, recipe: { ...draft.recipe, graphics: draft.recipe.graphics.mode === 'passthrough' ? { ...draft.recipe.graphics, way: 'on-demand' } : draft.recipe.graphics } });

/** The same draft on a machine whose processor is told: the recorded one says nothing of its cores. */
export function pinnedDraft(draft: Draft, processor: 'one cache' | 'hybrid' | 'server'): Draft {
  const parts = processor === 'hybrid' ? corpusProcessors['076'] : knownProcessors[processor === 'server' ? 'two sockets of sixteen' : 'a large and a small cache'];
  const machine = facts(topology(parts ?? [], processor === 'hybrid' ? 'next' : 'half'), processor === 'server' ? { total: 256 * 2 ** 30, available: 200 * 2 ** 30 } : {});
  const tuning = tune(machine, { cores: null, profile: 'play', cardNode: null, memoryMiB: 16_384, pinsMemory: true, isolated: [] });
  return { ...draft, tuning, recipe: { ...draft.recipe, cpu: { ...draft.recipe.cpu, cores: tuning.cores, threads: tuning.threads, pinning: tuning.pinning }, memory: { ...draft.recipe.memory, sizeMiB: tuning.memory.sizeMiB } } };
}
