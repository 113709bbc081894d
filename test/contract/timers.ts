/** What all Timers promise, as a suite to be called once per implementation. */

import * as assert from 'uvu/assert';
import type { Clock, Timers } from '../../src/io/index.js';
import type { Register } from './register.js';

export interface TimersHarness {
  readonly timers: Timers;
  readonly clock: Clock;
  /** Lets the process live and time pass until the promise settles. */
  passUntil(done: Promise<void>): Promise<void>;
}

export function timersContract(test: Register, name: string, create: () => TimersHarness): void {
  test(`${name}: after() calls once, later, and not before the delay is over`, async () => {
    const { timers, clock, passUntil } = create();
    let calls = 0;
    const start = clock.monotonicMs();
    let firedMs = 0;
    const fired = new Promise<void>((resolve) => {
      timers.after(5, () => {
        calls += 1;
        firedMs = clock.monotonicMs();
        resolve();
      });
    });
    assert.is(calls, 0, 'nothing happens inside after()');
    await passUntil(fired);
    // Node counts whole milliseconds of its loop's time, so a timer may come up to 1 ms early.
    assert.ok(firedMs - start >= 4, `fired after ${firedMs - start} ms`);
    await passUntil(new Promise((resolve) => timers.after(10, resolve)));
    assert.is(calls, 1);
  });

  test(`${name}: timers fire in order of time, then of setting`, async () => {
    const { timers, passUntil } = create();
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      timers.after(40, () => {
        order.push('late');
        resolve();
      });
      timers.after(5, () => order.push('early 1'));
      timers.after(5, () => order.push('early 2'));
    });
    await passUntil(done);
    assert.equal(order, ['early 1', 'early 2', 'late']);
  });

  test(`${name}: every() repeats until it is cancelled, from inside the callback too`, async () => {
    const { timers, passUntil } = create();
    let calls = 0;
    const third = new Promise<void>((resolve) => {
      const handle = timers.every(2, () => {
        calls += 1;
        if (calls < 3) return;
        handle.cancel();
        resolve();
      });
    });
    await passUntil(third);
    await passUntil(new Promise((resolve) => timers.after(10, resolve)));
    assert.is(calls, 3);
  });

  test(`${name}: a cancelled timer never fires, and cancelling twice is harmless`, async () => {
    const { timers, passUntil } = create();
    let fired = false;
    const handle = timers.after(2, () => {
      fired = true;
    });
    handle.cancel();
    handle.cancel();
    await passUntil(new Promise((resolve) => timers.after(10, resolve)));
    assert.is(fired, false);
  });

  test(`${name}: delays and periods out of range are refused`, () => {
    const { timers } = create();
    for (const delayMs of [-1, Number.NaN, 2 ** 31]) {
      assert.throws(() => timers.after(delayMs, () => undefined), /delay/);
    }
    for (const periodMs of [0, -1, Number.NaN, 2 ** 31]) {
      assert.throws(() => timers.every(periodMs, () => undefined), /period/);
    }
  });
}
