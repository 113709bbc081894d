/** The engine as the store of the commands. */
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngineStore } from '../../../src/admin/cli/engine-store.js';
import { codeOf } from '../../../src/base/index.js';
import { temporaryFolder } from './spawn-cli.js';

const engine = { segmentBytes: 8 * 1024 ** 2 };
const key = (text: string): Buffer => Buffer.from(text);

const chunkBytes = 50_000;

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 3; i++) yield Buffer.alloc(chunkBytes, i);
}

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
  await store.putStream(key('large'), chunks());
  const stat = await store.stat(key('large'));
  assert.equal([stat?.bytes, stat?.large?.fragments], [3 * chunkBytes, 6]);
  const listed: [string, number | null][] = [];
  for await (const [name, value] of store.list({})) {
    listed.push([Buffer.from(name).toString(), value?.length ?? null]);
  }
  assert.equal(listed, [
    ['a', 2],
    ['c', 1],
    ['large', null],
  ]);
  const part: Uint8Array[] = [];
  const ends = { start: chunkBytes - 1, end: chunkBytes + 1 };
  for await (const chunk of store.getStream(key('large'), ends)) part.push(chunk);
  assert.equal([...Buffer.concat(part)], [0, 1]);
  await store.takeSnapshot();
  const { isHealthy, devices } = await store.health();
  assert.equal([isHealthy, devices.length], [true, 6]);
  assert.equal(await store.devices(), devices);
  const added = await store.addDevice(path.join(folder, '..', 'seventh'), false);
  const replaced = await store.replaceDevice(added.number, path.join(folder, '..', 'eighth'));
  await store.removeDevice(replaced.number);
  assert.is((await store.devices()).length, 6);
  assert.is((await store.scrub(() => undefined)).success, true);
  assert.is((await store.repair(key('large'), () => undefined)).documentsScanned, 1);
  assert.is((await store.repair(null, () => undefined)).success, true);
  const { sections, details, recovery, redundancy } = await store.status();
  assert.equal(redundancy, { words: '4+2', byPrefix: {}, width: 6 });
  assert.equal(
    sections.map(({ title }) => title),
    ['Store', 'Log', 'State'],
  );
  assert.is(details['committedIndex'], 5);
  assert.is(recovery.filesSetAside, 0);
  await store.close();
});

test('an absent store is refused when it may not be created', async () => {
  const folder = path.join(temporaryFolder(), 'absent');
  const opened = openEngineStore(folder, { createIfMissing: false, engine });
  assert.is(codeOf(await opened.catch((error: unknown) => error)), 'THEMIS_FOLDER_INVALID');
});

test.run();
