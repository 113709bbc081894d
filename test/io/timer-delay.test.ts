/** The bounds of timers. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { timerMsMax } from '../../src/io/index.js';
import { checkDelay, checkPeriod } from '../../src/io/timer-delay.js';

test('delays reach from zero, periods from one millisecond, to what Node can wait', () => {
  for (const delayMs of [0, 0.5, 1, timerMsMax]) checkDelay(delayMs);
  for (const periodMs of [1, 1.5, timerMsMax]) checkPeriod(periodMs);
  for (const delayMs of [-1, timerMsMax + 1, Number.NaN]) assert.throws(() => checkDelay(delayMs));
  for (const periodMs of [0, 0.5, timerMsMax + 1, Number.NaN]) {
    assert.throws(() => checkPeriod(periodMs));
  }
});

test.run();
