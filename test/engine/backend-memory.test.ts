/** A store over memory twins: what it keeps, what it refuses, that it repeats itself. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { toStoredKey } from '../../src/metadata/state-key.js';
import {
  bytesOf,
  codeOfFailure,
  contentsOf,
  copyOf,
  finished,
  newMachine,
  type OpenedStore,
  openOn,
  powerCut,
  statePath,
  textOf,
} from '../crash/memory-machine.js';

const close = ({ store, backend }: OpenedStore): Promise<void> =>
  finished(store.close(), () => backend.tick());

test('what is written is read again, also after reopening, and after a power cut', async () => {
  const machine = newMachine();
  const first = await openOn(machine);
  await first.store.put(bytesOf('a'), bytesOf('1'));
  await first.store.write([
    { type: 'put', key: bytesOf('b'), value: bytesOf('2') },
    { type: 'del', key: bytesOf('a') },
  ]);
  const cut = await openOn(powerCut(machine, 'drop-unsynced'));
  assert.equal([...(await contentsOf(cut.store))], [['b', '2']]);
  await close(first);
  const again = await openOn(machine);
  assert.equal([...(await contentsOf(again.store))], [['b', '2']]);
  await close(again);
});

test('a folder that is open is refused, until it is closed', async () => {
  const machine = newMachine();
  const first = await openOn(machine);
  assert.is(await codeOfFailure(openOn(machine)), 'LEVEL_LOCKED');
  await first.store.put(bytesOf('still'), bytesOf('open'));
  await close(first);
  await close(await openOn(machine));
});

test('a read does not see a write before it is acknowledged, and sees it then', async () => {
  const opened = await openOn(newMachine());
  const written = opened.store.put(bytesOf('key'), bytesOf('value'));
  assert.is(opened.store.getSync(bytesOf('key')), undefined);
  await written;
  assert.is(textOf(opened.store.getSync(bytesOf('key'))), 'value');
  await close(opened);
});

test('the room of a write is used again only when the state has applied it', async () => {
  const opened = await openOn(newMachine());
  // More than the ring holds, all at once: later writers wait for the state, none overwrites.
  const value = 'v'.repeat(40_000);
  const writes = Array.from({ length: 40 }, (_, i) =>
    opened.store.put(bytesOf(`key-${i}`), bytesOf(`${i}:${value}`)),
  );
  await finished(Promise.all(writes), () => opened.backend.tick());
  const found = await contentsOf(opened.store);
  for (let i = 0; i < 40; i++) assert.ok(found.get(`key-${i}`) === `${i}:${value}`, `key-${i}`);
  await close(opened);
});

test('a value that rots in the state is refused, not returned', async () => {
  const machine = newMachine();
  const first = await openOn(machine);
  await first.store.put(bytesOf('key'), bytesOf('value'));
  await close(first);
  machine.stores.damage(statePath, toStoredKey(bytesOf('key')), (record) => {
    record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
    return record;
  });
  const again = await openOn(machine);
  try {
    again.store.getSync(bytesOf('key'));
    assert.unreachable('the value is damaged');
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_STATE_CORRUPT'));
  }
  await close(again);
});

test('the same calls make the same files', async () => {
  const paths = await Promise.all(
    [1, 2].map(async () => {
      const machine = newMachine();
      const opened = await openOn(machine);
      for (let i = 0; i < 20; i++) await opened.store.put(bytesOf(`${i}`), bytesOf('x'.repeat(i)));
      await close(opened);
      const { files } = copyOf(machine);
      return files.paths().map((path) => [path, Buffer.from(files.bytesOf(path)).toString('hex')]);
    }),
  );
  assert.equal(paths[0], paths[1]);
});

test.run();
