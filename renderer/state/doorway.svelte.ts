// SPDX-License-Identifier: GPL-3.0-or-later
import { pasteLimit } from '../../contract/names';
import type { Problem } from '../../contract/problem';
import type { MachineEntry, MachineId, Recording } from '../../contract/target';
import type { AskOut } from '../../contract/ui';
import { ask } from '../client';
import type { Session } from './session.svelte';

export type Pasted = AskOut<'machine.paste'>;

/** Getting to another machine: what was pasted, which rehearsals there are. */
export class Doorway {
  private readonly session: Session;
  text = $state('');
  name = $state<string | null>(null);
  pasted = $state.raw<Pasted | null>(null);
  recordings = $state.raw<readonly Recording[] | null>(null);
  wanted = $state('');
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  found = $derived.by(() => {
    const words = this.wanted.toLowerCase().split(/\s+/).filter((word) => word !== '');
    return (this.recordings ?? []).filter((it) => words.every((word) => `${it.name} ${it.gpus.join(' ')}`.toLowerCase().includes(word)));
  });

  constructor(session: Session) {
    this.session = session;
  }

  async list(): Promise<void> {
    this.problem = null;
    const reply = await ask('machine.recordings', {});
    if (reply.ok) this.recordings = reply.value.recordings;
    else this.problem = reply.problem;
  }

  async drop(file: File): Promise<void> {
    if (file.size > pasteLimit) {
      this.problem = { code: 'too-large', detail: {} };
      return;
    }
    this.text = await file.text();
    this.name = file.name.slice(0, 256);
    await this.read();
  }

  async read(): Promise<void> {
    this.problem = null;
    this.pasted = null;
    if (this.text.length > pasteLimit) {
      this.problem = { code: 'too-large', detail: {} };
      return;
    }
    this.busy = true;
    const reply = await ask('machine.paste', { text: this.text, name: this.name });
    this.busy = false;
    if (reply.ok) this.pasted = reply.value;
    else this.problem = reply.problem;
  }

  /** Back to the text, with what was opened for it closed again. */
  reword(): void {
    const opened = this.pasted?.entry.machine;
    this.pasted = null;
    if (opened !== undefined) void this.session.forget(opened);
  }

  /** Opens a rehearsal; true when the window now looks at it. */
  async rehearse(of: { kind: 'recording'; recording: string } | { kind: 'machine'; machine: MachineId }, choices: Record<string, string> = {}): Promise<boolean> {
    if (this.busy) return false;
    this.problem = null;
    this.busy = true;
    const reply = await ask('machine.rehearse', { of, choices });
    if (reply.ok) await this.enter(reply.value.entry);
    else this.problem = reply.problem;
    this.busy = false;
    return reply.ok;
  }

  async enter(entry: MachineEntry): Promise<void> {
    this.session.takeEntry(entry);
    await this.session.use(entry.machine);
  }
}
