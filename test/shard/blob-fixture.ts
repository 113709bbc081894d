/** A store of large values over twins: devices in memory, tasks inline, a clock that is moved. */
import { codeOf, MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ManualClock, memoryTimers, seededRandom } from '../../src/io/index.js';
import { portableKernel as kernel, portableCoding } from '../../src/kernel/index.js';
import {
  type BlobCompute,
  BlobStore,
  type BlobStoreParts,
  type Code,
  decodeManifest,
  durableCode,
  type FragmentDamage,
  inlineCompute,
  type Manifest,
  TaskSetting,
} from '../../src/shard/index.js';
import { TwinDevices } from './twin-devices.js';

export const clusterId = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
export const key = new TextEncoder().encode('key');

export interface Fixture {
  readonly store: BlobStore;
  readonly devices: TwinDevices;
  readonly clock: ManualClock;
  readonly damages: FragmentDamage[];
  /** Names of fragments that committed values lack: `blob/stripe/number`. */
  readonly missing: string[];
}

export interface FixtureOptions {
  readonly devices?: number | TwinDevices;
  readonly code?: Code;
  readonly spare?: number;
  readonly compute?: (setting: TaskSetting) => BlobCompute;
  readonly parts?: Partial<BlobStoreParts>;
}

export function fixture(options: FixtureOptions = {}): Fixture {
  const given = options.devices ?? 6;
  const devices = typeof given === 'number' ? new TwinDevices(given) : given;
  const clock = new ManualClock();
  const code = durableCode(options.code ?? { data: 4, parity: 2 }, options.spare);
  const { fileSystem } = devices;
  const setting = new TaskSetting({ fileSystem, kernel, coding: portableCoding });
  const store = new BlobStore({
    devices,
    compute: (options.compute ?? inlineCompute)(setting),
    kernel,
    coding: portableCoding,
    fileSystem,
    clock,
    timers: memoryTimers(clock),
    random: seededRandom(1).stream('blobs'),
    clusterId,
    memoryBytes: 2 * limits.blobSlotBytesMax,
    redundancyOf: () => code,
    knownBlobMax: async () => 0,
    ...options.parts,
  });
  const damages: FragmentDamage[] = [];
  const missing: string[] = [];
  store.listener = {
    damaged: (damage) => damages.push(damage),
    incomplete: (names) => {
      for (const { blob, stripe, number } of names) missing.push(`${blob}/${stripe}/${number}`);
    },
  };
  return { store, devices, clock, damages, missing };
}

/** Bytes that differ everywhere and never repeat within a stripe. */
export function randomValue(length: number, seed = 1): Uint8Array {
  const value = new Uint8Array(length);
  seededRandom(seed).stream('value').fill(value);
  return value;
}

export const small = 100_000;
export const twoStripes = 5 * MiB;

export async function put(store: BlobStore, value: Uint8Array): Promise<Uint8Array> {
  const draft = await store.write(key, value);
  store.settle(draft, 'committed');
  return draft.manifest;
}

export function manifestOf(bytes: Uint8Array): Manifest {
  return decodeManifest(kernel, bytes);
}

/** The code of what a promise rejects with; undefined when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
  return undefined;
}

/** Lets everything that waits for nothing but microtasks happen. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
}

export function watched<T>(promise: Promise<T>): { value: T | null; error: unknown } {
  const state: { value: T | null; error: unknown } = { value: null, error: null };
  promise.then(
    (value) => {
      state.value = value;
    },
    (error) => {
      state.error = error;
    },
  );
  return state;
}
