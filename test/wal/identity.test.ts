/** Files of another cluster or node are refused by name. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { checkIdentity } from '../../src/wal/identity.js';

const own = { clusterId: new Uint8Array(16).fill(1), nodeId: new Uint8Array(16).fill(2) };

test('the same cluster and node pass, any other byte is foreign', () => {
  checkIdentity('/x', { clusterId: own.clusterId.slice(), nodeId: own.nodeId.slice() }, own);
  for (const part of ['clusterId', 'nodeId'] as const) {
    for (let at = 0; at < 16; at++) {
      const other = own[part].slice();
      other[at] = 0xff;
      assert.throws(
        () => checkIdentity('/data/log/x.wal', { ...own, [part]: other }, own),
        (error: unknown) =>
          isThemisError(error, 'THEMIS_FOLDER_FOREIGN') &&
          error.message.includes('/data/log/x.wal'),
      );
    }
  }
});

test.run();
