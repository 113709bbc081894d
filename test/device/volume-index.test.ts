/** The format of an index file. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FragmentList } from '../../src/device/fragment-list.js';
import { decodeVolumeIndex, encodeVolumeIndex } from '../../src/device/volume-index.js';
import { clusterId, kernel } from './device-fixture.js';

function index(rows: number) {
  const list = new FragmentList();
  for (let i = 0; i < rows; i++) {
    list.push({ blob: 2 ** 33 + i, stripe: i, number: 1, offset: 4_096 * i, bytes: 9, digest: i });
  }
  const deviceId = new Uint8Array(16).fill(3);
  return {
    clusterId,
    deviceId,
    volume: 7,
    end: 8_192,
    isSealed: rows % 2 === 0,
    rows: list.rows(),
  };
}

test('an index is read as it was written', () => {
  for (const rows of [0, 1, 500]) {
    assert.equal(decodeVolumeIndex(kernel, encodeVolumeIndex(kernel, index(rows))), index(rows));
  }
});

test('a flipped bit anywhere, and any other length, makes it none', () => {
  const bytes = encodeVolumeIndex(kernel, index(20));
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
    assert.is(decodeVolumeIndex(kernel, bytes), null, `byte ${at}`);
    bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
  }
  for (const length of [0, 1, 4_095, 4_096, bytes.length - 32, bytes.length - 1]) {
    assert.is(decodeVolumeIndex(kernel, bytes.slice(0, length)), null, `${length} bytes`);
  }
  assert.is(decodeVolumeIndex(kernel, Buffer.concat([bytes, new Uint8Array(32)])), null);
});

test.run();
