/**
 * Blobs over real devices in memory: a power cut at every call of a workload, and what is found
 * afterwards. Names that were given are whole; what has no name goes; names are never given twice.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KiB, MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { DeviceSet } from '../../src/device/index.js';
import {
  type CrashChoice,
  crashPointOperations,
  FaultyFileSystem,
  type FileSystem,
  ManualClock,
  MemoryFileSystem,
  memoryTimers,
  seededRandom,
} from '../../src/io/index.js';
import { loadCodingKernel } from '../../src/kernel/index.js';
import {
  BlobStore,
  decodeManifest,
  durableCode,
  inlineCompute,
  TaskSetting,
} from '../../src/shard/index.js';
import { clusterId, inlineThreads, kernel, nodeId } from '../device/device-fixture.js';
import { key, randomValue, rejection } from './blob-fixture.js';

const coding = loadCodingKernel({}).kernel;
const code = durableCode({ data: 2, parity: 1 });
const paths = ['/devices/a', '/devices/b', '/devices/c'];

function disk(): MemoryFileSystem {
  const files = new MemoryFileSystem();
  for (const path of ['/data', '/devices']) files.makeDirectory(path);
  files.syncDirectory('/');
  return files;
}

async function open(fileSystem: FileSystem, seed: number, knownBlobMax = 0) {
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const timers = memoryTimers(clock);
  const threads = inlineThreads(fileSystem, 2);
  const devices = await DeviceSet.open({
    fileSystem,
    directory: '/data',
    paths,
    defaultPaths: [],
    spares: [],
    clusterId,
    nodeId,
    clock,
    timers,
    random,
    kernel,
    kernelName: undefined,
    threads,
    volumeBytes: 64 * MiB,
  });
  const store = new BlobStore({
    devices,
    compute: inlineCompute(new TaskSetting({ fileSystem, kernel, coding })),
    kernel,
    coding,
    fileSystem,
    clock,
    timers,
    random: random.stream('blobs'),
    clusterId,
    memoryBytes: 2 * limits.blobSlotBytesMax,
    redundancyOf: () => code,
    knownBlobMax: async () => knownBlobMax,
  });
  const close = async (): Promise<void> => {
    await store.close();
    await devices.close();
  };
  return { devices, store, close };
}

/** Blobs that have fragments. */
function blobsOf(devices: DeviceSet): number[] {
  const blobs = new Set<number>();
  devices.forEachBlob((blob) => blobs.add(blob));
  return [...blobs].sort((a, b) => a - b);
}

interface Named {
  readonly blob: number;
  readonly manifest: Uint8Array;
  readonly value: Uint8Array;
}

/** Puts values; those that are named are pushed to `named`, others are left as drafts. */
async function work(store: BlobStore, named: Named[]): Promise<void> {
  for (const [i, length] of [70 * KiB, 4_500_000, 1, 200 * KiB].entries()) {
    const value = randomValue(length, i + 1);
    const draft = await store.write(key, value);
    // Every second one dies between data and manifest.
    if (i % 2 === 1) continue;
    store.settle(draft, 'committed');
    named.push({ ...draft, value });
  }
}

test('after a power cut at any call: what is named is whole, and all else is garbage', async () => {
  const states: { files: MemoryFileSystem; named: readonly Named[] }[] = [];
  const random = seededRandom(3).stream('crash');
  const named: Named[] = [];
  const files = disk();
  const onCall = ({ operation }: { operation: (typeof crashPointOperations)[number] }): void => {
    if (!crashPointOperations.includes(operation)) return;
    const choice: CrashChoice = states.length % 2 === 0 ? 'drop-unsynced' : { random };
    states.push({ files: files.crash(choice), named: [...named] });
  };
  const faulty = new FaultyFileSystem(files, { onCall });
  const first = await open(faulty, 1);
  await work(first.store, named);
  await first.close();
  assert.ok(states.length > 40, `${states.length} states`);
  for (const [i, state] of states.entries()) {
    const known = Math.max(0, ...state.named.map(({ blob }) => blob));
    const { devices, store, close } = await open(state.files, 100 + i, known);
    for (const { manifest, value } of state.named) {
      assert.ok((await store.read(manifest)).equals(value), `state ${i}`);
    }
    const isNamed = (blob: number) => state.named.some((one) => one.blob === blob);
    await store.collectGarbage(isNamed);
    assert.equal(blobsOf(devices), state.named.map(({ blob }) => blob).sort(), `state ${i}`);
    const fresh = await store.write(key, randomValue(100));
    assert.ok(fresh.blob > known, `state ${i}: a fresh name`);
    store.settle(fresh, 'committed');
    assert.is((await store.read(fresh.manifest)).length, 100);
    await close();
  }
});

test('every fragment lies on a device of its own, and one device less loses nothing', async () => {
  const files = disk();
  const named: Named[] = [];
  const first = await open(files, 1);
  await work(first.store, named);
  for (const { blob, manifest } of named) {
    const stripes = decodeManifest(kernel, manifest).digests.length / 3;
    for (let stripe = 0; stripe < stripes; stripe++) {
      const places = [0, 1, 2].map((n) => first.devices.locate(blob, stripe, n)?.device);
      assert.equal([...places].sort(), [0, 1, 2]);
    }
  }
  await first.close();
  files.removeTree('/devices/b');
  const later = await open(files, 2);
  for (const { manifest, value } of named) {
    assert.ok((await later.store.read(manifest)).equals(value));
    assert.ok(later.store.readSync(manifest).equals(value));
  }
  await later.close();
  files.removeTree('/devices/a');
  const last = await open(files, 3);
  assert.is(await rejection(last.store.read(named[0]?.manifest as never)), 'THEMIS_BLOB_LOST');
  assert.is(await rejection(last.store.write(key, randomValue(10))), 'THEMIS_DEVICES_TOO_FEW');
  await last.close();
});

test('blobs that died leave their devices, and those that are pinned later', async () => {
  const files = disk();
  const { devices, store, close } = await open(files, 1);
  const drafts = [];
  for (let i = 0; i < 3; i++) {
    const draft = await store.write(key, randomValue(100 * KiB, i));
    store.settle(draft, 'committed');
    drafts.push(draft);
  }
  const [a, b, c] = drafts as [(typeof drafts)[0], (typeof drafts)[0], (typeof drafts)[0]];
  store.pin(b.blob);
  store.died([a, b]);
  assert.equal(blobsOf(devices), [b.blob, c.blob]);
  store.unpin(b.blob);
  assert.equal(blobsOf(devices), [c.blob]);
  assert.ok(devices.devices.every(({ deadBytes }) => deadBytes > 0));
  await close();
});

test.run();
