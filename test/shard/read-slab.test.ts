/** Memory for reads: taken by the first, shared out in slots, refused when there is none. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { seededRandom } from '../../src/io/index.js';
import { ReadSlab } from '../../src/shard/read-slab.js';

test('slots are of one memory, which is the one that is posted', () => {
  const slab = new ReadSlab(seededRandom(1).stream('slab'));
  assert.is(slab.take(5_000), 0);
  assert.is(slab.take(5_000), 8_192);
  slab.bytes[7] = 9;
  assert.is(slab.posted, slab.posted);
  assert.is(new Uint8Array(slab.posted.memory.buffer)[7], 9);
  slab.free(0);
  assert.is(slab.take(1), 0);
  slab.close();
});

test('without room nothing is taken, and who cannot wait is told', () => {
  const slab = new ReadSlab(seededRandom(1).stream('slab'));
  slab.takeNow(limits.blobReadMemoryBytes);
  assert.is(slab.take(1), -1);
  let code: string | undefined;
  try {
    slab.takeNow(1);
  } catch (error) {
    code = codeOf(error);
  }
  assert.is(code, 'THEMIS_OVERLOADED');
});

test.run();
