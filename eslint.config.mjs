import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** THE TABLE: room -> the rooms it may import, the packages it may import. ARCHITECTURE.md explains it; test/rooms plants violations. */
export const rooms = {
  contract: { rooms: [], packages: ['zod'] },
  core: { rooms: ['contract'], packages: ['@xmldom/xmldom'] },
  host: { rooms: ['contract', 'core'], packages: ['node:*'] },
  helper: { rooms: ['contract', 'core', 'host'], packages: ['node:*'] },
  rehearsal: { rooms: ['contract', 'core', 'host', 'helper'], packages: ['node:*'] },
  words: { rooms: ['contract'], packages: ['intl-messageformat'] },
  main: { rooms: ['contract', 'core', 'host', 'rehearsal', 'words'], packages: ['node:*', 'electron', 'better-sqlite3', 'ws', 'wrap-ansi', 'string-width'] },
  preload: { rooms: ['contract'], packages: ['electron'] },
  renderer: { rooms: ['contract', 'core', 'words'], packages: ['svelte', 'svelte/*', '@novnc/novnc', 'uplot'] },
};
const all = Object.keys(rooms);

const zones = all
  .flatMap((room) =>
    all
      .filter((other) => other !== room && !rooms[room].rooms.includes(other))
      .map((other) => ({ target: `./${room}`, from: `./${other}`, message: `${room}/ may not import ${other}/ - see ARCHITECTURE.md, "Rooms"` })),
  )
  .concat(all.map((room) => ({ target: `./${room}`, from: './test', message: 'Nothing that ships may import test/.' })));

const asPattern = (name) => name.replace(/[.*/]/g, (c) => (c === '*' ? '.+' : `\\${c}`));
const packageRule = (room) => ({
  files: [`${room}/**/*.{ts,svelte}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!\\.{1,2}/|(?:${rooms[room].packages.map(asPattern).join('|') || '(?!)'})$)`,
            message: `${room}/ may import only: ${['its own files', ...rooms[room].rooms.map((r) => `${r}/`), ...rooms[room].packages].join(', ')}`,
          },
        ],
      },
    ],
  },
});

const pure = {
  'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'crypto', 'performance', 'globalThis'],
  'no-restricted-properties': ['error', { object: 'Date', property: 'now' }, { object: 'Math', property: 'random' }],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'A pure room has no clock: take time as an argument.' },
    { selector: 'AwaitExpression, FunctionDeclaration[async=true], ArrowFunctionExpression[async=true]', message: 'A pure room is synchronous: it decides, it does not wait.' },
  ],
};
const writers =
  "ImportDeclaration[source.value=/^(node:)?fs/] ImportSpecifier[imported.name=/^(write|append|mkdir|rm|unlink|rename|chmod|chown|symlink|link|truncate|copy|cp|utimes|lutimes|futimes|ftruncate|fchmod|fchown|fsync|fdatasync|lchown|lchmod|mkdtemp|createWriteStream)/]";

export default tseslint.config(
  { ignores: ['.types/**', 'node_modules/**', 'dist/**', 'out/**', 'test-results/**', '.cache/**', '**/*.mjs', '**/*.cjs'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  ...svelte.configs['flat/recommended'],
  {
    languageOptions: {
      globals: globals.node,
      parserOptions: {
        projectService: { allowDefaultProject: ['vite.config.ts', 'vitest.config.ts', 'playwright.config.ts'] },
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'import-x/no-cycle': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      complexity: ['error', 14],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { globals: globals.browser, parserOptions: { parser: tseslint.parser } } },
  { files: ['renderer/**', 'preload/**'], languageOptions: { globals: globals.browser } },
  ...all.map(packageRule),
  { files: ['core/**/*.ts', 'words/**/*.ts', 'contract/**/*.ts'], rules: pure },
  {
    files: ['core/**/*.ts'],
    ignores: ['core/vm/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '^(?!\\.{1,2}/)', message: 'core/ imports no package; only core/vm may use the XML library.' }] }],
    },
  },
  {
    // Electron's own types bring Node's globals with them: here the lint table stands in for the compiler.
    files: ['preload/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'require', 'Buffer', 'global', 'globalThis'],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ regex: '/contract/(?!names$)', allowTypeImports: true, message: 'preload/ takes values only from contract/names.' }] }],
    },
  },
  {
    files: ['renderer/**/*.{ts,svelte}', 'words/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ regex: '/contract/(?!names$)', allowTypeImports: true, message: 'The page carries no zod: only types come from contract/.' }] }],
    },
  },
  {
    files: ['host/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: writers, message: 'host/ only looks. Writing lives in helper/.' },
        { selector: "ImportDeclaration[source.value=/^(node:)?fs/] :matches(ImportNamespaceSpecifier, ImportDefaultSpecifier)", message: 'Name the read functions you use.' },
      ],
    },
  },
  {
    files: ['helper/**/*.ts'],
    ignores: ['helper/files.ts', 'helper/nodes.ts', 'helper/journal.ts', 'helper/lock.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: writers, message: 'Only files.ts, nodes.ts, journal.ts and lock.ts write.' },
        { selector: "ImportDeclaration[source.value=/^(node:)?fs/] :matches(ImportNamespaceSpecifier, ImportDefaultSpecifier)", message: 'Name the read functions you use.' },
      ],
    },
  },
  {
    files: ['host/**/*.ts', 'helper/**/*.ts', 'main/**/*.ts', 'rehearsal/**/*.ts'],
    ignores: ['host/run.ts', 'helper/run.ts', 'main/helper-client.ts', 'main/start.ts', 'main/programs.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { paths: [{ name: 'node:child_process', message: 'Spawn only in the run files: host/run.ts, helper/run.ts, main/helper-client.ts, main/programs.ts, main/start.ts.' }] }],
    },
  },
  {
    files: ['main/**/*.ts'],
    ignores: ['main/ipc.ts'],
    rules: { 'no-restricted-syntax': ['error', { selector: "ImportSpecifier[imported.name='ipcMain']", message: 'Use serve() from main/ipc.ts: it checks the sender and the shape.' }] },
  },
  // Where checked types meet the wire, and nowhere else, a cast is allowed.
  {
    files: ['main/ipc.ts', 'main/dispatch.ts', 'preload/index.ts', 'renderer/client.ts', 'renderer/connection.ts'],
    rules: { '@typescript-eslint/no-unsafe-type-assertion': 'off', '@typescript-eslint/no-unnecessary-type-parameters': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
