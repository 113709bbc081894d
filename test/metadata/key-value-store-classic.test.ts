/** LevelDB as a KeyValueStore: the contract, and what damage and locks look like. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { nodeFileSystem } from '../../src/io/index.js';
import { classicStores } from '../../src/metadata/index.js';
import { keyValueStoreContract } from '../contract/key-value-store.js';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-classic-'));
let folders = 0;
const nextPath = (): string => path.join(root, `store-${folders++}`);
const stores = classicStores(nodeFileSystem());

keyValueStoreContract(test, 'classic', () => ({ stores, path: nextPath }));

test('a folder that LevelDB cannot open is reported as a state to rebuild', async () => {
  const place = nextPath();
  const store = await stores.open(place);
  await store.close();
  fs.writeFileSync(path.join(place, 'CURRENT'), 'MANIFEST-999999\n');
  try {
    await stores.open(place);
    assert.unreachable('a broken folder was opened');
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_STATE_CORRUPT'), String(error));
    assert.match(String(error), place);
  }
});

test.after(() => fs.rmSync(root, { recursive: true }));
test.run();
