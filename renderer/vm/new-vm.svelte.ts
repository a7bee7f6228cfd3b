// SPDX-License-Identifier: GPL-3.0-or-later
import type { GuestSystem, VmRecipe } from '../../contract/vm';
import type { VmMode } from '../../contract/vm-mode';
import type { AskIn, AskOut } from '../../contract/ui';
import { ask } from '../client';
import type { Waiting } from '../state/waiting';
import type { Change } from './change.svelte';
import { mayBeApart } from '../../core/vm/apart';
import { forms } from '../../core/vm/forms';
import { Source } from './source.svelte';
import { wishOf, type Parts } from './wish';
import type { Vms } from './vms.svelte';

export const newPlaces = ['system', 'graphics', 'resources', 'review', 'set-up'] as const;
export type NewPlace = (typeof newPlaces)[number];
export type Choices = AskOut<'vm.choices'>;
export type Draft = AskOut<'vm.draft'>;
export type Use = AskIn<'vm.choices'>['use'];
type Wish = AskIn<'vm.draft'>['wish'];
/** What the person changed in the drafted recipe; a new draft keeps it. */
type Own = Partial<Pick<VmRecipe, 'networks' | 'audio' | 'input' | 'usb' | 'display' | 'firmware' | 'tpm'>> & { readonly pages?: VmRecipe['memory']['pages']; readonly pinned?: boolean; readonly apart?: boolean };

/** A new VM, from "which system" to a change that can be read: where the person is, what was answered, and what was drafted of it. */
export class NewVm {
  readonly vms: Vms;
  asked = $state<NewPlace>('system');
  system = $state<GuestSystem>('windows-11');
  /** Null: the name we would give it. */
  ownName = $state<string | null>(null);
  readonly source: Source;
  use = $state<Use>('play');
  choices = $state.raw<Waiting<Choices>>({ at: 'none' });
  /** Where the chosen mode stands in the choices. */
  picked = $state<number | null>(null);
  parts = $state<Parts>({ mdev: '', function: '' });
  cores = $state<number | null>(null);
  memoryMiB = $state<number | null>(null);
  sizeGiB = $state(64);
  folder = $state<string | null>(null);
  own = $state.raw<Own>({});
  draft = $state.raw<Waiting<Draft>>({ at: 'none' });
  change = $state.raw<Change | null>(null);
  private count = 0;

  constructor(vms: Vms) {
    this.vms = vms;
    this.source = new Source(vms.machine, () => this.system);
  }

  seen = $derived<Choices | null>(this.choices.at === 'here' ? this.choices.value : null);
  mode = $derived<VmMode | null>(this.picked === null ? null : (this.seen?.modes[this.picked] ?? null));
  drafted = $derived<Draft | null>(this.draft.at === 'here' ? this.draft.value : null);
  suggested = $derived.by(() => {
    const taken = this.vms.vms.map((it) => it.known?.name);
    const plain: string = this.system === 'other' ? 'vm' : this.system;
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? plain : `${plain}-${String(number)}`;
      if (!taken.includes(name)) return name;
    }
  });
  name = $derived(this.ownName ?? this.suggested);
  recipe = $derived.by<VmRecipe | null>(() => {
    if (this.drafted === null) return null;
    const { pages, pinned, apart, ...rest } = this.own;
    const { recipe } = this.drafted;
    return {
      ...recipe,
      ...rest,
      memory: { ...recipe.memory, pages: pages ?? recipe.memory.pages },
      cpu: pinned === false ? { ...recipe.cpu, pinning: null } : apart === true && mayBeApart(recipe) ? { ...recipe.cpu, apart } : recipe.cpu,
    };
  });

  /** Why System is not answered yet, as the end of a key. */
  systemLacks = $derived.by(() => {
    if (!forms.name.test(this.name)) return 'name' as const;
    if (this.vms.vms.some((it) => it.known?.name === this.name)) return 'name-taken' as const;
    return this.source.lacks;
  });
  graphicsLacks = $derived.by(() => {
    if (this.mode === null) return 'mode' as const;
    if (this.mode.possible === 'no') return 'mode-no' as const;
    return wishOf(this.mode, this.parts) === null ? ('part' as const) : null;
  });

  /** The place in view: a run of this VM has its own. */
  place = $derived.by<NewPlace>(() => {
    const { run } = this.vms;
    if (run !== null && this.drafted !== null && run.uuid === this.drafted.recipe.uuid) return 'set-up';
    return this.asked === 'set-up' ? 'review' : this.asked;
  });

  reachable(place: NewPlace): boolean {
    if (place === this.place) return true;
    if (this.place === 'set-up') return false;
    const open = { system: true, graphics: this.systemLacks === null && this.seen?.host != null, resources: this.systemLacks === null && this.graphicsLacks === null, review: this.recipe !== null && this.graphicsLacks === null, 'set-up': false };
    return open[place];
  }

  go(place: NewPlace): void {
    if (!this.reachable(place)) return;
    this.asked = place;
    if (place === 'resources' && this.draft.at !== 'here') void this.makeDraft();
    if (place === 'review') this.review();
  }

  async readChoices(): Promise<void> {
    const before = this.mode;
    this.choices = { at: 'waiting' };
    const { system, use } = this;
    const reply = await ask('vm.choices', { machine: this.vms.machine, system, use });
    if (system !== this.system || use !== this.use) return;
    this.choices = reply.ok ? { at: 'here', value: reply.value } : { at: 'failed', problem: reply.problem };
    if (!reply.ok) return;
    const { modes, recommended } = reply.value;
    const same = before === null ? -1 : modes.findIndex((it) => it.mode === before.mode && it.card?.address === before.card?.address && it.way === before.way && it.possible !== 'no');
    this.pick(same >= 0 && this.toldMode ? same : recommended);
    this.toldMode &&= same >= 0;
  }
  /** True once the person chose a mode; until then it follows the recommendation. */
  private toldMode = false;

  setSystem(system: GuestSystem): void {
    this.system = system;
    this.source.systemChanged();
    this.forget();
    void this.readChoices();
  }

  setUse(use: Use): void {
    this.use = use;
    this.toldMode = false;
    void this.readChoices();
  }

  choose(index: number): void {
    this.toldMode = true;
    this.pick(index);
  }

  private pick(index: number | null): void {
    this.picked = index;
    this.forget();
  }

  takeParts(parts: Parts): void {
    this.parts = parts;
    this.forget();
  }

  /** What was drafted is not what is wanted any more. */
  forget(): void {
    this.draft = { at: 'none' };
    this.change = null;
    this.own = {};
  }

  wish(): Wish | null {
    const mode = this.mode === null ? null : wishOf(this.mode, this.parts);
    if (mode === null || this.systemLacks !== null) return null;
    const { name, system, use, cores, memoryMiB, drafted } = this;
    const disk: Wish['disk'] = this.source.disk ?? { kind: 'new', sizeGiB: this.sizeGiB, folder: this.folder };
    return { uuid: drafted?.recipe.uuid ?? null, name, system, use, mode, disk, cores, memoryMiB, install: this.source.install(name) };
  }

  /** Drafts again; what is on the screen stays until the answer is here. */
  async makeDraft(): Promise<void> {
    const wish = this.wish();
    if (wish === null) return;
    const turn = ++this.count;
    if (this.drafted === null) this.draft = { at: 'waiting' };
    const reply = await ask('vm.draft', { machine: this.vms.machine, wish });
    if (turn !== this.count) return;
    this.draft = reply.ok ? { at: 'here', value: reply.value } : { at: 'failed', problem: reply.problem };
    this.change = null;
  }

  take(own: Own): void {
    this.own = { ...this.own, ...own };
    this.change = null;
  }

  setSize(cores: number | null, memoryMiB: number | null): void {
    this.cores = cores;
    this.memoryMiB = memoryMiB;
    void this.makeDraft();
  }

  setDisk(sizeGiB: number, folder: string | null): void {
    this.sizeGiB = sizeGiB;
    this.folder = folder;
    void this.makeDraft();
  }

  private review(): void {
    const { recipe, drafted } = this;
    if (recipe === null || drafted === null || this.change !== null) return;
    this.change = this.vms.change({ kind: 'create', recipe, disks: drafted.disks, install: drafted.install, xml: null });
    void this.change.draw();
  }
}
