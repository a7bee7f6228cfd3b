// SPDX-License-Identifier: GPL-3.0-or-later
/** Every question the window may ask. The names alone, free of zod, so that preload and page stay small. */
export const askNames = [
  'app.state',
  'app.settings',
  'app.copy',
  'app.link',
  'machine.list',
  'machine.recordings',
  'machine.paste',
  'machine.rehearse',
  'machine.use',
  'machine.forget',
  'machine.look',
  'plan.draw',
  'plan.reveal',
  'run.state',
  'run.apply',
  'run.cancel',
  'run.restart',
  'run.keep',
  'run.go-back',
  'run.undo',
  'history.list',
  'history.way-back',
  'history.compare',
  'history.reveal',
  'point.take',
  'restore.draw',
  'run.restore',
  'drift.check',
  'vm.list',
  'vm.choices',
  'vm.disc',
  'vm.draft',
  'vm.draw',
  'vm.check',
  'vm.xml',
  'vm.apply',
  'vm.undo',
  'vm.remember',
  'vm.act',
  'vm.guest',
  'vm.console',
  'vm.open-viewer',
  'vm.stream-open',
  'vm.stream-read',
  'vm.stream-write',
  'vm.stream-close',
  'hand.list',
  'hand.over',
  'hand.back',
  'hand.rounds',
  'hand.stop',
] as const;
export type AskName = (typeof askNames)[number];

/** Every piece of news the window may hear. */
export const tellNames = ['run.news', 'machines.changed', 'history.changed', 'app.settings', 'app.show', 'vm.news', 'vms.changed', 'hand.news'] as const;
export type TellName = (typeof tellNames)[number];

export const linkNames = ['kernel-vfio', 'libvirt-hooks', 'qemu-manual'] as const;
export type LinkName = (typeof linkNames)[number];

/** The only places outside that a link may lead to: https, exactly this host and path, nothing else. */
export const links = {
  'kernel-vfio': 'https://docs.kernel.org/driver-api/vfio.html',
  'libvirt-hooks': 'https://libvirt.org/hooks.html',
  'qemu-manual': 'https://www.qemu.org/docs/master/system/index.html',
} as const satisfies Record<LinkName, string>;

/** Keys that may be asked of the desktop, as Electron writes them; `off` asks for none. A closed list: an accelerator is never made of text somebody typed. */
export const shortcuts = ['off', 'Control+Alt+H', 'Control+Alt+Y', 'Control+Shift+F9'] as const;
export type Shortcut = (typeof shortcuts)[number];

/** How much text one paste may hold, in UTF-16 units. */
export const pasteLimit = 2_000_000;
/** Bytes of one question on the browser door's wire: the largest paste, in JSON. */
export const messageLimit = 8 * 1024 * 1024;

/** What a person may write to find a restore point by: letters, digits and plain punctuation. Here, so that the page can tell before it asks. */
export const pointReasonForm = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,:()+_-]{0,79}$/u;
