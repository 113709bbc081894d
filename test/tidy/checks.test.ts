/** Each tidy check against a small bad tree, with the exact words that it finds. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFormats, checkLayerMap, checkLinks, checkPackageFiles } from './check-docs.js';
import { checkSizes, checkTestFiles, checkWorkers } from './check-files.js';
import {
  checkCycles,
  checkDeadFiles,
  checkLayers,
  checkThroughIndex,
  checkUnusedExports,
} from './check-imports.js';
import { checkLock } from './check-lock.js';
import { checkKernelIncludes, checkNativeSources } from './check-native.js';
import { checkBanned, checkHeaders, checkIndexes } from './check-text.js';
import { applyExceptions, type Check, checks } from './checks.js';
import { functionsIn } from './functions.js';
import { printLayerMap } from './layers.js';
import { mask } from './mask.js';
import { treeOf } from './tree.js';

type Files = Readonly<Record<string, string>>;

const tested = new Set<Check['run']>();

function rejects(run: Check['run'], name: string, files: Files, ...expected: string[]): void {
  tested.add(run);
  test(`${name} is found`, () => assert.equal(run(treeOf(files)), expected));
}

function accepts(run: Check['run'], name: string, files: Files): void {
  test(`${name} is accepted`, () => assert.equal(run(treeOf(files)), []));
}

rejects(
  checkLayers,
  'an import from a lower line, types included',
  { 'src/base/a.ts': "import type { X } from '../wal/index.js';" },
  'src/base/a.ts: imports ../wal/index.js, but wal is below base',
);
rejects(
  checkLayers,
  'an import from the same line',
  { 'src/pool/a.ts': "export { x } from '../kernel/index.js';" },
  'src/pool/a.ts: imports ../kernel/index.js, but pool and kernel are on one line',
);
rejects(
  checkLayers,
  'an import that the order allows and the design does not',
  { 'src/consensus/a.ts': "const wal = await import('../wal/index.js');" },
  'src/consensus/a.ts: imports ../wal/index.js, which the design keeps apart from consensus',
);
rejects(
  checkLayers,
  'an import of tests, and a folder without a line',
  {
    'src/wal/a.ts': "import '../../test/x.js';",
    'src/misc/b.ts': "import '../base/index.js';",
    'workers/c.ts': "import { x } from '../src/admin/index.js';",
  },
  'src/wal/a.ts: imports ../../test/x.js, which is outside src',
  'src/misc/b.ts: imports ../base/index.js, but misc has no line in test/tidy/layers.ts',
  'workers/c.ts: imports ../src/admin/index.js, which a thread entry may not',
);
accepts(checkLayers, 'an import from above, or in a comment or a string', {
  'src/wal/a.ts': "import { x } from '../base/index.js';\n// import '../engine/index.js'\n",
  'src/base/b.ts': 'const text = "import x from \'../wal/index.js\'";',
});

rejects(
  checkCycles,
  'a cycle, closed by a type',
  {
    'src/wal/a.ts': "import { b } from './b.js';",
    'src/wal/b.ts': "import { c } from './c.js';",
    'src/wal/c.ts': "import type { A } from './a.js';",
  },
  'import cycle: src/wal/a.ts -> src/wal/b.ts -> src/wal/c.ts -> src/wal/a.ts',
);
accepts(checkCycles, 'a diamond', {
  'src/wal/a.ts': "import './b.js'; import './c.js';",
  'src/wal/b.ts': "import './d.js';",
  'src/wal/c.ts': "import './d.js';",
  'src/wal/d.ts': '',
});

rejects(
  checkThroughIndex,
  'an import past an index, and of the own index',
  {
    'src/wal/a.ts': "import { x } from '../base/errors.js';\nimport { y } from './index.js';",
  },
  'src/wal/a.ts: imports ../base/errors.js; go through src/base/index.ts',
  'src/wal/a.ts: imports its own index; import the sibling instead',
);

accepts(checkThroughIndex, 'a thread entry that names the file it starts', {
  'workers/log.ts': "import { run } from '../src/wal/loop.js';",
});

rejects(
  checkIndexes,
  'an index that hides names, computes, or says nothing',
  {
    'src/wal/index.ts': "/** wal. */\nexport * from './a.js';\nconst x = 1;",
    'src/io/index.ts': "export { y } from './b.js';",
  },
  'src/wal/index.ts: `export *`; name each',
  'src/wal/index.ts: holds more than re-exports: const x = 1;',
  'src/io/index.ts: opens without the contract of the layer',
);

rejects(
  checkUnusedExports,
  'an export that nobody imports',
  {
    'src/wal/index.ts': "export { a, b as c, type T } from './a.js';\nexport * as d from './d.js';",
    'src/engine/x.ts': "import { a } from '../wal/index.js';",
  },
  'src/wal/index.ts#c: exported and used by nobody',
  'src/wal/index.ts#d: exported and used by nobody',
);

rejects(
  checkDeadFiles,
  'a source file that only its test reaches, and a lonely test file',
  {
    'src/index.ts': "export { a } from './engine/index.js';",
    'src/engine/index.ts': "export { a } from './a.js';",
    'src/engine/a.ts': "const url = new URL('../../workers/log.js', import.meta.url);",
    'src/engine/b.ts': 'export const b = 1;',
    'test/engine/b.test.ts': "import { b } from '../../src/engine/b.js';",
    'test/lonely.ts': '',
  },
  'src/engine/b.ts: nothing reaches this file',
  'test/lonely.ts: nothing reaches this file',
);

rejects(
  checkHeaders,
  'a file that opens with code',
  {
    'src/wal/a.ts': "import { x } from './b.js';\nexport const y = x;\n/** Too late. */\n",
    'native/kernel/a.h': '#pragma once\nint a();\n// late',
  },
  'src/wal/a.ts: opens without a comment that says what it is',
  'native/kernel/a.h: opens without a comment that says what it is',
);
accepts(checkHeaders, 'a header above or below the imports', {
  'src/wal/a.ts': '/** What it is. */\nexport const a = 1;',
  'src/wal/b.ts': "import { x } from './b.js';\n\n/** What it is. */\nexport const y = x;",
  'native/kernel/a.h': '// What it is.\n#pragma once\nint a();',
});

const longBody = 'x();\n'.repeat(70);
rejects(
  checkSizes,
  'a long line, file and function',
  {
    'src/wal/a.ts': `const sum = ${'a + '.repeat(30)}a;`,
    'src/wal/b.ts': '\n'.repeat(501),
    'src/wal/c.ts': `\nfunction f(a: { b: 1 }): Promise<void> {\n${longBody}}`,
    'src/wal/d.ts': `const f = async (a) => {\n${longBody}};`,
  },
  'src/wal/a.ts:1: 134 columns, at most 100',
  'src/wal/b.ts: 501 lines, at most 500',
  'src/wal/c.ts:2: a function of 72 lines, at most 70',
  'src/wal/d.ts:1: a function of 72 lines, at most 70',
);
accepts(checkSizes, 'a contract suite that only holds short tests', {
  'test/contract/a.ts': `export function suite(t) {\n${'t(() => {\n  x();\n});\n'.repeat(40)}}`,
});

const banned: readonly (readonly [string, string, string])[] = [
  ['src/wal/a.ts', 'let x: any;', '`any`; use `unknown` and narrow it'],
  ['test/a.ts', 'f(x as any[]);', '`any`; use `unknown` and narrow it'],
  ['src/wal/a.ts', 'x!.y();', 'a non-null `!`; use must() from base'],
  ['src/wal/a.ts', 'const y = x[0]!;', 'a non-null `!`; use must() from base'],
  ['src/wal/a.ts', 'x as unknown as Y;', '`as unknown as`; check the type instead'],
  ['test/a.ts', '// @ts-expect-error', 'a suppressed error'],
  ['src/wal/a.ts', '// FIXME later', 'unfinished work'],
  ['src/wal/a.ts', 'try { f(); } catch { /* why */ }', 'an empty catch; handle or rethrow'],
  ['test/a.ts', 'try { f(); } catch (error) {}', 'an empty catch; handle or rethrow'],
  ['src/wal/a.ts', 'p.catch(() => {});', 'an empty catch; handle or rethrow'],
  [
    'src/wal/a.ts',
    'p.catch(() => undefined);',
    'a dropped rejection; say beside it who takes it up',
  ],
  ['src/wal/a.ts', 'export default 1;', 'a default export; name it'],
  ['src/wal/a.ts', "throw new Error('x');", '`new Error(`; raise a ThemisError with a code'],
  ['src/wal/a.ts', 'Date.now();', 'wall time; use io’s Clock'],
  ['src/wal/a.ts', 'Math.random();', '`Math.random(`; use io’s Random'],
  ['workers/a.ts', 'setTimeout(f, 1);', 'a timer; use io’s Timers'],
  ['src/wal/a.ts', 'setInterval(f, 1);', 'a timer; use io’s Timers'],
  ['src/wal/a.ts', 'process.hrtime.bigint();', 'a clock; use io’s Clock'],
  ['src/wal/a.ts', 'performance.now();', 'a clock; use io’s Clock'],
  ['src/admin/a.ts', 'console.log(1);', '`console`; only the command line prints'],
  ['src/wal/a.ts', 'process.env.X;', '`process.env`; read it in config'],
  ['src/wal/a.ts', "import { open } from 'node:fs';", 'the file system; use io’s FileSystem'],
  ['src/wal/a.ts', "import type { X } from 'fs/promises';", 'the file system; use io’s FileSystem'],
];
for (const [path, code, say] of banned) {
  rejects(checkBanned, `"${code}" in ${path}`, { [path]: `\n${code}` }, `${path}:2: ${say}`);
}
accepts(checkBanned, 'what only looks banned', {
  'src/wal/a.ts':
    "// any of these: new Error( Date.now(\nif (!a && b !== c) AbortSignal.any([x]);\nf('x!', `any ${y} !`, /any!/);",
  'src/wal/b.ts': '// Taken up by the next await.\np.catch(() => undefined);',
  'src/io/clock-node.ts': "import { open } from 'node:fs'; Date.now(); setTimeout(f, 1);",
  'src/base/errors.ts': 'new Error(x);',
  'src/admin/cli/main.ts': 'console.log(process.env);',
  'test/a.ts': "import 'node:fs'; setTimeout(f, 1); new Error('x');",
});

rejects(
  checkTestFiles,
  'a source file without a test',
  { 'src/wal/a.ts': 'export const a = 1;', 'src/wal/types.ts': 'export interface X { y: 1 }' },
  'src/wal/a.ts: has no test/wal/a.test.ts',
);
rejects(
  checkWorkers,
  'a thread entry that does work',
  { 'workers/log.ts': 'x();\n'.repeat(60) },
  'workers/log.ts: 61 lines, a thread entry has fewer than 60',
);

rejects(
  checkNativeSources,
  'two build files that differ',
  {
    'binding.gyp': "{ 'sources': ['native/addon.cc', 'native/gone.cc'] } # native/no.cc",
    'native/CMakeLists.txt': 'add_library(k kernel/crc.cc)\nadd_executable(t test/t.cc)',
    'native/addon.cc': '',
    'native/kernel/crc.cc': '',
    'native/test/t.cc': '',
  },
  'native/addon.cc: not listed in native/CMakeLists.txt',
  'native/gone.cc: listed, but there is no such file',
  'native/kernel/crc.cc: not listed in binding.gyp',
);
rejects(
  checkKernelIncludes,
  'a kernel that knows Node',
  { 'native/kernel/a.cc': '#include <cstdint>\n#include <node_api.h>\n#include "napi.h"\n' },
  'native/kernel/a.cc:2: includes node_api.h; the kernel knows no Node',
  'native/kernel/a.cc:3: includes napi.h; the kernel knows no Node',
);

rejects(
  checkLayerMap,
  'a layer map that drifted',
  {
    'src/base/a.ts': '',
    'src/odd/a.ts': '',
    'README.md': '<!-- layers -->\n```text\n 0  base\n```',
  },
  `README.md: the layer map must be\n${printLayerMap((folder) => folder === 'base')}`,
  'src/odd: has no line in test/tidy/layers.ts',
);
rejects(
  checkLinks,
  'a dead link and a dead anchor',
  {
    'docs/A.md':
      '[a](../src/wal/gone.ts) [b](B.md#other) [c](https://example.org) [d](B.md#one-two)',
    'docs/B.md': '# One: two',
  },
  'docs/A.md: the link ../src/wal/gone.ts leads nowhere',
  'docs/A.md: the link B.md#other names no heading',
);
rejects(
  checkFormats,
  'a format that is listed and not drawn',
  {
    'docs/FORMATS.md': '[record](../src/wal/record.ts) [batch](../src/wal/batch.ts)',
    'src/wal/record.ts': '/** A record. */ const x = a | b | c;',
    'src/wal/batch.ts': '/**\n *   | crc u32 | length u32 |\n */',
  },
  'src/wal/record.ts: listed as a format, and draws no bytes',
);
rejects(
  checkFormats,
  'an empty index of formats',
  { 'docs/FORMATS.md': '' },
  'docs/FORMATS.md: lists no format',
);
rejects(
  checkPackageFiles,
  'a file list with gaps and ghosts',
  {
    'package.json': JSON.stringify({
      bin: { themis: './dist/cli/main.js' },
      exports: { '.': { default: './dist/src/index.js' }, './package.json': './package.json' },
      files: ['dist/src', 'dist/workers', 'dist/bench', 'native', 'prebuilds', 'docs', 'ghost'],
    }),
    'native/a.cc': '',
    'docs/A.md': '',
  },
  'package.json: `files` leaves out binding.gyp',
  'package.json: `files` leaves out CHANGELOG.md',
  'package.json: `files` leaves out dist/cli/main.js',
  'package.json: `files` names ghost, which does not exist',
);

rejects(
  checkLock,
  'a lock that lacks a platform or names a registry',
  {
    'package-lock.json': JSON.stringify({
      packages: {
        '': { dependencies: { a: '1', gone: '1' } },
        'node_modules/a': { dependencies: { b: '1', c: '1' }, optionalDependencies: { win: '1' } },
        'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
        'node_modules/c': { resolved: 'https://example.org/c.tgz' },
      },
    }),
  },
  'package-lock.json: gone, which the package needs, is not locked',
  'package-lock.json: win, which node_modules/a needs, is not locked',
  'package-lock.json: node_modules/c names its registry',
);

test('an exception excuses its subject, and one that excuses nothing is found', () => {
  const problems = ['src/a.ts: x', 'src/b.ts:3: y'];
  const exception = (subject: string) => ({ rule: 'size' as const, subject, reason: '' });
  assert.equal(applyExceptions('size', problems, [exception('src/b.ts')]), ['src/a.ts: x']);
  assert.equal(applyExceptions('size', [], [exception('src/b.ts')]), [
    'src/b.ts: its exception excuses nothing',
  ]);
  assert.equal(applyExceptions('dead', problems, [exception('src/b.ts')]), problems);
});

test('the mask keeps code and lines, and blanks comments, strings, templates and patterns', () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a('b\\'c') // d", "a('    ')     "],
    ['a /* b\nc */ d', 'a     \n     d'],
    ['`a ${b({ c: `d` })} e`', '`  ${b({ c: ` ` })}  `'],
    ['x = /a[/"]b/g; "c"', 'x = /      /g; " "'],
    ['x = a / b / c', 'x = a / b / c'],
    ['return /"/.test(y)', 'return / /.test(y)'],
    ['else return /"/.test(y)', 'else return / /.test(y)'],
    ['returned / "a"', 'returned / " "'],
  ];
  for (const [text, code] of cases) assert.is(mask(text).code, code);
  assert.is(mask('a // b').comments, '  // b');
});

test('functions are told from blocks, calls and ternaries', () => {
  const lengths = (code: string): number[] => functionsIn(code).map(({ lines }) => lines);
  assert.equal(lengths('if (a) {\n}\nfor (;;) {\n}\nswitch (a) {\n}'), []);
  assert.equal(lengths('f(a);\nconst b = (c) ? { d: 1 } : {};'), []);
  assert.equal(lengths('class A {\n  #m(a: string): Map<string, () => void> {\n  }\n}'), [2]);
  assert.equal(lengths('const f = (a): a is { b: 1 } => {\n\n};'), [3]);
  assert.equal(lengths('const f = a => {\n};'), [2]);
});

test('every check has a bad input above', () => {
  for (const { says, run } of checks) assert.ok(tested.has(run), says);
});

test.run();
