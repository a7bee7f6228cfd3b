// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';

/** Programs of the person's own that show a VM. */
export const vmViewers = ['virt-viewer', 'looking-glass'] as const;
export type VmViewer = (typeof vmViewers)[number];

/** Why a screen cannot be shown in the window. Sentence `vm.console.<code>`. */
export const vmConsoleCodes = ['not-running', 'no-screen', 'spice-only', 'socket-closed', 'rehearsal', 'card-only'] as const;

/**
 * Where a VM can be seen. `vnc.why` null: a stream can be opened (`vm.stream-open`). `serial`: what to type in a terminal for its
 * serial line, null where it has none. `viewers`: programs that fit; `installed` false: `command` is what would open it once it is there.
 */
export const vmConsole = z.strictObject({
  vnc: z.strictObject({ why: z.enum(vmConsoleCodes).nullable() }),
  serial: z.strictObject({ command: z.string().max(1024).nullable() }),
  viewers: z.array(z.strictObject({ viewer: z.enum(vmViewers), installed: z.boolean(), command: z.string().max(1024) })).max(4),
});
export type VmConsole = z.infer<typeof vmConsole>;

/** `agent` false: nothing in the guest answers yet. */
export const vmGuest = z.strictObject({
  agent: z.boolean(),
  /** The system's own name of itself: `Microsoft Windows 11`. */
  system: z.string().max(256).nullable(),
  host: z.string().max(256).nullable(),
  addresses: z.array(z.string().max(64)).max(32),
});
export type VmGuest = z.infer<typeof vmGuest>;

export const streamId = z.string().regex(/^[0-9a-f]{32}$/).brand('StreamId');
export type StreamId = z.infer<typeof streamId>;
/** Bytes in base64, at most 192 KiB of them. */
export const streamBytes = z.string().max(262_144).regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
/** *vm*: the VM closed it or ended. *silent*: nobody read it. *closed*: it was closed here. */
export const streamEnds = ['vm', 'silent', 'closed'] as const;
