// SPDX-License-Identifier: GPL-3.0-or-later

/** Kernel arguments with a dot belong to no built-in option, so the kernel ignores them (host fact 5.0). */
export const bindWord = 'switchyard.bind';
export const trialWord = 'switchyard.trial';

/** The argument that turns a transaction's table on, and the one that marks its trial start. */
export const bindArg = (transaction: string): string => `${bindWord}=${transaction}`;
export const trialArg = (transaction: string): string => `${trialWord}=${transaction}`;

/** The menu entry's id, and the value of GRUB's `next_entry`. */
export const trialEntryId = 'switchyard-trial';
/** Seconds after a panic until the machine restarts, into the old entry; initramfs-tools then restarts too instead of opening a shell. */
export const panicArg = 'panic=30';

/** Stands for a transaction that has no name yet, where a change is shown before it is approved. */
export const unnamed = 'xxxxxxxxxxxxxxxx';
