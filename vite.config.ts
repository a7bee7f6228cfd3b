// One config, four environments; `vite build --app` builds the window, the unprivileged process, the preload and the root helper.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { builtinModules } from 'node:module';
import { defineConfig, type Plugin } from 'vite';

const builtins = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];
const node = {
  consumer: 'server' as const,
  resolve: { noExternal: true as const, conditions: ['node', 'import', 'module', 'default'] },
};

/** Sentences that only the command line, the doors and the work on virtual machines say; the page would carry them in two languages. */
const unsaidInThePage = /\/words\/(?:en|zh)\/(?:cli|door|hand-off|rehearse|vm|vm-[a-z-]+)\.ts$/;
const unsaidLines = /^ {2}'(?:trial\.(?:status|did|card)|history\.|restore\.(?:usage|title|conflict|choose|ask|done)|compare\.(?:usage|title|device|hidden)|point\.)[^']*': '[^\n]*',\n/gm;
const leanWords: Plugin = {
  name: 'lean-words',
  enforce: 'pre',
  applyToEnvironment: (environment) => environment.name === 'client',
  transform: (code, id) => (unsaidInThePage.test(id) ? code.replace(/= \{\n[\s\S]*\n\}/, '= {}') : /\/words\/(?:en|zh)\//.test(id) ? code.replace(unsaidLines, '') : null),
};

export default defineConfig({
  root: 'renderer',
  base: './',
  publicDir: false,
  plugins: [leanWords, svelte()],
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) {
        if (environment.name !== 'ssr') await builder.build(environment);
      }
    },
  },
  environments: {
    client: { build: { outDir: '../dist/renderer', emptyOutDir: true, target: 'chrome140', assetsInlineLimit: 0, modulePreload: { polyfill: false } } },
    main: {
      ...node,
      build: {
        ssr: true,
        outDir: '../dist/main',
        emptyOutDir: true,
        target: 'node22',
        minify: false,
        rolldownOptions: {
          input: { index: 'main/index.ts', browser: 'main/browser.ts', cli: 'main/cli.ts', start: 'main/start.ts' },
          external: ['electron', 'better-sqlite3', ...builtins],
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
        },
      },
    },
    helper: {
      ...node,
      build: {
        ssr: true,
        outDir: '../dist/helper',
        emptyOutDir: true,
        target: 'node18',
        minify: false,
        rolldownOptions: {
          input: 'helper/index.ts',
          external: builtins,
          output: { format: 'cjs', entryFileNames: 'helper.cjs', codeSplitting: false },
        },
      },
    },
    preload: {
      ...node,
      build: {
        ssr: true,
        outDir: '../dist/preload',
        emptyOutDir: true,
        target: 'chrome140',
        minify: false,
        rolldownOptions: { input: 'preload/index.ts', external: ['electron'], output: { format: 'cjs', entryFileNames: 'index.cjs' } },
      },
    },
  },
});
