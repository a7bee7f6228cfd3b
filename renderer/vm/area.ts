// SPDX-License-Identifier: GPL-3.0-or-later
/** The area of virtual machines as one file of script; it comes when it is first opened. */
export { default as VmArea } from './VmArea.svelte';
export { Vms } from './vms.svelte';
