// SPDX-License-Identifier: GPL-3.0-or-later
import type { PointRef, TransactionId } from '../../contract/history';
import type { Intent, IntentOf } from '../../contract/plan';
import type { Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import { apply } from '../../helper/apply';
import { draw, hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { restore } from '../../helper/restore';
import { undo } from '../../helper/undo';
import { probe } from '../../host/probe';
import { contentOf } from '../../rehearsal/content';
import { change, inodeOf, unlink } from '../../rehearsal/disk';
import { differences, find, writeAt } from '../../rehearsal/files';
import { flushFile, flushFolder } from '../../rehearsal/flush';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { runProgram } from '../../rehearsal/programs';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

/** A machine of memory that a person changes, edits and leads back, with what it was at each point. */
export class Scene {
  readonly rehearsal: Rehearsal;
  /** What every file was at a point. */
  readonly was = new Map<string, ReadonlyMap<string, string>>();
  readonly points: PointRef[] = [];
  readonly kept: TransactionId[] = [];

  constructor(machine = '010-z370-i5-9400-gt1030') {
    this.rehearsal = openRehearsal(corpusFacts(machine), {}, null);
  }

  image(): ReadonlyMap<string, string> {
    return this.rehearsal.image();
  }

  /** Old blocks kept for the loader go at the next good start. */
  async restart(): Promise<void> {
    const { started } = await this.rehearsal.restart();
    if (started.at !== 'up') throw new Error(`it does not start: ${started.why}`);
  }

  private remember(transaction: TransactionId, side: PointRef['side'], image: ReadonlyMap<string, string>): void {
    this.was.set(`${transaction}:${side}`, image);
    this.points.push({ transaction, side });
  }

  /** What can be asked for now and would change something. */
  wishes(): readonly Intent[] {
    return wishes(probe(this.rehearsal.eyes())).filter((intent) => {
      const plan = this.rehearsal.plan(intent);
      return plan.ok && plan.value.steps.length > 0;
    });
  }

  /** Applies, restarts into the trial where there is one, keeps, and restarts. */
  async make(intent: Intent): Promise<Result<Outcome>> {
    const before = this.image();
    const done = await this.keepInTrial(intent);
    if (!done.ok || done.value.transaction === null) return done;
    const { transaction } = done.value;
    await this.restart();
    this.remember(transaction, 'before', before);
    this.remember(transaction, 'after', this.image());
    this.kept.push(transaction);
    return done;
  }

  /** Applies, restarts into the trial where there is one, and keeps. */
  async keepInTrial(intent: Intent): Promise<Result<Outcome>> {
    const plan = draw(this.rehearsal.eyes(), intent);
    if (!plan.ok) return plan;
    const approved = hashOf(plan.value);
    const desk = this.rehearsal.desk();
    const done = intent.kind === 'restore' ? await restore(desk, { to: intent.to, choices: intent.choices, approved }) : await apply(desk, { intent, approved });
    if (!done.ok || done.value.transaction === null) return done;
    const { transaction } = done.value;
    if (done.value.state === 'waiting-for-restart') {
      await this.restart();
      const answer = await keep(this.rehearsal.desk(), { transaction, approved });
      if (!answer.ok) return answer;
    }
    return done;
  }

  async point(reason = 'a quiet moment'): Promise<Result<Outcome>> {
    return this.make({ kind: 'point', reason });
  }

  async back(to: PointRef, choices: IntentOf<'restore'>['choices'] = []): Promise<Result<Outcome>> {
    return this.make({ kind: 'restore', to, choices });
  }

  async undo(transaction: TransactionId): Promise<Result<Outcome>> {
    const done = await undo(this.rehearsal.desk(), { transaction });
    await this.restart();
    return done;
  }

  /** Paths that are not as they were at a point. */
  differs(point: PointRef): readonly string[] {
    return differences(this.was.get(`${point.transaction}:${point.side}`) ?? new Map(), this.image());
  }

  text(path: string): string | null {
    return find(this.rehearsal.world.disk, path)?.content.text ?? null;
  }

  /** Somebody adds a line, as with an editor. */
  edit(path: string, line: string): void {
    const { disk } = this.rehearsal.world;
    const there = find(disk, path);
    const file = there === null ? writeAt(disk, path, `${line}\n`) : change(disk, there, { content: contentOf(`${there.content.text}${line}\n`) });
    flushFile(disk, file);
    const folder = find(disk, path.slice(0, path.lastIndexOf('/')));
    if (folder !== null) flushFolder(disk, inodeOf(disk, folder.id));
  }

  /** What a kernel's package does: a new image of every kernel, and the start menu anew. */
  update(): void {
    const { world } = this.rehearsal;
    for (const [path, content] of [['/boot/grub/grub.cfg', null], ...[...this.image().keys()].filter((name) => /^\/boot\/initrd\.img-[^/]*$/.test(name) && !name.includes('switchyard')).map((name) => [name, name.slice('/boot/initrd.img-'.length)] as const)] as const) {
      const made = `${path}.made-by-package`;
      runProgram(world, content === null ? { program: 'grub-mkconfig', output: made } : { program: 'mkinitramfs', kernel: content, output: made, config: null }, 'whole');
      const text = this.text(made);
      const old = find(world.disk, path);
      if (text === null || old === null) throw new Error('the package made nothing');
      const { mode } = old.attributes;
      // A package exchanges the file: another one stands under its name.
      removeAt(this.rehearsal, path);
      writeAt(world.disk, path, text, { mode });
      removeAt(this.rehearsal, made);
    }
  }
}

function removeAt({ world }: Rehearsal, path: string): void {
  const parent = find(world.disk, path.slice(0, path.lastIndexOf('/')));
  if (parent !== null) unlink(world.disk, parent, path.slice(path.lastIndexOf('/') + 1));
}
