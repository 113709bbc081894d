/** The state's loop: inline turn by turn, and in a thread over shared memory. */
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { nodeFileSystem, seededRandom } from '../../src/io/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import {
  Applier,
  classicStores,
  LiveSnapshots,
  MemoryStores,
  openState,
  PendingIndex,
  StateControl,
  StateLoop,
  VersionedReader,
} from '../../src/metadata/index.js';
import { RingReader, RingWriter, recordHeaderBytes } from '../../src/wal/index.js';
import type { StateWorkerData } from '../fixtures/state-worker.js';
import { type Change, commandLength, writeCommandRecord } from './commands.js';
import { clusterId } from './state-under-test.js';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-state-thread-'));
const place = path.join(root, 'state');
const stream = 1;
const ringBytes = 1 << 16;
const source = { index: 0, ballot: 0, entries: () => [] };

/** The main loop's side: a ring, its pending index, and how far the state is. */
class Producer {
  readonly memory: Uint8Array;
  readonly ring: RingWriter;
  readonly pending: PendingIndex;
  readonly control = new StateControl();
  readonly live = new LiveSnapshots();
  index = 0;

  constructor() {
    this.memory = new Uint8Array(new SharedArrayBuffer(ringBytes));
    this.ring = new RingWriter(this.memory);
    this.pending = new PendingIndex(this.memory, 16);
  }

  /** Writes and commits a command; false when the ring has no room. */
  commit(changes: readonly Change[]): boolean {
    const length = commandLength(changes);
    const offset = this.ring.reserve(length);
    if (offset < 0) return false;
    const record = { index: this.index + 1, ballot: 1, stream };
    const operations = writeCommandRecord(this.memory, offset, record, changes);
    this.index++;
    for (const operation of operations) this.pending.add(operation, this.index);
    this.ring.advance(length);
    this.control.publishCommitted(this.ring.head);
    this.control.wake();
    return true;
  }

  /** Takes up what the state has done. */
  collect(): void {
    const position = this.control.appliedPosition;
    this.pending.release(this.control.appliedIndex);
    this.ring.release(position);
  }

  /** Waits for news of the state, in turns short enough not to hang a broken test for long. */
  async news(seen: number): Promise<void> {
    const wait = Atomics.waitAsync(this.control.words, this.control.signalWord, seen, 5_000);
    const outcome = wait.async ? await wait.value : wait.value;
    assert.is.not(outcome, 'timed-out', 'the state thread has news in time');
  }
}

test('inline: a turn applies what is committed, frees the ring, syncs and stops', async () => {
  const producer = new Producer();
  const stores = new MemoryStores();
  const options = { stores, path: '/state', kernel, clusterId, damage: null };
  const { store, meta } = await openState({ ...options, logStart: 0, logEnd: 0, source });
  const shared = { store, kernel, liveSnapshots: producer.live };
  const applier = new Applier({ ...shared, meta, stream });
  const { control } = producer;
  const loop = new StateLoop({
    control,
    ring: new RingReader(producer.memory),
    applier,
    liveSnapshots: producer.live,
  });
  const key = Uint8Array.of(1);
  // Records of many sizes, so that the ring wraps with skips and with rests below a header.
  for (let i = 1; i <= 500; i++) {
    const value = new Uint8Array((i * 37) % 3000).fill(i);
    assert.ok(producer.commit([{ key, value }]), 'the ring has room again after a turn');
    assert.ok(await loop.turn());
    producer.collect();
    assert.is(producer.control.appliedIndex, i);
    assert.is(producer.ring.used, 0);
    assert.is(producer.pending.size, 0);
    assert.is(store.getSync(key)?.length, 12 + value.length);
  }
  const request = control.requestSync();
  assert.is(control.syncedIndex, 0);
  await loop.turn();
  assert.is(control.syncDone, request);
  assert.is(control.syncedIndex, 500);
  assert.is(stores.unsynced('/state'), 0, 'a sync is a durable batch');
  producer.live.acquire(500);
  producer.commit([{ key, value: null }]);
  await loop.turn();
  assert.is(producer.live.historyRecords, 1);
  producer.live.release(500);
  await loop.turn();
  assert.is(producer.live.historyRecords, 0, 'history goes when its snapshot does');
  control.requestStop();
  producer.commit([{ key, value: key }]);
  assert.not(await loop.turn(), 'the loop ends');
  assert.is(control.appliedIndex, 502, 'after it applied what was committed');
});

test('inline: a failure is published, and is why the loop ends', async () => {
  const producer = new Producer();
  const stores = new MemoryStores();
  const options = { stores, path: '/state', kernel, clusterId, damage: null };
  const { store, meta } = await openState({ ...options, logStart: 0, logEnd: 0, source });
  const liveSnapshots = producer.live;
  const loop = new StateLoop({
    control: producer.control,
    ring: new RingReader(producer.memory),
    applier: new Applier({ store, kernel, liveSnapshots, meta, stream }),
    liveSnapshots,
  });
  producer.commit([{ key: Uint8Array.of(1), value: null }]);
  producer.memory[recordHeaderBytes + 8] = 9;
  try {
    await loop.run();
    assert.unreachable('a malformed command was applied');
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_LOG_CORRUPT'), String(error));
  }
  assert.ok(producer.control.failed);
  assert.is(producer.control.appliedIndex, 0);
});

test('in a thread: every read is right while the state catches up', async () => {
  const stores = classicStores(nodeFileSystem());
  const options = { stores, path: place, kernel, clusterId, damage: null };
  const { store } = await openState({ ...options, logStart: 0, logEnd: 0, source });
  const producer = new Producer();
  const { control, live, memory, pending } = producer;
  const workerData: StateWorkerData = {
    path: place,
    control: control.buffer,
    live: live.buffer,
    ring: memory.buffer as SharedArrayBuffer,
    clusterId,
    stream,
  };
  const worker = new Worker(new URL('../fixtures/state-worker.js', import.meta.url), {
    workerData,
  });
  const ended = once(worker, 'message');
  const exited = once(worker, 'exit');
  const reader = new VersionedReader({ store, kernel, pending, memory, liveSnapshots: live });
  const model = new Map<number, Uint8Array | null>();
  const random = seededRandom(7).stream('state-thread');
  let frozen: { version: number; model: Map<number, Uint8Array | null> } | null = null;
  for (let i = 0; i < 5_000; i++) {
    const one = random.below(200);
    const value = random.chance(0.2) ? null : new Uint8Array(random.below(400)).fill(i);
    for (;;) {
      const seen = control.signal;
      producer.collect();
      if (producer.commit([{ key: keyOf(one), value }])) break;
      await producer.news(seen);
    }
    model.set(one, value);
    if (i % 500 === 250) {
      if (frozen !== null) live.release(frozen.version);
      frozen = { version: producer.index, model: new Map(model) };
      live.acquire(frozen.version);
    }
    const probe = random.below(200);
    assert.equal(reader.getSync(keyOf(probe), producer.index), expected(model, probe));
    if (frozen === null || i % 3 !== 0) continue;
    assert.equal(reader.getSync(keyOf(probe), frozen.version), expected(frozen.model, probe));
  }
  for (;;) {
    const seen = control.signal;
    if (control.appliedIndex === producer.index) break;
    await producer.news(seen);
  }
  const found = await all(reader, producer.index);
  assert.is(found, [...model.values()].filter((value) => value !== null).length);
  assert.is(await all(reader, frozen?.version ?? 0), present(frozen?.model ?? model));
  control.requestStop();
  assert.equal(await ended, ['stopped']);
  await exited;
  await store.close();
});

function keyOf(n: number): Uint8Array {
  return Uint8Array.from(Buffer.from(`key ${n}`));
}

function expected(model: Map<number, Uint8Array | null>, key: number): Buffer | undefined {
  const value = model.get(key) ?? null;
  return value === null ? undefined : Buffer.from(value);
}

function present(model: Map<number, Uint8Array | null>): number {
  return [...model.values()].filter((value) => value !== null).length;
}

async function all(reader: VersionedReader, version: number): Promise<number> {
  const cursor = reader.iterate({}, version);
  let count = 0;
  for (;;) {
    const entries = await cursor.nextv(100);
    if (entries.length === 0) break;
    count += entries.length;
  }
  await cursor.close();
  return count;
}

test.after(() => fs.rmSync(root, { recursive: true }));
test.run();
