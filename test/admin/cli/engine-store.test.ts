/** The engine as the store of the commands. */
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngineStore } from '../../../src/admin/cli/engine-store.js';
import { codeOf } from '../../../src/base/index.js';
import { temporaryFolder } from './spawn-cli.js';

const engine = { segmentBytes: 8 * 1024 ** 2 };
const key = (text: string): Buffer => Buffer.from(text);

test('everything that a command asks for, on a real engine', async () => {
  const folder = path.join(temporaryFolder(), 'db');
  const store = await openEngineStore(folder, { createIfMissing: true, engine });
  await store.put(key('a'), Buffer.from([1, 255]));
  await store.put(key('b'), Buffer.from([2]));
  await store.put(key('c'), Buffer.from([3]));
  await store.del(key('b'));
  assert.equal([...((await store.get(key('a'))) ?? [])], [1, 255]);
  assert.is(await store.get(key('b')), undefined);
  const found: string[] = [];
  for await (const [name] of store.scan({ gte: key('a'), reverse: true })) {
    found.push(Buffer.from(name).toString());
  }
  assert.equal(found, ['c', 'a']);
  await store.takeSnapshot();
  assert.is((await store.health()).isHealthy, true);
  const { sections, details, recovery } = await store.status();
  assert.equal(
    sections.map(({ title }) => title),
    ['Store', 'Log', 'State'],
  );
  assert.is(details['committedIndex'], 4);
  assert.is(recovery.filesSetAside, 0);
  await store.close();
});

test('an absent store is refused when it may not be created', async () => {
  const folder = path.join(temporaryFolder(), 'absent');
  const opened = openEngineStore(folder, { createIfMissing: false, engine });
  assert.is(codeOf(await opened.catch((error: unknown) => error)), 'THEMIS_FOLDER_INVALID');
});

test.run();
