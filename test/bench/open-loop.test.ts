/** Open loop: latencies count from the intended start, whatever the store does. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Histogram, openLoop, type Pacer, Span } from '../../bench/harness/index.js';

/** Time that passes only in pauses. Timers fire at the tick at or after their time. */
class FakePacer implements Pacer {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly fire: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.push({ atMs: this.#nowMs + ms, fire: resolve });
    });
  }

  async pause(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#timers.filter((timer) => timer.atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => timer.atMs > this.#nowMs);
    for (const timer of due) timer.fire();
    // Replies are handled before the next tick.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Setup {
  readonly latencyMs: (sequence: number) => number;
  readonly outstandingMax?: number;
  readonly graceMs?: number;
  readonly warmupMs?: number;
}

async function run(setup: Setup) {
  const pacer = new FakePacer();
  const histogram = new Histogram();
  const result = await openLoop({
    ratePerSecond: 1000,
    warmupMs: setup.warmupMs ?? 0,
    durationMs: 100,
    outstandingMax: setup.outstandingMax ?? 1000,
    graceMs: setup.graceMs ?? 10_000,
    operation: (sequence) => pacer.after(setup.latencyMs(sequence)),
    histogram,
    span: new Span(),
    pacer,
  });
  return { result, histogram };
}

test('a fast store has its own latency', async () => {
  const { result, histogram } = await run({ latencyMs: () => 2 });
  assert.is(result.operations, 100);
  assert.is(result.completed, 100);
  assert.is(histogram.max, 2e6);
});

test('a stall counts for every request due during it, from its intended start', async () => {
  // Request 10 stalls the only slot for 50 ms; a closed loop would show one slow request.
  const { histogram } = await run({
    latencyMs: (sequence) => (sequence === 10 ? 50 : 0),
    outstandingMax: 1,
  });
  assert.is(histogram.count, 100);
  assert.ok(histogram.max >= 50e6);
  // Those due at 11, 12, ... waited 49, 48, ... ms and longer: far more than one in a hundred.
  assert.ok(histogram.percentile(75) >= 20e6, `p75 is ${histogram.percentile(75)} ns`);
});

test('the number of outstanding requests is bounded', async () => {
  const { result } = await run({ latencyMs: () => 20, outstandingMax: 5 });
  assert.is(result.outstandingHighest, 5);
  assert.is(result.completed, 100);
});

test('requests that are never answered are counted with the time they waited', async () => {
  const { result, histogram } = await run({
    latencyMs: (sequence) => (sequence < 50 ? 1 : Number.POSITIVE_INFINITY),
    graceMs: 200,
  });
  assert.is(result.completed, 50);
  assert.is(result.abandoned, 50);
  assert.is(histogram.count, 100);
  assert.ok(histogram.percentile(99) >= 200e6);
});

test('requests that could not even be started are counted, too', async () => {
  const { result, histogram } = await run({
    latencyMs: () => Number.POSITIVE_INFINITY,
    outstandingMax: 1,
    graceMs: 50,
  });
  assert.is(result.abandoned, 100);
  assert.is(histogram.count, 100);
});

test('the warm-up is run and not counted', async () => {
  const seen: number[] = [];
  const { result, histogram } = await run({
    warmupMs: 30,
    latencyMs: (sequence) => {
      seen.push(sequence);
      return sequence < 30 ? 25 : 1;
    },
  });
  assert.is(seen.length, 130);
  assert.is(result.operations, 100);
  assert.is(histogram.max, 1e6);
});

test('an error of an operation ends the loop and is thrown', async () => {
  const failure = new RangeError('no');
  try {
    await openLoop({
      ratePerSecond: 1000,
      warmupMs: 0,
      durationMs: 100,
      outstandingMax: 10,
      operation: () => Promise.reject(failure),
      histogram: new Histogram(),
      span: new Span(),
      pacer: new FakePacer(),
    });
    assert.unreachable();
  } catch (error) {
    assert.is(error, failure);
  }
});

test.run();
