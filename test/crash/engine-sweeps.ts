/**
 * Sweeps over the whole store on a machine in memory: a power cut at every call, every call failing
 * once, a disk that fills up, a log that is cut, a flipped bit in every sector. Each is a function
 * with a size; it throws at the first violation, with one line that repeats the case, and returns
 * how much it tried.
 *
 * What must hold each time is in store-model.ts; the only other outcome is a typed error.
 */
import { assert, messageOf } from '../../src/base/index.js';
import {
  type CrashChoice,
  crashPointOperations,
  FaultyFileSystem,
  type FileCall,
  type SystemErrorCode,
  seededRandom,
} from '../../src/io/index.js';
import {
  bytesOf,
  contentsOf,
  copyOf,
  finished,
  type Machine,
  newMachine,
  openOn,
  powerCut,
  type SmallOptions,
} from './memory-machine.js';
import { assertPromised, type Contents, type Promised, sameContents } from './store-model.js';
import { StoreWorkload } from './store-workload.js';

export interface SweepResult {
  /** States that were opened. */
  readonly states: number;
  /** How many of them ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface SweepSize {
  readonly store?: SmallOptions | undefined;
  readonly seed: number;
  readonly operations: number;
  /** See StoreWorkloadOptions. */
  readonly longPercent?: number;
  readonly atOnce?: number;
  /** Only every nth case. Default 1. */
  readonly step?: number;
  readonly progress?: (states: number) => void;
}

export class Tally {
  readonly #outcomes: Record<string, number> = {};
  readonly #progress: (states: number) => void;
  #states = 0;

  constructor({ progress }: Pick<SweepSize, 'progress'>) {
    this.#progress = progress ?? (() => undefined);
  }

  count(outcome: string): void {
    this.#states++;
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (this.#states % 250 === 0) this.#progress(this.#states);
  }

  result(): SweepResult {
    return { states: this.#states, outcomes: this.#outcomes };
  }
}

/** Names the case in which `check` failed. */
export async function explained<T>(where: string, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw new RangeError(`${where}: ${messageOf(error)}`, { cause: error });
  }
}

/** Opens, compares, writes on, loses power again, and compares once more. */
async function judgeCrash(machine: Machine, promised: Promised, size: SweepSize): Promise<string> {
  const opened = await openOn(machine, size.store);
  const found = await contentsOf(opened.store);
  const taken = assertPromised(found, promised);
  const { recovery } = opened.store.status();
  // What was found has been seen: another power cut must not take it back.
  await opened.store.put(bytesOf('after'), bytesOf('it goes on'));
  const again = await openOn(powerCut(machine, 'drop-unsynced'), size.store);
  const expected = new Map(found).set('after', 'it goes on');
  assert(sameContents(await contentsOf(again.store), expected), 'a second power cut loses nothing');
  await finished(again.store.close(), () => again.backend.tick());
  await finished(opened.store.close(), () => opened.backend.tick());
  const torn = recovery.tornTail === null ? '' : ', torn';
  const rebuilt = recovery.rebuilt === null ? '' : ', rebuilt';
  return `${taken === 0 ? 'acknowledged' : 'some more'}${torn}${rebuilt}`;
}

interface CrashCase {
  readonly where: string;
  readonly machine: Machine;
  readonly promised: Promised;
}

export interface CrashSweepSize extends SweepSize {
  /** Random states tried at each call. */
  readonly randomStates: number;
}

/** A power cut before and after every call, and in the middle of every write. */
export async function sweepPowerCuts(size: CrashSweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const machine = newMachine();
  const random = seededRandom(size.seed).stream('crash');
  const cases: CrashCase[] = [];
  let points = 0;
  const onCall = (call: FileCall, phase: 'before' | 'after'): void => {
    if (!crashPointOperations.includes(call.operation)) return;
    if (points++ % (size.step ?? 1) !== 0) return;
    const promised = workload.model.promised();
    const at = `seed ${size.seed}, ${phase} call ${call.index} (${call.operation} ${call.path})`;
    const add = (name: string, from: Machine, choice: CrashChoice): void => {
      cases.push({ where: `${at}, ${name}`, machine: powerCut(from, choice), promised });
    };
    // A killed process leaves everything; what was not synced is still not.
    cases.push({ where: `${at}, killed`, machine: copyOf(machine), promised });
    add('keep-all', machine, 'keep-all');
    add('drop-unsynced', machine, 'drop-unsynced');
    for (let i = 0; i < size.randomStates; i++) add(`random ${i}`, machine, { random });
    if (phase === 'after' || call.write === undefined) return;
    for (let i = 0; i < size.randomStates; i++) {
      add(`torn ${i}`, inTheMiddle(machine, call), { random });
    }
  };
  const between = async (): Promise<void> => {
    for (const { where, machine: state, promised } of cases.splice(0)) {
      tally.count(await explained(where, () => judgeCrash(state, promised, size)));
    }
  };
  const files = new FaultyFileSystem(machine.files, { onCall });
  const workload = new StoreWorkload(machine, files, { ...size, between });
  await workload.run();
  const [error] = workload.errors;
  if (error !== undefined) throw error;
  return tally.result();
}

/** A copy in which the write of the call is under way. */
function inTheMiddle(machine: Machine, call: FileCall): Machine {
  const files = machine.files.clone();
  if (call.write !== undefined) {
    files.writeUnsynced(call.path, call.write.bytes, call.write.position);
  }
  return { ...machine, files };
}

export interface FaultSweepSize extends SweepSize {
  readonly error: SystemErrorCode | 'short-write';
}

/** Every call fails once, until a run in which none did; then the disk is healthy again. */
export async function sweepFaults(size: FaultSweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const { error } = size;
  for (let nth = 1; ; nth += size.step ?? 1) {
    const machine = newMachine();
    const rule = error === 'short-write' ? { operation: 'write' as const } : {};
    const files = new FaultyFileSystem(machine.files, { rules: [{ ...rule, nth, error }] });
    const workload = new StoreWorkload(machine, files, size);
    const where = `seed ${size.seed}, ${error} at call ${nth}`;
    await explained(where, () => workload.run());
    if (files.fired() === 0) return tally.result();
    const promised = workload.model.promised();
    const cut = powerCut(machine, 'drop-unsynced');
    await explained(`${where}, power cut`, () => judgeCrash(cut, promised, size));
    await explained(`${where}, restart`, () => judgeCrash(copyOf(machine), promised, size));
    tally.count(workload.errors[0]?.code ?? 'unharmed');
  }
}

/** A store that was closed, and what it holds. */
export async function closedStore(
  size: SweepSize,
): Promise<{ machine: Machine; contents: Contents }> {
  const machine = newMachine();
  const workload = new StoreWorkload(machine, machine.files, size);
  await workload.run();
  return { machine, contents: workload.model.promised().acknowledged };
}
