// One config, four environments; `vite build --app` builds the window, the unprivileged process, the preload and the root helper.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { builtinModules } from 'node:module';
import { defineConfig } from 'vite';

const builtins = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];
const node = {
  consumer: 'server' as const,
  resolve: { noExternal: true as const, conditions: ['node', 'import', 'module', 'default'] },
};

export default defineConfig({
  root: 'renderer',
  base: './',
  publicDir: false,
  plugins: [svelte()],
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
