/** A group of one: what is durable is committed, in order, under the ballot of this run. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createSingleVoter,
  type LogStorage,
  type LogStorageListener,
} from '../../src/consensus/index.js';

type Appended = readonly [stream: number, index: number, ballot: number, bytes: number];

class StorageInMemory implements LogStorage {
  readonly memory = new Uint8Array(64);
  readonly appended: Appended[] = [];
  readonly released: number[] = [];
  readonly truncated: (readonly [number, number])[] = [];
  room = 8;
  syncs = 0;
  listener: LogStorageListener = { durable: () => undefined, failed: () => undefined };

  reserve(payloadBytes: number): number {
    return payloadBytes <= this.room ? 16 : -1;
  }

  append(...appended: Appended): void {
    this.appended.push(appended);
  }

  release(position: number): void {
    this.released.push(position);
  }

  async sync(): Promise<void> {
    this.syncs++;
  }

  async truncate(stream: number, index: number): Promise<void> {
    this.truncated.push([stream, index]);
  }
}

function voter(lastIndex: number) {
  const storage = new StorageInMemory();
  const log = createSingleVoter({ storage, stream: 4, ballot: 9, lastIndex });
  const committed: (readonly [number, number])[] = [];
  const failures: unknown[] = [];
  log.listener = {
    committed: (index, position) => committed.push([index, position]),
    failed: (error) => failures.push(error),
  };
  return { storage, log, committed, failures };
}

test('what the log holds at the start is committed; proposals follow it without a gap', () => {
  const { storage, log } = voter(41);
  assert.equal([log.proposedIndex, log.committedIndex], [41, 41]);
  assert.is(log.memory, storage.memory);
  assert.is(log.propose(5), 42);
  assert.is(log.propose(6), 43);
  assert.equal(storage.appended, [
    [4, 42, 9, 5],
    [4, 43, 9, 6],
  ]);
  assert.equal([log.proposedIndex, log.committedIndex], [43, 41]);
});

test('nothing is committed before it is durable, and a watermark commits all before it', () => {
  const { storage, log, committed } = voter(0);
  for (let i = 0; i < 3; i++) log.propose(1);
  assert.equal(committed, []);
  storage.listener.durable(4, 2, 20);
  assert.is(log.committedIndex, 2);
  storage.listener.durable(4, 3, 30);
  assert.equal(committed, [
    [2, 20],
    [3, 30],
  ]);
});

test('durability of what was never proposed, or of another stream, is a defect', () => {
  const { storage, log } = voter(0);
  log.propose(1);
  const isAssertion = (error: { code?: string }): boolean => error.code === 'THEMIS_ASSERTION';
  assert.throws(() => storage.listener.durable(4, 2, 8), isAssertion);
  assert.throws(() => storage.listener.durable(5, 1, 8), isAssertion);
  assert.is(log.committedIndex, 0);
});

test('room, release, truncation and failure are those of the storage', async () => {
  const { storage, log, failures } = voter(0);
  assert.equal([log.reserve(8), log.reserve(9)], [16, -1]);
  log.release(24);
  await log.truncate(7);
  assert.equal([storage.released, storage.truncated], [[24], [[4, 7]]]);
  const error = new RangeError('gone');
  storage.listener.failed(error);
  assert.equal(failures, [error]);
});

test("a sync is the storage's", async () => {
  const { storage, log } = voter(3);
  await log.sync();
  assert.is(storage.syncs, 1);
});

test.run();
