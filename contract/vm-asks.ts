// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { transactionId } from './history';
import { pciAddress } from './pci';
import { intent } from './plan';
import { problem } from './run';
import { machineId } from './target';
import { guestSystem, hostPath, vmName, vmRecipe, vmUuid } from './vm';
import { vmApproved, vmAsked, vmChecked, vmDrawn, vmInstall, vmNewDisk, vmOpen, vmRun, vmXml } from './vm-change';
import { vmConsole, vmGuest, vmViewers, streamBytes, streamEnds, streamId } from './vm-console';
import { knownDomain } from './vm-domain';
import { vmHost } from './vm-host';
import { vmActs, vmEntry } from './vm-life';
import { vmMedia } from './vm-media';
import { vmMode } from './vm-mode';
import { vmTuning } from './vm-tuning';

const nothing = z.strictObject({});
const onMachine = z.strictObject({ machine: machineId });
const onVm = z.strictObject({ machine: machineId, uuid: vmUuid });
const path = z.string().max(1024);

export const vmUses = ['play', 'work', 'compute', 'stream'] as const;

/** What a person says before a recipe is drafted; the rest is decided for this computer and can be changed in the recipe. */
export const vmDraftWish = z.strictObject({
  /** Null: a new VM. To draft again with another answer without becoming another VM: the uuid of the recipe before. */
  uuid: vmUuid.nullable(),
  name: vmName,
  system: guestSystem,
  use: z.enum(vmUses),
  mode: z.discriminatedUnion('mode', [
    z.strictObject({ mode: z.enum(['vga', 'virtio-3d', 'none']) }),
    z.strictObject({ mode: z.literal('passthrough'), way: z.enum(['dedicated', 'on-demand', 'single-card']), card: pciAddress }),
    z.strictObject({ mode: z.literal('mdev'), uuid: vmUuid }),
    z.strictObject({ mode: z.literal('sriov'), address: pciAddress }),
  ]),
  /** `new`: an image is made in `folder` (one of `vm.choices`; null: the first of them), named after the VM. */
  disk: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('new'), sizeGiB: vmNewDisk.shape.sizeGiB, folder: hostPath.nullable() }),
    z.strictObject({ kind: z.literal('image'), path: hostPath, format: z.enum(['qcow2', 'raw']) }),
    z.strictObject({ kind: z.literal('block'), path: hostPath }),
  ]),
  /** Null: what serves the guest well here. */
  cores: z.number().int().min(1).max(512).nullable(),
  memoryMiB: z.number().int().min(128).max(64 * 1024 * 1024).nullable(),
  install: vmInstall.nullable(),
});
export type VmDraftWish = z.infer<typeof vmDraftWish>;

/** Answer of `vm.draft`. A recipe is a value of the page's: it may be changed there and drawn, and is kept nowhere else until then. */
export const vmDraft = z.strictObject({ recipe: vmRecipe, disks: z.array(vmNewDisk).max(8), install: vmInstall.nullable(), tuning: vmTuning });
export type VmDraft = z.infer<typeof vmDraft>;

/** Answer of `vm.choices`: what this computer can offer to a guest of that system. */
export const vmChoices = z.strictObject({
  /** What its libvirt can do; null where it does not answer, and `problem` says why (`detail.why` is a VmFailureCode: `vm.failure.*`). */
  host: vmHost.nullable(),
  problem: problem.nullable(),
  modes: z.array(vmMode).max(256),
  /** Where the recommended mode stands in `modes`; null: nothing here serves the use. */
  recommended: z.number().int().nonnegative().nullable(),
  /** libvirt's networks. One that is off is started by a step of the VM half; one that is missing can be chosen only after it was made. */
  networks: z.array(z.strictObject({ name: z.string().max(64), active: z.boolean(), autostart: z.boolean() })).max(64),
  interfaces: z.array(z.strictObject({ name: z.string().max(64), kind: z.enum(['bridge', 'wired', 'wireless']) })).max(256),
  /** Where new disk images can lie: storage pools of libvirt's, and its usual folder where no pool is made of it yet (`new-pool`: a step of the VM half makes it). */
  folders: z.array(z.strictObject({ path, kind: z.enum(['pool', 'new-pool']), freeMiB: z.number().nonnegative().nullable() })).max(64),
  /** Disc images that lie where people keep them; another one can be named by its path. */
  discs: z.array(z.strictObject({ path, sizeMiB: z.number().nonnegative() })).max(256),
  /** Input devices that can be lent (evdev), by their lasting names. */
  keyboards: z.array(path).max(64),
  mice: z.array(path).max(64),
  tuning: vmTuning,
});
export type VmChoices = z.infer<typeof vmChoices>;

/**
 * The asks about VMs. Every one takes `this` or a rehearsal (`unsupported-host`, `what: dump` for a dump). A problem of libvirt's is
 * `refused` with `detail.why`, a VmFailureCode or `unknown`, and `detail.said`, libvirt's own words; one of a recipe has a VmRefusalCode.
 */
export const vmAsks = {
  /** All VMs, whoever made them (`known.ours`). Fails never for libvirt's sake: `problem` says why there is no list. From the first ask on, `vms.changed` follows. */
  'vm.list': {
    in: onMachine,
    out: z.strictObject({ host: vmHost.nullable(), problem: problem.nullable(), vms: z.array(vmEntry).max(1024), open: z.array(vmOpen).max(64), run: vmRun.nullable() }),
  },
  'vm.choices': { in: z.strictObject({ machine: machineId, system: guestSystem, use: z.enum(vmUses) }), out: vmChoices },
  /** What a disc image is: looked at with the person's own rights, nothing of it is kept. `not-found`, `unreadable`. */
  'vm.disc': { in: z.strictObject({ machine: machineId, path: hostPath }), out: vmMedia },
  'vm.draft': { in: z.strictObject({ machine: machineId, wish: vmDraftWish }), out: vmDraft },
  /** Draws and changes nothing. `host`: the intent of one of `needs`, to be done with it as one restore point; null: the VM half alone. */
  'vm.draw': { in: z.strictObject({ machine: machineId, asked: vmAsked, host: intent.nullable() }), out: vmDrawn },
  /** For an editor, at each pause of typing. `uuid`: the VM it must stay; null: a new one. */
  'vm.check': { in: z.strictObject({ machine: machineId, xml: vmXml, uuid: vmUuid.nullable() }), out: vmChecked },
  /** The stored definition of any VM, with its passwords, because an edit without them would lose them. */
  'vm.xml': { in: onVm, out: z.strictObject({ xml: vmXml, known: knownDomain.nullable() }) },
  /** Draws again, compares with `review.hash` (`plan-stale`), and begins; `vm.news` tells the rest. */
  'vm.apply': { in: vmApproved, out: vmRun },
  /** Both halves of a restore point, the VM's first; `run.undo` of one with a VM half that stands is `precondition-failed`, `why: vm-half`. Somebody's later change is never overwritten: `precondition-failed`, `why: vm-changed`; nor is a VM taken away that runs: `why: vm-runs`. Of a `waiting` one it drops the VM half and goes back. */
  'vm.undo': { in: z.strictObject({ machine: machineId, change: transactionId }), out: vmRun },
  /**
   * A restore point of what the VM's firmware and TPM remember; answers when root has taken it. `precondition-failed` with `why`
   * `vm-running`, `vm-sleeps` or `vm-unknown`; `refused`, `why: vm-nothing`, of one that remembers nothing.
   */
  'vm.remember': { in: onVm, out: z.strictObject({ transaction: transactionId }) },
  /** Answers when libvirt has done it; a start may take long, because memory is reserved and cards move. `shut-down` answers when the guest was asked. */
  'vm.act': { in: z.strictObject({ machine: machineId, uuid: vmUuid, act: z.enum(vmActs) }), out: vmEntry },
  /** What the guest tells through its agent; for the progress of an installation. */
  'vm.guest': { in: onVm, out: vmGuest },
  'vm.console': { in: onVm, out: vmConsole },
  /** Opens a viewer of the person's own on the VM. */
  'vm.open-viewer': { in: z.strictObject({ machine: machineId, uuid: vmUuid, viewer: z.enum(vmViewers) }), out: nothing },
  /**
   * A stream of bytes to the VM's own screen. The page names the VM and never an address. `password`: for the VNC
   * handshake, good for this connection; null: it asks for none. Four streams at most; one that nobody reads from for a minute ends.
   */
  'vm.stream-open': { in: z.strictObject({ machine: machineId, uuid: vmUuid, of: z.literal('vnc') }), out: z.strictObject({ stream: streamId, password: z.string().max(64).nullable() }) },
  /** Answers as soon as there are bytes, or with none after ten seconds: ask again. One at a time (`busy`). After `ended` the stream is gone. */
  'vm.stream-read': { in: z.strictObject({ stream: streamId }), out: z.strictObject({ data: streamBytes, ended: z.enum(streamEnds).nullable() }) },
  /** Answers when the bytes were taken; write in order, one after the other. */
  'vm.stream-write': { in: z.strictObject({ stream: streamId, data: streamBytes }), out: nothing },
  'vm.stream-close': { in: z.strictObject({ stream: streamId }), out: nothing },
} as const;

export const vmTells = {
  /** Every change of a run, whole. */
  'vm.news': vmRun,
  /** All VMs of a machine, after any of them changed its state or definition, whoever did it. */
  'vms.changed': z.strictObject({ machine: machineId, vms: z.array(vmEntry).max(1024) }),
} as const;
