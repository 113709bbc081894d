/** What the state knows about a manifest: the number of its blob. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf, writeU64 } from '../../src/base/index.js';
import { BlobReference, blobOf, blobOffset } from '../../src/metadata/index.js';

test('the number of a blob is read from its place, exactly, up to 2^53 - 1', () => {
  for (const blob of [0, 1, 2 ** 32, 2 ** 32 * 77 + 5, Number.MAX_SAFE_INTEGER]) {
    const manifest = Buffer.alloc(blobOffset + 8 + 3, 0xff);
    writeU64(viewOf(manifest), blobOffset, blob);
    assert.is(blobOf(manifest), blob);
    assert.is(new BlobReference(manifest).blob, blob);
  }
});

test.run();
