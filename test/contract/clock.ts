/** What every Clock promises, as a suite to be called once per implementation. */

import * as assert from 'uvu/assert';
import type { Clock } from '../../src/io/index.js';
import type { Register } from './register.js';

export interface ClockHarness {
  readonly clock: Clock;
  /** Lets at least a millisecond pass. */
  pass(): void;
}

export function clockContract(test: Register, name: string, create: () => ClockHarness): void {
  test(`${name}: monotonic time never goes backwards and moves on`, () => {
    const { clock, pass } = create();
    const start = clock.monotonicMs();
    let last = start;
    for (let i = 0; i < 1000; i++) {
      const now = clock.monotonicMs();
      assert.ok(now >= last, `${now} came after ${last}`);
      last = now;
    }
    pass();
    assert.ok(clock.monotonicMs() >= start + 1, 'a millisecond passed');
  });

  test(`${name}: wall time is milliseconds since 1970, after 2020`, () => {
    const { clock, pass } = create();
    const start = clock.wallMs();
    assert.ok(start > Date.UTC(2020, 0, 1) && start < Date.UTC(2200, 0, 1));
    pass();
    assert.ok(clock.wallMs() >= start, 'wall time moved on');
  });
}
