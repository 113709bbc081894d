/** The driver of logs: how many are in flight, what is counted, how faults surface. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { driveLog, type LogUnderTest } from '../../bench/wal/index.js';

/** A log in memory that syncs what it has once a turn of the event loop. */
class MemoryLog implements LogUnderTest {
  readonly appends: number[] = [];
  inFlightHighest = 0;
  #appended = 0;
  #durable = 0;
  #waiting = false;
  #batchMax: number;
  #failAfter: number;
  #durableListener: (records: number) => void = () => undefined;
  #failed: (error: unknown) => void = () => undefined;

  constructor(batchMax = Number.POSITIVE_INFINITY, failAfter = Number.POSITIVE_INFINITY) {
    this.#batchMax = batchMax;
    this.#failAfter = failAfter;
  }

  append(_payload: Uint8Array, count: number): void {
    this.appends.push(count);
    this.#appended += count;
    this.inFlightHighest = Math.max(this.inFlightHighest, this.#appended - this.#durable);
    this.#schedule();
  }

  onDurable(listener: (records: number) => void, failed: (error: unknown) => void): void {
    this.#durableListener = listener;
    this.#failed = failed;
  }

  async close(): Promise<void> {
    assert.is(this.#durable, this.#appended, 'everything is durable at the end');
  }

  #schedule(): void {
    if (this.#waiting || this.#durable === this.#appended) return;
    this.#waiting = true;
    setImmediate(() => {
      this.#waiting = false;
      this.#durable += Math.min(this.#batchMax, this.#appended - this.#durable);
      if (this.#durable > this.#failAfter) this.#failed(new RangeError('disk'));
      else this.#durableListener(this.#durable);
      this.#schedule();
    });
  }
}

const options = { inFlight: 32, payloadBytes: 128, warmupMs: 5, durationMs: 30 };

test('keeps exactly as many records in flight as asked for', async () => {
  const log = new MemoryLog();
  const sample = await driveLog(log, options);
  await log.close();
  assert.is(log.appends[0], 32);
  assert.is(log.inFlightHighest, 32);
  assert.ok(sample.operations > 0);
  assert.is(sample.operations % 32, 0);
});

test('replaces what became durable when batches are smaller than what is in flight', async () => {
  const log = new MemoryLog(5);
  const sample = await driveLog(log, options);
  await log.close();
  assert.is(log.inFlightHighest, 32);
  assert.ok(log.appends.slice(1).every((count) => count === 5));
  assert.ok(sample.p50Us > 0 && sample.p50Us <= sample.maxUs);
});

test('a log that fails fails the run', async () => {
  try {
    await driveLog(new MemoryLog(5, 20), options);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test.run();
