/** The shared checks, in particular what they tell a person. The contract has the full tables. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { messageOf } from '../../src/base/index.js';
import { checkPairs, checkRanges, isRange, refuseRange } from '../../src/kernel/arguments.js';

function messageFrom(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return messageOf(error);
  }
  return 'nothing was thrown';
}

test('isRange accepts a range exactly when it lies within the bytes', () => {
  const bytes = new Uint8Array(6);
  for (let offset = -2; offset <= 8; offset++) {
    for (let length = -2; length <= 8; length++) {
      const inside = offset >= 0 && length >= 0 && offset + length <= 6;
      assert.is(isRange(bytes, offset, length, 0), inside, `${offset}, ${length}`);
    }
  }
});

test('a refusal names the values and what to do', () => {
  const bytes = new Uint8Array(6);
  assert.is(
    messageFrom(() => refuseRange(bytes, 4, 3, 0)),
    'offset 4 and length 3 leave the 6 bytes. Pass ranges inside their buffer.',
  );
  assert.match(
    messageFrom(() => refuseRange('text', 0, 0, 0)),
    'bytes is not a Uint8Array.',
  );
  assert.match(
    messageFrom(() => refuseRange(bytes, 0, 0, -1)),
    'seed -1 is not an unsigned 32-bit',
  );
});

test('the first pair outside the bytes is named', () => {
  const bytes = new Uint8Array(10);
  const pairs = Uint32Array.of(0, 10, 3, 8, 11, 0);
  checkPairs(bytes, pairs, 1);
  assert.match(
    messageFrom(() => checkPairs(bytes, pairs, 3)),
    'Range 1: offset 3 and length 8 leave the 10 bytes.',
  );
});

test('a count is compared with the pairs and with the results', () => {
  const bytes = new Uint8Array(1);
  checkRanges(bytes, new Uint32Array(5), 2, new Uint32Array(2));
  assert.match(
    messageFrom(() => checkRanges(bytes, new Uint32Array(5), 3, new Uint32Array(9))),
    'ranges has fewer than 3 pairs.',
  );
  assert.match(
    messageFrom(() => checkRanges(bytes, new Uint32Array(9), 3, new Uint32Array(2))),
    'results has fewer than 3 elements.',
  );
});

test.run();
