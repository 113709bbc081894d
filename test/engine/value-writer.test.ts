/** Where values go: small ones into the log, large ones to the devices first, then their name. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, type ErrorCode, ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import type { Committer, WriteOperation } from '../../src/engine/committer.js';
import { type BlobSink, ValueWriter } from '../../src/engine/value-writer.js';
import type { BlobDraft, BlobWriteStream } from '../../src/shard/index.js';

const inlineBytesMax = 10;
const key = Buffer.from('key');
const small = Buffer.alloc(inlineBytesMax, 's');
const large = Buffer.alloc(inlineBytesMax + 1, 'l');

interface Failures {
  readonly blob?: ErrorCode;
  /** Thrown by the committer's call, or what its promise rejects with. */
  readonly refused?: ErrorCode;
  readonly log?: ErrorCode;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function errorOf(code: ErrorCode): ThemisError {
  return new ThemisError(code, 'played');
}

/** A writer over a committer and devices that note what they are asked. */
function played(failures: Failures = {}) {
  const heard: string[] = [];
  const draftOf = (blob: number): BlobDraft =>
    ({ blob, manifest: Buffer.from(`manifest ${blob}`) }) as Partial<BlobDraft> as BlobDraft;
  let blobs = 0;
  const commit = (operations: readonly WriteOperation[]): Promise<void> => {
    if (failures.refused !== undefined) throw errorOf(failures.refused);
    heard.push(
      operations
        .map((one) => {
          const value = one.type === 'del' ? '' : `=${textOf(one.value)}`;
          return `${one.type} ${textOf(one.key)}${value}`;
        })
        .join('; '),
    );
    return failures.log === undefined ? Promise.resolve() : Promise.reject(errorOf(failures.log));
  };
  const committer = {
    put: (at: Uint8Array, value: Uint8Array) => commit([{ type: 'put', key: at, value }]),
    write: commit,
  } as Partial<Committer> as Committer;
  const sink: BlobSink = {
    write: async (at, value) => {
      const blob = ++blobs;
      heard.push(`blob ${blob} of ${textOf(at)}: ${value.length} bytes`);
      if (failures.blob !== undefined && blob > 1) throw errorOf(failures.blob);
      return draftOf(blob);
    },
    openWriteStream: async (at) => {
      const blob = ++blobs;
      let bytes = 0;
      return {
        write: async (chunk: Uint8Array) => {
          bytes += chunk.length;
        },
        finish: async () => {
          heard.push(`stream ${blob} of ${textOf(at)}: ${bytes} bytes`);
          return draftOf(blob);
        },
        abort: () => heard.push(`stream ${blob} aborted`),
      } as Partial<BlobWriteStream> as BlobWriteStream;
    },
    settle: ({ blob }, outcome) => heard.push(`${blob} ${outcome}`),
  };
  const rejected = (error: unknown) => heard.push(`rejected ${codeOf(error)}`);
  const writer = new ValueWriter({ committer, blobs: sink, inlineBytesMax, rejected });
  return { writer, heard };
}

test('a small value goes into the log and nowhere else', async () => {
  const { writer, heard } = played();
  await writer.put(key, small);
  await writer.write([{ type: 'del', key }]);
  assert.equal(heard, [`put key=${small}`, 'del key']);
});

test('a large value goes to the devices, then its name into the log', async () => {
  const { writer, heard } = played();
  await writer.put(key, large);
  assert.equal(heard, ['blob 1 of key: 11 bytes', 'blob key=manifest 1', '1 committed']);
});

test('a batch that mixes both is one command, with its small values as they were', async () => {
  const { writer, heard } = played();
  const changing = Uint8Array.from(small);
  const written = writer.write([
    { type: 'put', key, value: changing },
    { type: 'put', key: Buffer.from('big'), value: large },
    { type: 'del', key: Buffer.from('old') },
  ]);
  changing.fill(0);
  await written;
  assert.equal(heard.slice(1), [`put key=${small}; blob big=manifest 1; del old`, '1 committed']);
});

test('when one large value fails, the others are forgotten and nothing is committed', async () => {
  const { writer, heard } = played({ blob: 'THEMIS_DEVICES_TOO_FEW' });
  const code = await writer
    .write([
      { type: 'put', key, value: large },
      { type: 'put', key: Buffer.from('b'), value: large },
    ])
    .catch(codeOf);
  assert.is(code, 'THEMIS_DEVICES_TOO_FEW');
  assert.equal(heard.slice(2), ['1 abandoned', 'rejected THEMIS_DEVICES_TOO_FEW']);
});

test('what the log certainly did not take is forgotten; what it may have, is kept', async () => {
  const cases: readonly [Failures, string, boolean][] = [
    [{ refused: 'THEMIS_DISK_FULL' }, '1 abandoned', true],
    [{ refused: 'THEMIS_CLOSED' }, '1 abandoned', true],
    [{ log: 'THEMIS_OVERLOADED' }, '1 abandoned', false],
    [{ log: 'THEMIS_DISK_FULL' }, '1 abandoned', false],
    [{ log: 'THEMIS_LOG_FAILED' }, '1 committed', false],
    [{ log: 'THEMIS_TASK_FAILED' }, '1 committed', false],
  ];
  for (const [failures, settled, isCounted] of cases) {
    const { writer, heard } = played(failures);
    const code = await writer.put(key, large).catch(codeOf);
    assert.is(code, failures.refused ?? failures.log);
    assert.ok(heard.includes(settled), JSON.stringify(failures));
    assert.is(heard.includes(`rejected ${code}`), isCounted, 'what the committer told is not told');
  }
});

test('keys and batches over the limits are refused before anything is written', async () => {
  const { writer, heard } = played();
  const long = Buffer.alloc(limits.keyBytesMax + 1);
  assert.throws(
    () => writer.put(long, large),
    (error: unknown) => codeOf(error) === 'THEMIS_KEY_TOO_LARGE',
  );
  const source = (async function* () {
    yield large;
  })();
  assert.is(await writer.putStream(long, source).catch(codeOf), 'THEMIS_KEY_TOO_LARGE');
  assert.equal(heard, ['rejected THEMIS_KEY_TOO_LARGE']);
});

async function* chunks(...all: readonly unknown[]): AsyncGenerator<unknown> {
  for (const one of all) {
    if (one instanceof Error) throw one;
    yield one;
  }
}

test('a stream that turns out small is an ordinary value', async () => {
  const { writer, heard } = played();
  await writer.putStream(key, chunks('ab', Buffer.from('cd')));
  await writer.putStream(key, chunks());
  await writer.putStream(key, chunks('12345', Buffer.from('67890'), 'é'));
  assert.equal(heard, [
    'put key=abcd',
    'put key=',
    'stream 1 of key: 12 bytes',
    'blob key=manifest 1',
    '1 committed',
  ]);
});

test('a stream that fails, or gives what is no bytes, leaves nothing', async () => {
  for (const [bad, code] of [
    [errorOf('THEMIS_ABORTED'), 'THEMIS_ABORTED'],
    [7, 'THEMIS_CONFIG_INVALID'],
  ] as const) {
    const { writer, heard } = played();
    assert.is(await writer.putStream(key, chunks(large, bad)).catch(codeOf), code);
    assert.equal(heard, ['stream 1 aborted', `rejected ${code}`]);
    const early = played();
    assert.is(await early.writer.putStream(key, chunks('a', bad)).catch(codeOf), code);
    assert.equal(early.heard, [`rejected ${code}`]);
  }
});

test('writes of one key keep the order of their calls; other keys do not wait', async () => {
  const { writer, heard } = played();
  const reused = Uint8Array.from(small);
  const all = [
    writer.put(key, large),
    writer.put(key, reused),
    writer.put(Buffer.from('other'), small),
    writer.write([{ type: 'del', key }]),
    writer.put(key, large),
  ];
  reused.fill(0);
  await Promise.all(all);
  const commands = heard.filter((line) => /^(put|del|blob key)/.test(line));
  assert.equal(commands, [
    `put other=${small}`,
    'blob key=manifest 1',
    `put key=${small}`,
    'del key',
    'blob key=manifest 2',
  ]);
});

test('a write goes on when the one before it failed', async () => {
  const { writer, heard } = played({ blob: 'THEMIS_DEVICES_TOO_FEW' });
  await writer.put(Buffer.from('first'), large);
  const failing = writer.put(key, large).catch(codeOf);
  await writer.put(key, small);
  assert.is(await failing, 'THEMIS_DEVICES_TOO_FEW');
  assert.is(heard.at(-1), `put key=${small}`);
});

test.run();
