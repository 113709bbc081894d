/** Opening, step by step over memory twins: when a step fails, those before it are taken back. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KiB, ThemisError } from '../../src/base/index.js';
import { validateOptions } from '../../src/config/index.js';
import type { Backend } from '../../src/engine/backend.js';
import { createMemoryBackend } from '../../src/engine/backend-memory.js';
import { openStoreOn } from '../../src/engine/open-store.js';
import {
  FaultyFileSystem,
  type FileSystem,
  ManualClock,
  memoryTimers,
  seededRandom,
} from '../../src/io/index.js';
import { loadKernel } from '../../src/kernel/index.js';
import {
  bytesOf,
  codeOfFailure,
  contentsOf,
  location,
  type Machine,
  newMachine,
  openOn,
  segmentBytes,
} from '../crash/memory-machine.js';

const kernel = loadKernel({ force: undefined });
const options = {
  ...validateOptions(location, { segmentBytes, recovery: 'refuse' }),
  ringBytes: 256 * KiB,
};

/** A backend whose steps are told; the one that is named fails. */
function tellingBackend(machine: Machine, failing: string | null, files?: FileSystem) {
  const steps: string[] = [];
  const step = (name: string): void => {
    steps.push(name);
    if (name === failing) throw new ThemisError('THEMIS_IO', `${name} failed`);
  };
  const clock = new ManualClock();
  const inner = createMemoryBackend({
    fileSystem: files ?? machine.files,
    stores: machine.stores,
    clock,
    timers: memoryTimers(clock),
    random: seededRandom(7),
    kernel,
  });
  const backend: Backend = {
    ...inner,
    lock: async (directory) => {
      step('lock');
      const release = await inner.lock(directory);
      return async () => {
        steps.push('unlock');
        await release();
      };
    },
    startLog: async (start, shared) => {
      step('log');
      return inner.startLog(start, shared);
    },
    openReadHandle: async (path) => {
      step('read handle');
      return inner.openReadHandle(path);
    },
    startState: async (start, shared) => {
      step('state');
      return inner.startState(start, shared);
    },
    compute: async (task, argument) => {
      step(task);
      return inner.compute(task, argument);
    },
    close: async () => {
      steps.push('close');
      await inner.close();
    },
  };
  return { backend, steps };
}

test('the steps come in their order, behind the lock', async () => {
  const machine = newMachine();
  const { backend, steps } = tellingBackend(machine, null);
  const store = await openStoreOn(backend, options);
  await store.close();
  const order = ['lock', 'prepare-state', 'log', 'read handle', 'state', 'unlock', 'close'];
  assert.equal(
    steps.filter((name) => order.includes(name)),
    order,
  );
});

test('whatever step fails, the lock is given back and the next open succeeds', async () => {
  const steps = ['lock', 'survey-snapshots', 'audit-state', 'prepare-state', 'log', 'read handle'];
  for (const failing of [...steps, 'state']) {
    const machine = newMachine();
    const first = await openOn(machine);
    await first.store.put(bytesOf('k'), bytesOf('v'));
    await first.store.close();
    const telling = tellingBackend(machine, failing);
    const code = await codeOfFailure(openStoreOn(telling.backend, options));
    assert.is(code, 'THEMIS_IO', failing);
    assert.is(telling.steps.at(-1), 'close', failing);
    assert.is(telling.steps.includes('unlock'), failing !== 'lock', failing);
    const again = await openOn(machine);
    assert.equal([...(await contentsOf(again.store))], [['k', 'v']], failing);
    await again.store.close();
  }
});

test("a system's error becomes a typed one that names the folder", async () => {
  const machine = newMachine();
  const faulty = new FaultyFileSystem(machine.files);
  faulty.inject({ operation: 'makeDirectory', error: 'EIO', sticky: true });
  const { backend } = tellingBackend(machine, null, faulty);
  const error = await openStoreOn(backend, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, ThemisError);
  assert.match((error as ThemisError).message, location);
});

test('what the log holds is served, and applied where the state lacks it', async () => {
  const machine = newMachine();
  const first = await openOn(machine);
  for (const name of ['a', 'b', 'c']) await first.store.put(bytesOf(name), bytesOf(name));
  await first.store.close();
  machine.stores.remove(`${location}/state`);
  const { store } = await openOn(machine);
  assert.is(store.status().committedIndex, 3);
  assert.is(store.getSync(bytesOf('b'))?.toString(), 'b', 'also before it is applied');
  await store.put(bytesOf('d'), bytesOf('d'));
  assert.equal([...(await contentsOf(store)).keys()], ['a', 'b', 'c', 'd']);
  assert.is(store.status().appliedIndex, 4);
  await store.close();
});

test.run();
