/**
 * Sweeps over devices: a power cut at every call, every call failing once, one bit flipped in every
 * sector of every file. Each is a function with a size, throws at the first violation with what is
 * needed to repeat it, and returns how much it tried.
 */
import { assert, messageOf } from '../../src/base/index.js';
import {
  crashPointOperations,
  FaultyFileSystem,
  type FileCall,
  type MemoryFileSystem,
  type SystemErrorCode,
  seededRandom,
} from '../../src/io/index.js';
import { append, disk, type Opened, openSet, readBack } from '../device/device-fixture.js';
import { DeviceWorkload, type PromisedFragment, workloadVolumeBytes } from './device-workload.js';
import type { SweepResult } from './wal-sweeps.js';

export interface DeviceSweepOptions {
  readonly seed: number;
  readonly operations: number;
  /** Only every nth call. */
  readonly step?: number;
  readonly progress?: (states: number) => void;
}

const open = (fs: MemoryFileSystem): Promise<Opened> =>
  openSet(fs, { volumeBytes: workloadVolumeBytes, seed: 99 });

async function explain<T>(where: string, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw new RangeError(`${where}: ${messageOf(error)}`, { cause: error });
  }
}

function checkPromised(
  fs: MemoryFileSystem,
  { set }: Opened,
  all: readonly PromisedFragment[],
): void {
  for (const { name, bytes } of all) {
    const found = readBack(fs, set, name, bytes);
    assert(found === 'right', `blob ${name.blob % 2 ** 32} of ${bytes} bytes is ${found}`);
  }
}

/** Opens what a crash left, reads all that was promised, writes more, and opens it again. */
async function checkState(fs: MemoryFileSystem, all: readonly PromisedFragment[]): Promise<void> {
  const opened = await open(fs);
  checkPromised(fs, opened, all);
  const { session } = await opened.set.startSession(0);
  assert(
    all.every(({ name }) => Math.floor(name.blob / 2 ** 32) < session),
    'a session is never given twice',
  );
  for (const device of opened.set.devices) {
    const name = { blob: session * 2 ** 32 + device.number, stripe: 0, number: 0 };
    assert((await append(opened.set, device.number, name, 3_000)) === null, 'it can be written');
  }
  await opened.set.idle();
  checkPromised(fs, opened, all);
  await opened.set.close();
  const again = await open(fs);
  checkPromised(fs, again, all);
  await again.set.close();
}

/** A power cut before and after every call, and in the middle of every write. */
export async function sweepDeviceCrashes(options: DeviceSweepOptions): Promise<SweepResult> {
  const { seed, step = 1, progress } = options;
  const below = disk();
  const random = seededRandom(seed).stream('crash');
  const waiting: { state: MemoryFileSystem; where: string; all: PromisedFragment[] }[] = [];
  const outcomes: Record<string, number> = {};
  let states = 0;
  let calls = 0;
  const between = async (): Promise<void> => {
    for (const { state, where, all } of waiting.splice(0)) {
      await explain(`seed ${seed}, ${where}`, () => checkState(state, all));
      const kind = where.slice(where.lastIndexOf(' ') + 1);
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      states++;
      progress?.(states);
    }
  };
  const workload = new DeviceWorkload({ ...options, below, between });
  const onCall = (call: FileCall, phase: 'before' | 'after'): void => {
    if (!crashPointOperations.includes(call.operation) || calls++ % step !== 0) return;
    const where = `${phase} call ${call.index} (${call.operation} ${call.path})`;
    const all = workload.promised();
    const add = (state: MemoryFileSystem, how: string): void => {
      waiting.push({ state, where: `${where}, ${how}`, all });
    };
    add(below.crash('keep-all'), 'keep-all');
    add(below.crash('drop-unsynced'), 'drop-unsynced');
    add(below.crash({ random }), 'random');
    if (phase === 'after' || call.write === undefined) return;
    const torn = below.clone();
    torn.writeUnsynced(call.path, call.write.bytes, call.write.position);
    add(torn.crash({ random }), 'torn');
  };
  await workload.run(new FaultyFileSystem(below, { onCall }));
  return { states, outcomes: { ...outcomes, ...workload.history() } };
}

/** Every call fails once; the store goes on, and is opened again. */
export async function sweepDeviceFaults(
  options: DeviceSweepOptions & { readonly error: SystemErrorCode },
): Promise<SweepResult> {
  const { seed, error, step = 1, progress } = options;
  const outcomes: Record<string, number> = {};
  for (let nth = 1, states = 1; ; nth += step, states++) {
    const below = disk();
    const faulty = new FaultyFileSystem(below, { rules: [{ nth, error }] });
    const workload = new DeviceWorkload({ ...options, below, between: async () => undefined });
    const where = `seed ${seed}, ${error} at call ${nth}`;
    let outcome = 'went on';
    await explain(where, async () => {
      try {
        await workload.run(faulty);
      } catch (thrown) {
        const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
        if (!code.startsWith('THEMIS_') && code !== error) throw thrown;
        outcome = 'refused';
      }
    });
    if (faulty.fired() === 0) return { states, outcomes };
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    progress?.(states);
    const all = workload.promised();
    await explain(`${where}, power cut`, () => checkState(below.crash('drop-unsynced'), all));
    await explain(`${where}, restart`, () => checkState(below, all));
  }
}

/** A closed store, all that it promised, and where that lies. */
async function closedStore(options: DeviceSweepOptions): Promise<{
  readonly fs: MemoryFileSystem;
  readonly all: readonly PromisedFragment[];
}> {
  const fs = disk();
  const workload = new DeviceWorkload({ ...options, below: fs, between: async () => undefined });
  await workload.run(fs);
  return { fs, all: workload.promised() };
}

/**
 * One bit is flipped in every sector of every file: a fragment that it lies in is told to be
 * damaged, every other one reads right, and no device is given up.
 */
export async function sweepDeviceFlips(options: DeviceSweepOptions): Promise<SweepResult> {
  const { seed, step = 1, progress } = options;
  const random = seededRandom(seed).stream('flip');
  const outcomes: Record<string, number> = {};
  const { fs, all } = await closedStore(options);
  let states = 0;
  for (const path of fs.paths()) {
    const { length } = fs.bytesOf(path);
    for (let at = 0; at < length; at += 512 * step) {
      const offset = Math.min(length - 1, at + random.below(512));
      const bit = random.below(8);
      const state = fs.clone();
      state.flipBit(path, offset, bit);
      const outcome = await explain(`seed ${seed}, bit ${bit} of ${path}:${offset}`, () =>
        judgeFlip(state, all, path, offset),
      );
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      states++;
      progress?.(states);
    }
  }
  return { states, outcomes };
}

async function judgeFlip(
  state: MemoryFileSystem,
  all: readonly PromisedFragment[],
  path: string,
  offset: number,
): Promise<string> {
  const opened = await open(state);
  let outcome = 'unharmed';
  for (const { name, bytes } of all) {
    const place = opened.set.locate(name.blob, name.stripe, name.number);
    assert(place !== null, `blob ${name.blob % 2 ** 32} is lost`);
    const read = opened.set.readPlace(place);
    const end = read.offset + 4_096 + bytes;
    const isHit = read.path === path && offset >= read.offset && offset < end;
    const found = readBack(state, opened.set, name, bytes);
    assert(found === (isHit ? 'damaged' : 'right'), `blob ${name.blob % 2 ** 32} is ${found}`);
    if (isHit) outcome = 'damaged';
  }
  assert(
    opened.set.devices.every((device) => device.state !== 'failed'),
    'no device is given up',
  );
  await opened.set.close();
  return outcome;
}
