// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { hostFacts } from './facts';
import { vmUuid } from './hand-off';
import { handAsks, handTells } from './hand-run';
import { assessment, missing } from './judged';
import { linkNames, pasteLimit, shortcuts, type AskName, type TellName } from './names';
import { pointReason, pointRef, pointSide, transactionId } from './history';
import { intent, plan, planHash, restoreChoices } from './plan';
import { compared, driftReport, restoreReview } from './point';
import { review } from './review';
import { runState } from './run';
import { vmAsks, vmTells } from './vm-asks';
import { vmOfEntry } from './vm-change';
import { assumedPart, helperState, machineEntry, machineId, partChoices, recording, understood } from './target';

interface Row {
  readonly in: z.ZodType;
  readonly out: z.ZodType;
}
const nothing = z.strictObject({});
const onMachine = z.strictObject({ machine: machineId });

/** `system` follows the desktop. `keepRunning`: closing the window leaves the tray and the shortcut. */
export const settings = z.strictObject({
  language: z.enum(['system', 'en', 'zh']),
  theme: z.enum(['system', 'light', 'dark']),
  keepRunning: z.boolean(),
  shortcut: z.enum(shortcuts),
});
export type Settings = z.infer<typeof settings>;

/** What became of the shortcut. *none*: this door has neither tray nor shortcut; *asked*: a Wayland desktop has it and does not say what it did with it; *refused*: it is not to be had. */
export const shortcutStates = ['none', 'off', 'held', 'asked', 'refused'] as const;
export type ShortcutState = (typeof shortcutStates)[number];

export const shownSettings = z.strictObject({ ...settings.shape, shortcutState: z.enum(shortcutStates) });
export type ShownSettings = z.infer<typeof shownSettings>;

export const appState = z.strictObject({
  version: z.string().max(32),
  door: z.enum(['electron', 'browser']),
  /** Why the browser door is open and not the window, as a code of words/; null when it was asked for. */
  why: z.string().max(96).nullable(),
  settings: shownSettings,
  /** The desktop's language, for `system`. */
  systemLanguage: z.enum(['en', 'zh']),
  helper: helperState,
  machines: z.array(machineEntry).max(64),
  current: machineId,
  /** Runs that are not over, of every machine. */
  runs: z.array(runState).max(64),
});
export type AppState = z.infer<typeof appState>;

/** One transaction in the timeline. */
export const historyEntry = z.strictObject({
  transaction: transactionId,
  started: z.iso.datetime(),
  ended: z.iso.datetime().nullable(),
  /** Human names of what it was about. */
  about: z.string().max(512),
  intent: z.string().max(32),
  outcome: z.enum(['open', 'waiting', 'kept', 'undone', 'cancelled', 'failed', 'undo-incomplete']),
  /** Undo of this one alone; false also while a newer one stands on it (`newer`): that one goes first. */
  mayUndo: z.boolean(),
  newer: transactionId.nullable(),
  /** The person's words, of a point taken on request. */
  reason: z.string().max(80).nullable(),
  /** Where a restore led to. */
  restores: pointRef.nullable(),
  /** Which sides of it can be compared and restored; empty while nothing was seen, or where a newer program wrote it. */
  points: z.array(pointSide).max(2),
  /** The VM half it has, or is. Undo of one that is at rest is `vm.undo` and not `run.undo`: it takes both halves. */
  vm: vmOfEntry.exactOptional(),
});
export type HistoryEntry = z.infer<typeof historyEntry>;

/** One row per call that may cross from the window to the main process: what comes in, what goes out. */
export const asks = {
  'app.state': { in: nothing, out: appState },
  'app.settings': {
    in: z.strictObject({
      language: settings.shape.language.exactOptional(),
      theme: settings.shape.theme.exactOptional(),
      keepRunning: settings.shape.keepRunning.exactOptional(),
      shortcut: settings.shape.shortcut.exactOptional(),
    }),
    out: shownSettings,
  },
  /** Only in the window: the page may not reach the clipboard there. */
  'app.copy': { in: z.strictObject({ text: z.string().max(1_000_000) }), out: nothing },
  'app.link': { in: z.strictObject({ link: z.enum(linkNames) }), out: z.strictObject({ opened: z.boolean() }) },

  'machine.list': { in: nothing, out: z.strictObject({ machines: z.array(machineEntry).max(64), current: machineId }) },
  'machine.recordings': { in: nothing, out: z.strictObject({ recordings: z.array(recording).max(1024) }) },
  /** A dump or a machine file as text, pasted or dropped; `name` is the dropped file's. */
  'machine.paste': {
    in: z.strictObject({ text: z.string().max(pasteLimit), name: z.string().max(256).nullable() }),
    out: z.strictObject({ entry: machineEntry, understood: z.array(understood).max(64), missing }),
  },
  /** Opens a rehearsal of a recording or of a dump; again with other choices: the old one is replaced. */
  'machine.rehearse': {
    in: z.strictObject({
      of: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('recording'), recording: recording.shape.recording }),
        z.strictObject({ kind: z.literal('machine'), machine: machineId }),
      ]),
      choices: partChoices,
    }),
    out: z.strictObject({ entry: machineEntry, parts: z.array(assumedPart).max(64) }),
  },
  'machine.use': { in: onMachine, out: machineEntry },
  'machine.forget': { in: onMachine, out: nothing },
  /** `again: false` may answer from the last look; `true` reads the machine anew. */
  'machine.look': {
    in: z.strictObject({ machine: machineId, again: z.boolean() }),
    out: z.strictObject({
      entry: machineEntry,
      looked: z.iso.datetime(),
      facts: hostFacts,
      assessment,
      /** What a paste was understood as; empty for the others. */
      understood: z.array(understood).max(64),
      /** Parts a rehearsal assumes; empty for the others. */
      parts: z.array(assumedPart).max(64),
      helper: helperState,
    }),
  },

  /** The plan for an intent, as data and as the person reads it. A plan that cannot be is a problem `refused` with its code. */
  'plan.draw': { in: z.strictObject({ machine: machineId, intent }), out: z.strictObject({ plan, review }) },
  /** "Show the files I may not read": asks root (verb `look`) and answers the same review with our own hunks in it. */
  'plan.reveal': { in: z.strictObject({ machine: machineId, intent, approved: planHash }), out: z.strictObject({ review }) },

  /** Starts the run and answers at once; `run.news` tells the rest. */
  'run.apply': { in: z.strictObject({ machine: machineId, intent, approved: planHash }), out: runState },
  'run.state': { in: onMachine, out: z.strictObject({ run: runState.nullable() }) },
  /** Asks a run under way to finish its step, put everything back and stop. */
  'run.cancel': { in: onMachine, out: runState },
  /** `firmware`: open the firmware's settings on the way. A rehearsal restarts in memory. */
  'run.restart': { in: z.strictObject({ machine: machineId, firmware: z.boolean() }), out: z.strictObject({ run: runState.nullable() }) },
  'run.keep': { in: onMachine, out: runState },
  'run.go-back': { in: onMachine, out: runState },
  'run.undo': { in: z.strictObject({ machine: machineId, transaction: transactionId }), out: runState },

  'history.list': { in: onMachine, out: z.strictObject({ entries: z.array(historyEntry).max(4096), setAside: z.boolean() }) },
  /** Two points, or a point and now (`to` null). Needs no password: what may not be shown to this person is `hidden`. */
  'history.compare': { in: z.strictObject({ machine: machineId, from: pointRef, to: pointRef.nullable() }), out: compared },
  /** The same with root's help (verb `look`, asks for the password): our own lines of the files that are `hidden`. */
  'history.reveal': { in: z.strictObject({ machine: machineId, from: pointRef, to: pointRef.nullable() }), out: compared },
  /** Takes a restore point with no change; asks for the password (verb `apply`). Ends `kept`. */
  'point.take': { in: z.strictObject({ machine: machineId, reason: pointReason }), out: runState },
  /** The plan from now to then. Draw again with each choice of a conflict: it is part of what is approved. */
  'restore.draw': { in: z.strictObject({ machine: machineId, to: pointRef, choices: restoreChoices }), out: restoreReview },
  /** Starts it (verb `restore`); `approved` is `review.hash` of the draw with the same choices. */
  'run.restore': { in: z.strictObject({ machine: machineId, to: pointRef, choices: restoreChoices, approved: planHash }), out: runState },
  /** The machine against what the last kept change promised; for the window at start and after updates. Needs no password. */
  'drift.check': { in: onMachine, out: driftReport },

  /** The line for a text console that fits a photograph, and the whole script where this person may read it. */
  'history.way-back': {
    in: z.strictObject({ machine: machineId, transaction: transactionId }),
    out: z.strictObject({ line: z.string().max(256), script: z.string().max(1_000_000).nullable() }),
  },

  ...vmAsks,
  ...handAsks,
} as const satisfies Record<AskName, Row>;

/** One row per piece of news the main process may send to the window. */
export const tells = {
  'run.news': runState,
  'machines.changed': z.strictObject({ machines: z.array(machineEntry).max(64), current: machineId }),
  'history.changed': onMachine,
  'app.settings': shownSettings,
  /** From the tray, the shortcut or the desktop's menu: turn to the page of this VM, unless something half done is in view. */
  'app.show': z.strictObject({ machine: machineId, vm: vmUuid }),
  ...vmTells,
  ...handTells,
} as const satisfies Record<TellName, z.ZodType>;

/** What the window sends, and what an answer finds after the check. */
export type AskIn<N extends AskName> = z.input<(typeof asks)[N]['in']>;
export type AskRead<N extends AskName> = z.output<(typeof asks)[N]['in']>;
export type AskOut<N extends AskName> = z.output<(typeof asks)[N]['out']>;
export type TellBody<N extends TellName> = z.output<(typeof tells)[N]>;
