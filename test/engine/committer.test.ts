/** The write path: order, backpressure and its bounds, and that every writer hears exactly once. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bufferOf, isThemisError, ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import type { ReplicatedLog } from '../../src/consensus/index.js';
import { Committer, type WriteOperation } from '../../src/engine/committer.js';
import {
  commandHeaderBytes,
  commandOperations,
  nextOperation,
  operationHeaderBytes,
  operationKeyBytes,
  operationKind,
  operationKinds,
  operationValueBytes,
  PendingIndex,
} from '../../src/metadata/index.js';

const memoryBytes = 1 << 20;

/** A log whose room is what the test says; commands stay where they were written. */
class LogInMemory implements ReplicatedLog {
  readonly memory = new Uint8Array(memoryBytes);
  /** Offset and bytes of each command, from index 1. */
  readonly commands: (readonly [number, number])[] = [];
  committedIndex = 0;
  room = memoryBytes;
  refuseWith: ThemisError | null = null;
  listener = { committed: () => undefined, failed: () => undefined };
  #end = 0;

  get proposedIndex(): number {
    return this.commands.length;
  }

  reserve(bytes: number): number {
    if (this.refuseWith !== null) throw this.refuseWith;
    return bytes <= this.room ? this.#end : -1;
  }

  propose(bytes: number): number {
    this.commands.push([this.#end, bytes]);
    this.room -= bytes;
    this.#end += (bytes + 7) & ~7;
    return this.commands.length;
  }

  release(): void {
    throw new RangeError('the committer frees nothing');
  }

  async sync(): Promise<void> {
    throw new RangeError('the committer syncs nothing');
  }

  async truncate(): Promise<void> {
    throw new RangeError('the committer truncates nothing');
  }

  /** Operations of a command as text: `put k=v`, `del k`. */
  textOf(index: number): string[] {
    const [offset] = this.commands[index - 1] ?? [-1];
    const count = commandOperations(this.memory, offset);
    let at = offset + commandHeaderBytes;
    return Array.from({ length: count }, () => {
      const start = at + operationHeaderBytes;
      const middle = start + operationKeyBytes(this.memory, at);
      const end = middle + operationValueBytes(this.memory, at);
      const isPut = operationKind(this.memory, at) === operationKinds.put;
      const text = (from: number, to: number) => bufferOf(this.memory.subarray(from, to));
      const key = text(start, middle).toString();
      at = nextOperation(this.memory, at);
      return isPut ? `put ${key}=${text(middle, end)}` : `del ${key}`;
    });
  }
}

interface World {
  readonly log: LogInMemory;
  readonly pending: PendingIndex;
  readonly committer: Committer;
  readonly rejected: unknown[];
  /** What each writer heard, in order: `name ok` or `name CODE`. */
  readonly heard: string[];
  put(name: string, value?: string): void;
}

function world(commandBytesMax: number = limits.commandBytesMax): World {
  const log = new LogInMemory();
  const pending = new PendingIndex(log.memory);
  const rejected: unknown[] = [];
  const committer = new Committer({
    log,
    pending,
    commandBytesMax,
    rejected: (error) => rejected.push(error),
  });
  const heard: string[] = [];
  const put = (name: string, value = 'v'): void => {
    committer.put(Buffer.from(name), Buffer.from(value)).then(
      () => heard.push(`${name} ok`),
      (error: ThemisError) => heard.push(`${name} ${error.code}`),
    );
  };
  return { log, pending, committer, rejected, heard, put };
}

/** For writers whose answer is another test's. */
function unheard(): void {}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function codeThrown(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (isThemisError(error)) return error.code;
    throw error;
  }
}

test('commands are in the log in the order of the calls, batches whole', async () => {
  const { log, committer, heard, put } = world();
  put('a', '1');
  const batch: WriteOperation[] = [
    { type: 'put', key: Buffer.from('b'), value: Buffer.from('2') },
    { type: 'del', key: Buffer.from('a') },
  ];
  const written = committer.write(batch);
  void committer.delete(Buffer.from('c'));
  assert.equal(
    [1, 2, 3].map((index) => log.textOf(index)),
    [['put a=1'], ['put b=2', 'del a'], ['del c']],
  );
  assert.is(committer.openWriters, 3);
  await turn();
  assert.equal(heard, [], 'nobody is answered before the commit');
  committer.committed(2);
  await written;
  assert.equal([heard, committer.openWriters], [['a ok'], 1]);
});

test('pending operations are found at once, under the index of their command', () => {
  const { log, pending, committer, put } = world();
  put('a', '1');
  void committer.write([{ type: 'put', key: Buffer.from('a'), value: Buffer.from('2') }]);
  assert.ok(pending.find(Buffer.from('a'), 1) >= 0);
  assert.not.equal(pending.find(Buffer.from('a'), 1), pending.find(Buffer.from('a'), 2));
  assert.is(log.proposedIndex, 2);
});

test('more writers than the first arrays hold are each answered once and in order', async () => {
  const { committer, heard, put } = world();
  const names = Array.from({ length: 5000 }, (_, i) => `k${i}`);
  for (const [i, name] of names.entries()) {
    put(name);
    if (i % 700 === 699) committer.committed(i - 300);
  }
  committer.committed(names.length);
  await turn();
  assert.equal(
    heard,
    names.map((name) => `${name} ok`),
  );
});

test('who finds no room waits; order is kept, also by a small one behind a large one', async () => {
  const { log, committer, heard, put } = world();
  log.room = 40;
  put('first');
  put('large', 'x'.repeat(200));
  put('small');
  assert.equal([log.proposedIndex, committer.openWriters], [1, 3]);
  log.room = 100;
  committer.roomFreed();
  assert.is(log.proposedIndex, 1, 'the small one does not overtake');
  log.room = 1000;
  committer.roomFreed();
  assert.equal(log.textOf(2), [`put large=${'x'.repeat(200)}`]);
  assert.equal(log.textOf(3), ['put small=v']);
  committer.committed(3);
  await turn();
  assert.equal(heard, ['first ok', 'large ok', 'small ok']);
});

test('a caller may use its buffers again while its write waits', () => {
  const { log, committer } = world();
  log.room = 0;
  const key = Buffer.from('key');
  const value = Buffer.from('old');
  void committer.put(key, value);
  void committer.write([{ type: 'put', key, value }]);
  key.fill('x');
  value.fill('x');
  log.room = 1000;
  committer.roomFreed();
  assert.equal([log.textOf(1), log.textOf(2)], [['put key=old'], ['put key=old']]);
});

test('any room that comes in any steps lets all in, in the order of the calls', async () => {
  const sizes = fc.array(fc.nat(120), { minLength: 1, maxLength: 30 });
  const steps = fc.array(fc.nat(300), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, steps, async (lengths, rooms) => {
      const { log, committer, heard, put } = world();
      log.room = 60;
      for (const [i, length] of lengths.entries()) put(`${i}`, 'v'.repeat(length));
      for (const room of rooms) {
        log.room = room;
        committer.roomFreed();
      }
      log.room = memoryBytes / 2;
      committer.roomFreed();
      committer.committed(log.proposedIndex);
      await turn();
      assert.equal(
        heard,
        lengths.map((_, i) => `${i} ok`),
      );
      assert.is(committer.openWriters, 0);
      const keys = lengths.map((length, i) => [`put ${i}=${'v'.repeat(length)}`]);
      assert.equal(
        lengths.map((_, i) => log.textOf(i + 1)),
        keys,
      );
    }),
    { numRuns: 50 },
  );
});

test('the bytes that may wait are bounded, and the bound is free again when they are in', () => {
  const { log, committer } = world();
  log.room = 0;
  const value = new Uint8Array(limits.valueBytesMax);
  const fit = Math.floor(limits.writersWaitingBytesMax / limits.valueBytesMax) - 1;
  const put = () => void committer.put(Buffer.from('k'), value).then(unheard, unheard);
  for (let i = 0; i < fit; i++) put();
  assert.is(codeThrown(put), 'THEMIS_OVERLOADED');
  assert.is(committer.openWriters, fit);
  committer.close();
  assert.is(committer.openWriters, 0);
});

test('the writers that may wait are bounded', () => {
  const { log, committer } = world();
  log.room = 0;
  const key = Buffer.from('k');
  const put = () => void committer.put(key, key).then(unheard, unheard);
  for (let i = 0; i < limits.writersWaitingMax; i++) put();
  assert.is(codeThrown(put), 'THEMIS_OVERLOADED');
  assert.is(committer.openWriters, limits.writersWaitingMax);
});

test('what is too large is refused before anything is taken', () => {
  const { log, committer } = world(1000);
  const key = Buffer.from('k');
  const put = (bytes: number, value: number) => () =>
    committer.put(Buffer.alloc(bytes), Buffer.alloc(value));
  const batch = (count: number, value: number) => () =>
    committer.write(new Array(count).fill({ type: 'put', key, value: Buffer.alloc(value) }));
  assert.is(codeThrown(put(limits.keyBytesMax + 1, 0)), 'THEMIS_KEY_TOO_LARGE');
  assert.is(codeThrown(put(1, limits.valueBytesMax + 1)), 'THEMIS_VALUE_TOO_LARGE');
  assert.is(codeThrown(put(1, 1000)), 'THEMIS_VALUE_TOO_LARGE', 'too large for this log');
  assert.is(codeThrown(batch(limits.batchOperationsMax + 1, 0)), 'THEMIS_BATCH_TOO_LARGE');
  assert.is(codeThrown(batch(3, 400)), 'THEMIS_BATCH_TOO_LARGE');
  assert.equal([log.proposedIndex, committer.openWriters], [0, 0]);
  assert.is(codeThrown(put(1, 900)), null);
});

test('a failure rejects proposed and waiting writers once, and later calls throw', async () => {
  const { log, committer, rejected, heard, put } = world();
  put('done');
  committer.committed(1);
  put('proposed');
  log.room = 0;
  put('waiting');
  const failure = committer.fail(new RangeError('EIO'));
  assert.is(failure.code, 'THEMIS_LOG_FAILED');
  assert.is(committer.fail(new RangeError('again')).code, 'THEMIS_LOG_FAILED');
  committer.committed(2);
  committer.roomFreed();
  await turn();
  const expected = ['done ok', 'proposed THEMIS_LOG_FAILED', 'waiting THEMIS_LOG_FAILED'];
  assert.equal(heard, expected);
  assert.equal(rejected, [failure, failure]);
  assert.is(
    codeThrown(() => put('late')),
    'THEMIS_LOG_FAILED',
  );
  assert.is(committer.failure, failure);
  assert.is(committer.openWriters, 0);
});

test('closing refuses who waits and who comes; the proposed are answered', async () => {
  const { log, committer, rejected, heard, put } = world();
  put('proposed');
  log.room = 0;
  put('waiting');
  committer.close();
  assert.is(
    codeThrown(() => put('late')),
    'THEMIS_CLOSED',
  );
  const answered = committer.answered();
  committer.committed(1);
  await answered;
  await turn();
  assert.equal(heard.sort(), ['proposed ok', 'waiting THEMIS_CLOSED']);
  assert.is(rejected.length, 1);
});

test('a full disk refuses those who waited, and others come in after it', async () => {
  const { log, committer, rejected, heard, put } = world();
  log.room = 0;
  put('a');
  put('b');
  log.refuseWith = new ThemisError('THEMIS_DISK_FULL', 'no space');
  committer.roomFreed();
  assert.is(
    codeThrown(() => put('c')),
    'THEMIS_DISK_FULL',
  );
  log.refuseWith = null;
  log.room = 1000;
  put('d');
  committer.committed(1);
  await turn();
  assert.equal(heard, ['a THEMIS_DISK_FULL', 'b THEMIS_DISK_FULL', 'd ok']);
  assert.is(rejected.length, 2);
});

test.run();
