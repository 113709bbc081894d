/**
 * Sweeps over repair: a power cut at every call while a store heals. Whatever is left reads right,
 * and heals in the end. Each throws at the first violation, with what is needed to repeat it.
 */
import { assert, KiB, messageOf } from '../../src/base/index.js';
import {
  type CrashChoice,
  crashPointOperations,
  FaultyFileSystem,
  type FileCall,
  type MemoryFileSystem,
  seededRandom,
} from '../../src/io/index.js';
import {
  assertReadable,
  damages,
  freshDisk,
  type Named,
  type OpenedWorld,
  openWorld,
  putValues,
  until,
  type WorldOptions,
  whyNotWhole,
} from './repair-world.js';
import type { SweepResult } from './wal-sweeps.js';

/** What is done to the devices, and what must then happen by itself. */
export type RepairCase = 'replaced' | 'rotten' | 'replaced-while-open' | 'spare';

export interface RepairSweepOptions {
  readonly seed: number;
  readonly kind: RepairCase;
  /** Only every nth call. */
  readonly step?: number;
  readonly progress?: (states: number) => void;
}

const paths = ['/dev/a', '/dev/b', '/dev/c', '/dev/d'];
const code = { data: 2, parity: 2 };
const lengths = [70 * KiB, 1, 200_001];

/** Longer than any grace time. */
const patienceSeconds = 2_000;

function worldOf(kind: RepairCase): WorldOptions {
  return { code, paths, spares: kind === 'spare' ? ['/dev/s'] : [] };
}

async function healed(files: MemoryFileSystem, world: OpenedWorld, named: Named): Promise<void> {
  world.repair.start();
  const job = world.repair.triggerFullScan();
  const isWell = (): boolean =>
    world.repair.getJobStatus(job)?.completed === true &&
    world.report().status === 'HEALTHY' &&
    whyNotWhole(files, world, named) === null;
  if (await until(world, isWell, patienceSeconds)) return;
  const why = whyNotWhole(files, world, named) ?? JSON.stringify(world.report());
  assert(false, `it did not heal: ${why}`);
}

function hurt(files: MemoryFileSystem, kind: RepairCase): void {
  if (kind === 'replaced-while-open') return;
  if (kind === 'spare') files.removeTree('/dev/b');
  else damages[kind](files, '/dev/b');
}

/** Opens what a power cut left: all reads right at once, and is whole after a while. */
async function checkState(files: MemoryFileSystem, named: Named, kind: RepairCase): Promise<void> {
  const world = await openWorld(files, named, worldOf(kind));
  await assertReadable(world, named);
  await healed(files, world, named);
  await assertReadable(world, named);
  await world.close();
}

export async function sweepRepairCrashes(options: RepairSweepOptions): Promise<SweepResult> {
  const { seed, kind, step = 1, progress } = options;
  const random = seededRandom(seed).stream('crash');
  const files = freshDisk();
  const named: Named = new Map();
  const first = await openWorld(files, named, worldOf(kind));
  await putValues(first, named, lengths);
  await first.close();
  hurt(files, kind);
  const states: { readonly files: MemoryFileSystem; readonly where: string }[] = [];
  let calls = 0;
  const onCall = (call: FileCall, phase: 'before' | 'after'): void => {
    if (!crashPointOperations.includes(call.operation) || calls++ % step !== 0) return;
    const where = `${phase} call ${call.index} (${call.operation} ${call.path})`;
    const add = (from: MemoryFileSystem, choice: CrashChoice, how: string): void => {
      states.push({ files: from.crash(choice), where: `${where}, ${how}` });
    };
    add(files, 'drop-unsynced', 'drop-unsynced');
    add(files, { random }, 'random');
    if (phase === 'after' || call.write === undefined) return;
    const torn = files.clone();
    torn.writeUnsynced(call.path, call.write.bytes, call.write.position);
    add(torn, { random }, 'torn');
  };
  const through = (below: MemoryFileSystem) => new FaultyFileSystem(below, { onCall });
  const world = await openWorld(files, named, { ...worldOf(kind), through });
  if (kind === 'replaced-while-open') {
    damages.replaced(files, '/dev/b');
    await world.devices.look();
  }
  await healed(files, world, named);
  await world.close();
  for (const [i, state] of states.entries()) {
    try {
      await checkState(state.files, named, kind);
    } catch (error) {
      const message = `seed ${seed}, ${kind}, ${state.where}: ${messageOf(error)}`;
      throw new RangeError(message, { cause: error });
    }
    progress?.(i + 1);
  }
  return { states: states.length, outcomes: {} };
}
