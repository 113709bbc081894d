/** Bounds of histograms: the decimal numbers that their names promise. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logLinearBounds } from '../../src/telemetry/index.js';

test('bounds are 1, 2 and 5 times each power of ten, up to the last asked for', () => {
  assert.equal(logLinearBounds(0.001, 0.02), [0.001, 0.002, 0.005, 0.01, 0.02]);
  assert.equal(logLinearBounds(1, 1), [1]);
  assert.equal(logLinearBounds(1, 6), [1, 2, 5, 10]);
  assert.is(logLinearBounds(1e-6, 1e6).length, 12 * 3 + 1);
});

test('bounds are the floats nearest to their decimal names', () => {
  for (const bound of logLinearBounds(1e-6, 10))
    assert.match(String(bound), /^[125]0*$|^0\.0*[125]$|^[125]e-\d$/);
});

test('a first bound that is no power of ten, or lies above the last, is a defect', () => {
  assert.throws(
    () => logLinearBounds(3, 10),
    (error: Error) => /bounds from 3 to 10/.test(error.message),
  );
  assert.throws(
    () => logLinearBounds(10, 1),
    (error: Error) => /bounds from 10 to 1/.test(error.message),
  );
});

test.run();
