/** Numbers for people. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bytesText,
  countText,
  durationText,
  plural,
  rateText,
  throughputText,
} from '../../../src/admin/cli/units-text.js';

test('bytes', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [12.34 * 1024 ** 2, '12.3 MiB'],
    [1023 * 1024, '1,023 KiB'],
    [3.138 * 1024 ** 3, '3.14 GiB'],
    [2048 * 1024 ** 3, '2,048 GiB'],
  ];
  for (const [bytes, text] of cases) assert.is(bytesText(bytes), text);
});

test('durations', () => {
  const cases: [number, string][] = [
    [0, '0 µs'],
    [0.0854, '85 µs'],
    [0.9996, '1 ms'],
    [1.234, '1.23 ms'],
    [999.6, '1 s'],
    [3400, '3.4 s'],
    [125_000, '2 min 5 s'],
    [119_700, '2 min 0 s'],
  ];
  for (const [ms, text] of cases) assert.is(durationText(ms), text);
});

test('counts, rates and plurals', () => {
  assert.is(countText(1_234_567), '1,234,567');
  assert.is(countText(999), '999');
  assert.is(rateText(500, 250), '2,000/s');
  assert.is(rateText(500, 0), '-');
  assert.is(throughputText(1024 ** 2, 500), '2 MiB/s');
  assert.is(throughputText(1, 0), '-');
  assert.is(plural(1, 'file'), '1 file');
  assert.is(plural(0, 'file'), '0 files');
  assert.is(plural(2, 'entry', 'entries'), '2 entries');
});

test.run();
