// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceIdentity, Place } from '../../contract/plan';
import type { Result } from '../../contract/problem';
import type { Change, Sentence } from '../../contract/review';
import type { Setting } from '../../contract/setting';
import type { ImageFound, StartArgs } from './proof';

/** What a step is rendered with: the transaction's name, and the places' text as it is now (null: absent). */
export interface StepView {
  readonly transaction: string;
  text(place: Place): Result<string | null>;
}

/** A file by what can be told of it without its content. */
export interface Stood {
  readonly sha256: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** One change, complete: whoever performs it decides nothing any more. */
export type StepChange =
  /** Whole content. `mode` is for a new file; one that is there keeps its owner, mode and attributes. */
  | { readonly change: 'write'; readonly place: Place; readonly text: string; readonly mode: number }
  | { readonly change: 'remove'; readonly place: Place }
  /** mkinitramfs writes beside the place; checked, flushed, swapped. `config` null: the system's own configuration. */
  | { readonly change: 'build-image'; readonly place: Place; readonly kernel: string; readonly config: Place | null }
  /** grub-mkconfig writes beside the place; checked, flushed, swapped. */
  | { readonly change: 'build-config'; readonly place: Place }
  /** A folder of the store becomes a copy of `from` with these files put in. */
  | {
      readonly change: 'copy-config';
      readonly place: Place;
      readonly from: string;
      readonly files: readonly { readonly name: string; readonly text: string; readonly mode: number }[];
    }
  /** Exactly what a restore point saw, found in the store by its digest; null: nothing was there. */
  | { readonly change: 'put-back'; readonly place: Place; readonly then: Stood | null }
  /** Something that is no file becomes `to`: core/step/setting.ts says which values that allows. */
  | { readonly change: 'set'; readonly setting: Setting; readonly to: string };
export type PlaceChange = Exclude<StepChange, { readonly change: 'set' }>;

/** One thing that must be true after a step, to be found out by looking and never from what a program said (security rule 11). */
export type Check =
  /** The place holds exactly this. */
  | { readonly check: 'text'; readonly place: Place; readonly text: string }
  | { readonly check: 'absent'; readonly place: Place }
  /** The place holds the very bytes of that digest, with this owner and mode. */
  | { readonly check: 'stands'; readonly place: Place; readonly then: Stood }
  /** The image holds this early script, first in its order, and the modules it loads; null: no script of ours. */
  | { readonly check: 'image'; readonly place: Place; readonly kernel: string; readonly script: string | null }
  /** The folder of the store holds these files, executable. */
  | {
      readonly check: 'config-copy';
      readonly place: Place;
      readonly files: readonly { readonly name: string; readonly text: string }[];
    }
  /** The trial entry reads back as the default entry with our changes and no other. */
  | {
      readonly check: 'entry';
      readonly place: Place;
      readonly kernel: string;
      readonly image: 'own' | 'default';
      readonly start: StartArgs;
    }
  /** The generated configuration is the old one with our arguments on every normal entry and no other change. */
  | { readonly check: 'config'; readonly place: Place; readonly old: string; readonly start: StartArgs }
  /** The setting is what it was to become. */
  | { readonly check: 'set'; readonly setting: Setting; readonly to: string };

/** What whoever verifies has looked up for a check: texts of places, an image's content, a setting's value. Null: absent. */
export interface CheckView {
  text(place: Place): Result<string | null>;
  image(place: Place): Result<ImageFound | null>;
  /** A file inside a folder of the store, with its permission bits. */
  file(place: Place, name: string): Result<{ readonly text: string; readonly mode: number } | null>;
  value(setting: Setting): Result<string>;
  /** Digest, owner and mode of a place's file. */
  standing(place: Place): Result<Stood | null>;
}

/** What the self check of a start looks for (host fact 5.9): in the trial, and at every start once kept. */
export type StartCheck =
  | { readonly check: 'argument'; readonly arg: string }
  /** No word of the command line has this name. */
  | { readonly check: 'no-argument'; readonly name: string }
  | { readonly check: 'iommu-active' }
  | { readonly check: 'bound'; readonly device: DeviceIdentity; readonly driver: 'vfio-pci' };

/** What has to be read anew, or made anew from its sources, for the running system to be as its files say. */
export type Generated = 'units' | 'image' | 'config';

/**
 * Everything there is to know of one step; core/step/kinds.ts gives it for each kind, and nothing else tells kinds apart.
 * A new kind is a shape in contract/, one of these, and its words.
 */
export interface StepRule {
  /** The places it changes, in the order it does; known without looking. */
  readonly places: readonly Place[];
  /** What else it sets. */
  readonly settings: readonly Setting[];
  /** Which changes it may make: what must be there for them is asked before the first step. */
  readonly does: readonly StepChange['change'][];
  /** Of its words. */
  readonly detail: Sentence['detail'];
  readonly lines: readonly Sentence[];
  /** Renders it: pure, and the same for the diff a person reads and for what root writes. */
  changes(view: StepView): Result<readonly StepChange[]>;
  /** What must hold beyond its changes being there; `before` shows the places as they were when it began. */
  proofs?(before: StepView): Result<readonly Check[]>;
  /** What is true of every start once it is kept. */
  afterStart?(transaction: string): readonly StartCheck[];
  /** When it is true of what runs, where that is later than now. */
  readonly holdsFrom?: 'login' | 'service' | 'start';
  /** What of the running system must be made or read anew after its files went back. */
  readonly generated?: Generated;
  /** How Review shows a setting's change. */
  shown?(): readonly Change[];
}
