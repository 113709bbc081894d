/** Everything on a device is read and verified without anything being changed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkVolumes } from '../../src/device/volume-check.js';
import { append, clusterId, disk, kernel, openSet } from './device-fixture.js';

test('every fragment is counted; a flipped bit is found where it is, and named', async () => {
  const fs = disk();
  const { set } = await openSet(fs);
  const { session } = await set.startSession(0);
  const sizes = [1, 4_096, 70_000];
  for (const [i, bytes] of sizes.entries()) {
    const name = { blob: session * 2 ** 32 + i, stripe: 0, number: 0 };
    assert.is(await append(set, 0, name, bytes), null);
  }
  await set.close();
  const whole = checkVolumes(fs, kernel, '/dev/a', clusterId);
  assert.equal(whole, { volumes: 1, fragments: 3, bytes: 74_097, damages: [] });
  assert.equal(checkVolumes(fs, kernel, '/dev/b', clusterId).fragments, 0);
  const path = '/dev/a/volumes/00000001.volume';
  const last = 4096 + 2 * 8192;
  fs.flipBit(path, last + 4096 + 66_000, 3);
  const { damages, fragments } = checkVolumes(fs, kernel, '/dev/a', clusterId);
  assert.is(fragments, 3);
  assert.equal(damages, [{ path, offset: last, why: 'block 1 has another checksum' }]);
});

test.run();
