// SPDX-License-Identifier: GPL-3.0-or-later
// node --import ./test/typescript.mjs FILE.ts: Node strips the types itself; this lets imports leave out `.ts` as the rest of the tree does.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (context.parentURL?.includes('/node_modules/') === true || !/^\.{1,2}\//.test(specifier) || /\.[cm]?[jt]s$|\.json$/.test(specifier)) return next(specifier, context);
    return next(`${specifier}.ts`, context);
  },
});
