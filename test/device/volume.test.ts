/** The header and the names of volumes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/index.js';
import {
  decodeVolumeHeader,
  encodeVolumeHeader,
  indexName,
  parseVolumeName,
  spareName,
  volumeName,
  volumePath,
} from '../../src/device/volume.js';
import { clusterId, kernel } from './device-fixture.js';

const header = {
  clusterId,
  deviceId: new Uint8Array(16).fill(3),
  number: 0xffff_ffff,
  volumeBytes: 256 * 2 ** 20,
};

test('names say what they are, and only those', () => {
  for (const number of [1, 42, 0xffff_ffff]) {
    assert.equal(parseVolumeName(volumeName(number)), { kind: 'volume', number });
    assert.equal(parseVolumeName(indexName(number)), { kind: 'index', number });
    assert.equal(parseVolumeName(spareName(number)), { kind: 'spare', number });
    assert.equal(parseVolumeName(`${indexName(number)}.partial`), { kind: 'partial' });
  }
  assert.is(volumeName(42), '0000002a.volume');
  assert.is(volumePath('/d', 42), '/d/volumes/0000002a.volume');
  for (const name of ['', 'x', '2a.volume', '0000002A.volume', 'spare-0000002a.index', 'a.index']) {
    assert.equal(parseVolumeName(name), { kind: 'unknown' }, name);
  }
});

test('a header is read as it was written, and no flipped bit passes', () => {
  const block = encodeVolumeHeader(kernel, header);
  assert.equal(decodeVolumeHeader(kernel, block), { kind: 'valid', header });
  for (let at = 0; at < block.length; at++) {
    block[at] = (block[at] as number) ^ (1 << (at % 8));
    assert.is(decodeVolumeHeader(kernel, block).kind, 'bad', `byte ${at}`);
    block[at] = (block[at] as number) ^ (1 << (at % 8));
  }
  viewOf(block).setUint32(8, 2, true);
  viewOf(block).setUint32(4092, kernel.crc32c(block, 0, 4092, 0), true);
  assert.equal(decodeVolumeHeader(kernel, block), { kind: 'newer', version: 2 });
});

test.run();
