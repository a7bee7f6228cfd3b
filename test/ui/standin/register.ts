// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded before the compiled main: `electron` is the stand-in, and the stand-in's own files are found without their ending.
import { registerHooks } from 'node:module';

const here = new URL('./', import.meta.url).href;
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron') return { url: `${here}electron.ts`, shortCircuit: true };
    if (specifier.startsWith('./') && context.parentURL?.startsWith(here) === true) return { url: new URL(`${specifier}.ts`, here).href, shortCircuit: true };
    return next(specifier, context);
  },
});
