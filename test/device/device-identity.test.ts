/** The identity of a device. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, viewOf } from '../../src/base/index.js';
import {
  type DeviceIdentity,
  encodeIdentity,
  readIdentity,
  writeIdentity,
} from '../../src/device/device-identity.js';
import { MemoryFileSystem } from '../../src/io/index.js';
import { clusterId, kernel, nodeId } from './device-fixture.js';

const identity: DeviceIdentity = {
  clusterId,
  nodeId,
  deviceId: new Uint8Array(16).fill(3),
  session: 2 ** 21 - 1,
  createdMs: 1_700_000_000_000,
  number: 41,
};

test('an identity is read as it was written', () => {
  const fs = new MemoryFileSystem();
  assert.equal(readIdentity(fs, '', kernel), { kind: 'absent' });
  writeIdentity(fs, '', kernel, identity);
  assert.equal(readIdentity(fs, '', kernel), { kind: 'valid', value: identity, repaired: false });
});

test('one bit flipped in any sector is repaired', () => {
  for (let sector = 0; sector < 16; sector++) {
    for (const byte of [0, 70, 511]) {
      const fs = new MemoryFileSystem();
      writeIdentity(fs, '', kernel, identity);
      fs.flipBit('/device', sector * 512 + byte, sector % 8);
      assert.equal(readIdentity(fs, '', kernel), {
        kind: 'valid',
        value: identity,
        repaired: true,
      });
    }
  }
});

test('a later version is refused, and what this one does not know is damage', () => {
  const fs = new MemoryFileSystem();
  const put = (change: (view: DataView) => void): void => {
    writeIdentity(fs, '', kernel, identity);
    const block = encodeIdentity(kernel, identity);
    change(viewOf(block));
    viewOf(block).setUint32(4_092, kernel.crc32c(block, 0, 4_092, 0), true);
    for (const at of [0, 4_096]) fs.overwrite('/device', block, at);
  };
  put((view) => view.setUint32(8, 2, true));
  try {
    readIdentity(fs, '', kernel);
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_FORMAT_NEWER');
  }
  put((view) => view.setUint32(12, 2, true));
  assert.is(readIdentity(fs, '', kernel).kind, 'damaged');
  put((view) => view.setUint8(2_000, 1));
  assert.is(readIdentity(fs, '', kernel).kind, 'damaged');
});

test.run();
