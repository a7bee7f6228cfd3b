// SPDX-License-Identifier: GPL-3.0-or-later
/** A card on its way, as one file of script; it comes with the page of the first VM that has one. */
export { default as HandOver } from './HandOver.svelte';
