/** The C peer of the log: it compiles without warnings, runs in all modes, and is read right. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compileGroupCommit,
  type GroupCommitRun,
  parseGroupCommit,
  runGroupCommit,
} from '../../bench/wal/index.js';
import { isThemisError } from '../../src/base/index.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-group-commit-'));
const compiled = compileGroupCommit(folder);
if (compiled.kind === 'skipped') process.stdout.write(`${compiled.reason}\n`);

const short: GroupCommitRun = {
  mode: 'handoff',
  sync: 'fdatasync',
  inFlight: 8,
  payloadBytes: 128,
  warmupMs: 5,
  durationMs: 40,
  fileMiB: 2,
};

/** Does nothing where there is no compiler, which the line above says. */
async function run(program: string | null, options: GroupCommitRun) {
  return program === null ? null : runGroupCommit(program, folder, options);
}

const program = compiled.kind === 'compiled' ? compiled.program : null;

for (const mode of ['handoff', 'ideal'] as const) {
  test(`${mode} makes records durable and counts each once`, async () => {
    const sample = await run(program, { ...short, mode });
    if (sample === null) return;
    assert.ok(sample.operations > 0);
    assert.ok(sample.elapsedMs > 0);
    assert.ok(sample.p50Us > 0 && sample.p50Us <= sample.p99Us);
    assert.ok(sample.p99Us <= sample.maxUs * 1.01);
    assert.is(sample.operations % (mode === 'ideal' ? short.inFlight : 1), 0);
  });
}

test('more in flight than a batch can hold is cut into several batches', async () => {
  const sample = await run(program, { ...short, inFlight: 4096, payloadBytes: 1024, fileMiB: 16 });
  if (sample !== null) assert.ok(sample.operations > 0);
});

test('the file is gone afterwards', () => {
  assert.not.ok(fs.existsSync(path.join(folder, 'group-commit.log')));
});

test('batches lie at 4 KiB boundaries with checksums that another CRC32C confirms', () => {
  // 5 ms of one record in flight: the first batch of the file is a header and one record.
  if (program === null) return;
  const bytes = firstBlock(program);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert.is(view.getUint32(4, true), 1, 'records in the batch');
  assert.is(view.getUint32(0, true), crc32c(bytes.subarray(4, 64)), 'batch header');
  const record = bytes.subarray(64);
  const length = view.getUint32(64 + 8, true);
  assert.is(length, 100);
  assert.is(view.getUint32(64, true), crc32c(record.subarray(4, 48)), 'record header');
  assert.is(view.getUint32(68, true), crc32c(record.subarray(48, 48 + length)), 'payload');
  assert.ok(
    bytes.subarray(64 + 152).every((byte) => byte === 0),
    'padding',
  );
});

test('output that is not a result is refused with its text', () => {
  assert.throws(
    () => parseGroupCommit('{"records":1}'),
    (error: unknown) => isThemisError(error, 'THEMIS_TASK_FAILED'),
  );
});

test('a compiler that does not exist is a reason to skip, not an error', () => {
  const before = process.env['CC'];
  process.env['CC'] = '/nowhere/cc';
  try {
    const result = compileGroupCommit(folder);
    assert.is(result.kind, 'skipped');
    assert.match(result.kind === 'skipped' ? result.reason : '', /install gcc or clang/);
  } finally {
    if (before === undefined) delete process.env['CC'];
    else process.env['CC'] = before;
  }
});

test.after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The first 4 KiB that a short run left in its file. */
function firstBlock(executable: string): Uint8Array {
  const file = path.join(folder, 'inspected.log');
  const words = [file, 'ideal', 'fdatasync', '1', '100', '0', '1', '2'];
  const result = spawnSync(executable, words);
  assert.is(result.status, 0);
  const bytes = fs.readFileSync(file).subarray(0, 4096);
  fs.rmSync(file);
  return bytes;
}

/** Bit by bit, from the polynomial. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test.run();
