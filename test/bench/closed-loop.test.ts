/** Closed loop: how many are in flight, what is counted, how it ends. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closedLoop, Histogram, Span, syncLoop } from '../../bench/harness/index.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('exactly as many requests are in flight as there are writers', async () => {
  let inFlight = 0;
  let highest = 0;
  await closedLoop({
    writers: 7,
    warmupMs: 0,
    durationMs: 10_000,
    sequenceMax: 100,
    histogram: new Histogram(),
    span: new Span(),
    operation: async () => {
      inFlight += 1;
      highest = Math.max(highest, inFlight);
      await turn();
      inFlight -= 1;
    },
  });
  assert.is(highest, 7);
  assert.is(inFlight, 0);
});

test('every sequence number is used once, and all are counted without a warm-up', async () => {
  const seen = new Set<number>();
  const histogram = new Histogram();
  const result = await closedLoop({
    writers: 3,
    warmupMs: 0,
    durationMs: 10_000,
    sequenceMax: 50,
    histogram,
    span: new Span(),
    operation: async (sequence) => {
      assert.not(seen.has(sequence));
      seen.add(sequence);
      await turn();
    },
  });
  assert.is(seen.size, 50);
  assert.is(result.operations, 50);
  assert.is(result.nextSequence, 50);
  assert.is(histogram.count, 50);
});

test('the warm-up is not counted', async () => {
  let calls = 0;
  const histogram = new Histogram();
  const result = await closedLoop({
    writers: 1,
    warmupMs: 5,
    durationMs: 10_000,
    operationsMax: 10,
    histogram,
    span: new Span(),
    operation: async () => {
      calls += 1;
      await turn();
    },
  });
  assert.is(result.operations, 10);
  assert.is(histogram.count, 10);
  assert.ok(calls > 10);
});

test('an error ends the loop and is thrown', async () => {
  const failure = new RangeError('no');
  try {
    await closedLoop({
      writers: 4,
      warmupMs: 0,
      durationMs: 10_000,
      histogram: new Histogram(),
      span: new Span(),
      operation: (sequence) => (sequence === 20 ? Promise.reject(failure) : turn()),
    });
    assert.unreachable();
  } catch (error) {
    assert.is(error, failure);
  }
});

test('a synchronous loop gives the event loop its turns', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const histogram = new Histogram();
  const result = await syncLoop({
    warmupMs: 5,
    durationMs: 60,
    histogram,
    span: new Span(),
    operation: (sequence) => {
      Math.sqrt(sequence);
    },
  });
  clearInterval(timer);
  assert.ok(turns >= 2, `${turns} turns`);
  assert.ok(result.operations > 0);
  assert.is(histogram.count, result.operations);
});

test.run();
