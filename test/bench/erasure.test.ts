/** The erasure suite: its program compiles, all operations run here and in Node and are read right. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  addonPeers,
  compileKernels,
  loadCodec,
  parseFigure,
  runErasureSuite,
  wasmPeers,
} from '../../bench/erasure/index.js';
import { packageRoot } from '../../bench/harness/index.js';
import { isThemisError } from '../../src/base/index.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-erasure-'));

test('every operation gives rows for the kernels, and ratios', async () => {
  const lines: string[] = [];
  const { rows, notes } = await runErasureSuite({
    ...{ folder, rounds: 1, sampleMs: 0.1, coldMiB: 16, workloads: [], withPeers: false },
    progress: (line) => lines.push(line),
  });
  if (/^erasure skipped: /.test(notes[0] ?? '')) return;
  const operations = [
    ...['encode', 'decode', 'verify', 'checksums', 'tiers', 'threads'],
    ...['packages', 'wasm', 'coders', 'addon', 'calls', 'workers'],
  ];
  assert.equal(
    lines,
    operations.map((operation) => `erasure: ${operation}`),
  );
  for (const operation of operations) {
    const own = rows.filter((row) => row.workload.startsWith(operation));
    assert.ok(
      own.some((row) => row.contestant.startsWith('themis')),
      operation,
    );
    for (const row of own) assert.ok(row.result.perSecond > 0, operation);
  }
  assert.ok(notes.some((note) => note.includes('geometric mean')));
});

test('without a compiler the suite says so and goes on', () => {
  const before = process.env['CXX'];
  process.env['CXX'] = path.join(folder, 'absent');
  try {
    const compiled = compileKernels(folder);
    assert.is(compiled.kind, 'skipped');
    assert.match(compiled.kind === 'skipped' ? compiled.reason : '', 'no C++ compiler');
  } finally {
    if (before === undefined) delete process.env['CXX'];
    else process.env['CXX'] = before;
  }
});

test('every package has an adapter; one that does not load is skipped with a reason', async () => {
  for (const adapter of [...addonPeers, ...wasmPeers]) {
    const file = path.join(packageRoot(), 'bench', 'peers', `${adapter}.mjs`);
    assert.ok(fs.existsSync(file), adapter);
  }
  const sources = [
    ['missing', `import 'no-such-package-at-all';`, /not installed/],
    ['broken', `throw new TypeError('wrong ABI');`, /wrong ABI/],
    ['other', 'export const name = 1;', /no adapter/],
  ] as const;
  for (const [name, source, reason] of sources) {
    fs.writeFileSync(path.join(folder, `${name}.mjs`), source);
    const loaded = await loadCodec(name, folder);
    assert.match(loaded.kind === 'skipped' ? loaded.reason : 'loaded', reason);
    assert.match(loaded.kind === 'skipped' ? loaded.reason : 'loaded', 'npm run bench:peers');
  }
});

test('a line that is no figure is refused', () => {
  for (const line of ['{}', '[]', '{"operation":"encode","samples":[]}']) {
    assert.throws(
      () => parseFigure(line),
      (error: unknown) => isThemisError(error, 'THEMIS_TASK_FAILED'),
      line,
    );
  }
});

test.after(() => fs.rmSync(folder, { recursive: true, force: true }));
test.run();
