// SPDX-License-Identifier: GPL-3.0-or-later

/** The module of QEMU behind a kind of screen, since 6.1. */
const modules: Readonly<Record<string, string>> = { 'egl-headless': 'ui-egl-headless.so', spice: 'ui-spice-core.so' };

/**
 * Kinds of screens that this QEMU was built with and that are not installed, from the names in its folder of modules. libvirt names
 * them all the same, and only the start fails (seen with Debian 13, whose OpenGL part is a package of its own). A QEMU built in one
 * piece has no modules of screens, and nothing is missing.
 */
export function missingScreens(files: readonly string[]): readonly string[] {
  if (!files.some((file) => /^ui-[\w-]+\.so$/.test(file))) return [];
  return Object.keys(modules).filter((screen) => !files.includes(modules[screen] ?? ''));
}
