// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { VmRecipe } from '../../contract/vm';
import type { VmAsked } from '../../contract/vm-change';
import type { VmNote } from '../../contract/vm-codes';
import type { KnownDomain } from '../../contract/vm-domain';
import type { VmHalf, VmVolume } from '../../contract/vm-half';
import type { Sentence } from '../../contract/review';
import { readDomain } from '../../core/read/virsh-domain';
import { drawDomain } from '../../core/vm/domain';
import { editDomain } from '../../core/vm/edit';
import { installStage } from '../../core/vm/recipe';
import { definitionOf } from './half';
import type { HalfStore } from './half-store';
import type { Libvirt } from './libvirt';
import type { Contents } from './things';
import { networksFor, thingsFor, type Stores } from './wanted-things';

/** What an asked change comes to: the definition there is and the one there will be, and what is made around it. */
export interface Wanted {
  readonly uuid: string;
  readonly name: string;
  readonly what: VmHalf['what'];
  readonly before: string | null;
  readonly after: string | null;
  readonly known: KnownDomain | null;
  readonly things: Stores['things'];
  readonly contents: Contents;
  /** The recipe this definition is of: for its needs and its picture. Null: drawn by nobody here. */
  readonly of: { readonly recipe: VmRecipe; readonly now: boolean } | null;
  /** To be made of it after its installation. */
  readonly later: VmRecipe | null;
  readonly notes: readonly VmNote[];
  /** Said of it beside its definition. */
  readonly also: readonly Sentence[];
}

export interface WantBasis {
  readonly libvirt: Libvirt;
  readonly store: HalfStore;
  /** libvirt's own definition of its usual network, where it is installed. */
  readonly network: string | null;
}

/** Draws and changes nothing. Fails with the reason a recipe, a name or a disk cannot be. */
export async function wantedOf(asked: VmAsked, basis: WantBasis): Promise<Result<Wanted>> {
  switch (asked.kind) {
    case 'create':
      return create(asked, basis);
    case 'xml':
      return written(asked.uuid, asked.xml, basis);
    case 'edit':
      return changed(asked.uuid, basis, (before) => editDomain(before, asked.edits));
    case 'finish':
      return finish(asked.uuid, basis);
    case 'network':
      return networked(asked.uuid, basis);
    case 'undefine': {
      const before = await existing(asked.uuid, basis);
      if (!before.ok) return before;
      const known = readDomain(before.value);
      const name = known.ok ? known.value.name : asked.uuid;
      return ok({ uuid: asked.uuid, name, what: 'remove', before: before.value, after: null, known: known.ok ? known.value : null, things: [], contents: none, of: null, later: null, notes: [], also: [] });
    }
    default:
      return asked satisfies never;
  }
}

const none: Contents = { answers: null, network: null };

async function create(asked: Extract<VmAsked, { kind: 'create' }>, basis: WantBasis): Promise<Result<Wanted>> {
  const { recipe, install } = asked;
  const free = await isFree(recipe, basis);
  if (!free.ok) return free;
  const host = await basis.libvirt.host();
  if (!host.ok) return host;
  const stores = await thingsFor(asked, basis);
  if (!stores.ok) return stores;
  const staged = install === null ? recipe : installStage(recipe, { system: install.system, drivers: install.drivers, answers: stores.value.answersAt });
  const stage = install === null || recipe.display.kind !== 'vnc' ? staged : { ...staged, display: recipe.display };
  const drawn = drawDomain(stage, host.value);
  if (!drawn.ok) return drawn;
  // What comes after the installation must be drawable too, or the person would learn of it an hour later.
  const whole = install === null ? drawn : drawDomain(recipe, host.value);
  if (!whole.ok) return whole;
  const after = asked.xml ?? drawn.value.xml;
  const known = fitting(after, recipe.uuid);
  if (!known.ok) return known;
  const networks = await networksFor(known.value, basis);
  if (!networks.ok) return networks;
  const things = [...networks.value, ...stores.value.things];
  const contents = { answers: stores.value.answers, network: basis.network };
  const notes = [...new Map([...drawn.value.notes, ...whole.value.notes].map((one) => [one.code, one])).values()];
  return ok({ uuid: recipe.uuid, name: known.value.name, what: 'create', before: null, after, known: known.value, things, contents, of: { recipe, now: install === null }, later: install === null ? null : recipe, notes, also: [] });
}

/** Neither the name nor the uuid is anybody's. */
async function isFree(recipe: Pick<VmRecipe, 'uuid' | 'name'>, { libvirt }: WantBasis): Promise<Result<void>> {
  const all = await libvirt.list();
  if (!all.ok) return all;
  const taken = all.value.find((one) => one.uuid === recipe.uuid || one.known?.name === recipe.name);
  return taken === undefined ? ok(undefined) : failed('refused', { why: 'name-taken', name: recipe.name });
}

async function existing(uuid: string, { libvirt }: WantBasis): Promise<Result<string>> {
  const before = await definitionOf(libvirt, uuid);
  if (!before.ok) return before;
  return before.value === null ? failed('refused', { why: 'vm-missing' }) : ok(before.value);
}

/** A definition that is one of this VM. */
function fitting(xml: string, uuid: string): Result<KnownDomain> {
  const known = readDomain(xml);
  if (!known.ok) return known;
  return known.value.uuid === uuid ? known : failed('refused', { why: 'other-uuid' });
}

async function changed(uuid: string, basis: WantBasis, edit: (before: string) => Result<string>): Promise<Result<Wanted>> {
  const before = await existing(uuid, basis);
  if (!before.ok) return before;
  const after = edit(before.value);
  if (!after.ok) return after;
  const known = fitting(after.value, uuid);
  if (!known.ok) return known;
  const was = readDomain(before.value);
  // libvirt would take another name as another VM, and the old one would stay.
  if (was.ok && was.value.name !== known.value.name) return failed('refused', { why: 'other-name' });
  const { name } = known.value;
  return ok({ uuid, name, what: 'change', before: before.value, after: after.value, known: known.value, things: [], contents: none, of: null, later: null, notes: [], also: [] });
}

/** By hand: of a VM there is, or of a new one, whose networks are started as those of a drawn one are. */
async function written(uuid: string, xml: string, basis: WantBasis): Promise<Result<Wanted>> {
  const before = await definitionOf(basis.libvirt, uuid);
  if (!before.ok) return before;
  if (before.value !== null) return changed(uuid, basis, () => ok(xml));
  const known = fitting(xml, uuid);
  if (!known.ok) return known;
  const free = await isFree({ uuid, name: known.value.name }, basis);
  if (!free.ok) return free;
  const things = await networksFor(known.value, basis);
  if (!things.ok) return things;
  return ok({ uuid, name: known.value.name, what: 'create', before: null, after: xml, known: known.value, things: things.value, contents: { answers: null, network: basis.network }, of: null, later: null, notes: [], also: [] });
}

/** What a VM that exists needs around it to start: its definition stays. */
async function networked(uuid: string, basis: WantBasis): Promise<Result<Wanted>> {
  const same = await changed(uuid, basis, ok);
  if (!same.ok || same.value.known === null) return same;
  const things = await networksFor(same.value.known, basis);
  return things.ok ? ok({ ...same.value, things: things.value, contents: { answers: null, network: basis.network } }) : things;
}

/** The whole recipe of a VM whose installation is over. */
async function finish(uuid: string, basis: WantBasis): Promise<Result<Wanted>> {
  const before = await existing(uuid, basis);
  if (!before.ok) return before;
  const recipe = recipeKept(basis.store, uuid);
  if (recipe === null) return failed('not-found', { what: 'recipe' });
  const host = await basis.libvirt.host();
  if (!host.ok) return host;
  const drawn = drawDomain(recipe, host.value);
  if (!drawn.ok) return drawn;
  const known = fitting(drawn.value.xml, uuid);
  if (!known.ok) return known;
  return ok({ uuid, name: recipe.name, what: 'change', before: before.value, after: drawn.value.xml, known: known.value, things: [], contents: none, of: { recipe, now: true }, later: null, notes: drawn.value.notes, also: answersKept(basis.store, uuid).map(({ path }) => ({ code: 'step.vm-define.answers-go', detail: { path } })) });
}

/** Changes of a VM that stand, newest first. */
export function halvesOf(store: HalfStore, uuid: string): VmHalf[] {
  const halves = store.ids().flatMap((id) => {
    const half = store.read(id);
    return half.ok && half.value.uuid === uuid && half.value.state === 'done' ? [half.value] : [];
  });
  return halves.sort((a, b) => b.opened - a.opened);
}

/** What the newest change of this VM said it will be after its installation. */
const recipeKept = (store: HalfStore, uuid: string): VmRecipe | null => halvesOf(store, uuid).find((half) => half.recipe !== null)?.recipe ?? null;

/** Discs with answers that were made for it and not taken away yet: there is a password on them. */
export const answersKept = (store: HalfStore, uuid: string): VmVolume[] =>
  halvesOf(store, uuid).flatMap((half) => half.things.flatMap(({ thing, state }) => (thing.kind === 'volume' && thing.holds === 'answers' && state === 'made' ? [thing] : [])));

