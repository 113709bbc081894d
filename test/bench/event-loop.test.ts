/** The monitor of the event loop: a loop that is held shows it, also when it is held to the end. */
import { performance } from 'node:perf_hooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventLoopMonitor } from '../../bench/harness/index.js';

const heldMs = 40;

function hold(): void {
  const until = performance.now() + heldMs;
  while (performance.now() < until);
}

test('a pause in the middle and one at the end are both seen', async () => {
  for (const after of [5, 0]) {
    const monitor = new EventLoopMonitor();
    await monitor.start();
    hold();
    if (after > 0) await new Promise((resolve) => setTimeout(resolve, after));
    const result = await monitor.stop();
    // The sampler's timer may have been due up to two of its periods before.
    assert.ok(result.maxMs >= heldMs - 3, `longest pause ${result.maxMs} ms`);
    assert.ok(result.p50Ms <= result.p99Ms && result.p99Ms <= result.maxMs + 0.1);
    assert.ok(result.utilization > 0 && result.utilization <= 1);
  }
});

test('collections are counted', async () => {
  const monitor = new EventLoopMonitor();
  await monitor.start();
  let kept: unknown[] = [];
  for (let i = 0; i < 400; i++) kept = [...kept.slice(-10), new Array(20_000).fill(i)];
  const result = await monitor.stop();
  assert.is(kept.length, 11);
  assert.ok(result.scavenges + result.markCompacts > 0, 'at least one collection');
  assert.ok(result.collectingMs > 0);
});

test.run();
