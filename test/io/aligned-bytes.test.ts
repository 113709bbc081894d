/** Memory for O_DIRECT: length, zeros, sharing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alignedBytes } from '../../src/io/index.js';

test('alignedBytes gives zeroed bytes of the wished length, shared on request', () => {
  for (const length of [0, 1, 65_536, 65_537, 1_000_000]) {
    const bytes = alignedBytes(length);
    assert.is(bytes.length, length);
    assert.ok(bytes.every((byte) => byte === 0));
    assert.is(bytes.buffer instanceof SharedArrayBuffer, false);
    assert.is(bytes.byteOffset, 0);
    assert.is(alignedBytes(length, { shared: true }).buffer instanceof SharedArrayBuffer, true);
  }
});

// That the addresses please O_DIRECT is in the contract of file systems, on the node twin.

test.run();
