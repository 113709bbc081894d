/**
 * Sweeps over the log: every crash point, every subset of a torn write, every cut, every sector
 * with a flipped bit, every failing call. Each is a function with a size, throws at the first
 * violation with what is needed to repeat it, and returns how much it tried.
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
import type { SyncMode } from '../../src/wal/index.js';
import { segmentDataOffset, segmentName } from '../../src/wal/segment.js';
import {
  append,
  assertContents,
  dir,
  folder,
  namesOf,
  type OpenedLog,
  openLog,
  recover,
  run,
  segmentBytes,
} from '../wal/log-fixture.js';
import { assertKept, isTypedFailure, type Promises, WalWorkload } from './wal-workload.js';

export interface SweepResult {
  /** States that were recovered. */
  readonly states: number;
  /** How many of them ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
}

const file = (sequence: number): string => `${dir}/log/${segmentName(sequence)}`;

function tally(): { count: (outcome: string) => void; result: () => SweepResult } {
  const outcomes: Record<string, number> = {};
  let states = 0;
  return {
    count: (outcome) => {
      states++;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
    result: () => ({ states, outcomes }),
  };
}

function explain<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new RangeError(`${where}: ${messageOf(error)}`, { cause: error });
  }
}

/** A last batch of `sectors` sectors, of which every subset reaches the disk. */
export function sweepTornTails(sectors: number, fill: 'text' | 'zeros'): SweepResult {
  const { count, result } = tally();
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  const start = segmentDataOffset + 4096;
  const blank = fs.clone();
  // Index 5 has a payload of zeros, which must be masked.
  const index = fill === 'zeros' ? 5 : 2;
  if (fill === 'zeros') writer.restartStream(1);
  append(writer, run(1, index, [sectors * 512 - 64 - 48]));
  const batch = fs.bytesOf(file(1)).subarray(start, start + sectors * 512);
  for (let subset = 0; subset < 2 ** sectors; subset++) {
    const state = blank.clone();
    for (let sector = 0; sector < sectors; sector++) {
      if (((subset >>> sector) & 1) === 0) continue;
      state.overwrite(
        file(1),
        batch.subarray(sector * 512, sector * 512 + 512),
        start + sector * 512,
      );
    }
    explain(`sectors ${subset.toString(2)} of a batch of ${fill}`, () => {
      const { recovered, found } = recover(state);
      const whole = subset === 2 ** sectors - 1;
      assert(recovered.damages.length === 0, 'a torn write is not damage');
      assert(
        namesOf(found).join() === (whole ? `1/1,1/${index}` : '1/1'),
        'what was synced is there',
      );
      assert(
        (recovered.torn !== null) === (!whole && subset !== 0),
        'torn is what is partly there',
      );
      assert(recover(state).recovered.torn === null, 'a repaired log is clean');
      count(whole ? 'whole' : recovered.torn === null ? 'clean' : 'torn');
    });
  }
  return result();
}

/** A log of several segments that was closed, and what must be in it. */
function closedLog(seed: number): { fs: MemoryFileSystem; promises: Promises } {
  const fs = folder();
  const workload = new WalWorkload({ seed, operations: 60, syncMode: 'dsync' });
  workload.run(fs);
  return { fs, promises: workload.promises() };
}

/** Whole, or damage reported; what was found must be right in any case. */
function judge(opened: OpenedLog, promises: Promises): string {
  assertContents(opened.found);
  if (opened.recovered.damages.length > 0) return 'refused';
  assertKept(opened, promises);
  return opened.recovered.repaired.length > 0 ? 'repaired' : 'unused';
}

/** The file with the end of the log is cut at every `step`th byte of the log's last 64 KiB. */
export function sweepCuts(step: number, seed = 1): SweepResult {
  const { count, result } = tally();
  const { fs, promises } = closedLog(seed);
  const { tail } = recover(fs).recovered;
  const tailPosition = tail.sequence * segmentBytes + tail.offset;
  for (let back = 0; back <= 64 * 1024; back += step) {
    const position = tailPosition - back;
    const sequence = Math.floor(position / segmentBytes);
    if (fs.stat(file(sequence)) === null) break;
    const state = fs.clone();
    for (let later = tail.sequence; later > sequence; later--) state.unlink(file(later));
    const handle = state.open(file(sequence), { access: 'read-write' });
    handle.truncate(position - sequence * segmentBytes);
    handle.sync();
    handle.close();
    explain(`cut at ${file(sequence)}:${position - sequence * segmentBytes}`, () => {
      count(judge(recover(state), promises));
    });
  }
  return result();
}

/** One bit is flipped in every `step`th sector of every segment. */
export function sweepBitFlips(step: number, seed = 1): SweepResult {
  const { count, result } = tally();
  const random = seededRandom(seed).stream('flip');
  const { fs, promises } = closedLog(seed);
  for (const path of fs.paths()) {
    if (!path.endsWith('.wal')) continue;
    for (let at = 0; at < segmentBytes; at += 512 * step) {
      const [offset, bit] = [at + random.below(512), random.below(8)];
      const state = fs.clone();
      state.flipBit(path, offset, bit);
      explain(`bit ${bit} of ${path}:${offset}`, () => count(judge(recover(state), promises)));
    }
  }
  return result();
}

export interface CrashSweepOptions {
  readonly seed: number;
  readonly operations: number;
  readonly syncMode: SyncMode;
  /** Random states tried at each crash point. */
  readonly randomStates: number;
  /** Only every nth crash point. */
  readonly step: number;
}

/** A power cut before and after every call, and in the middle of every write. */
export function sweepCrashes(options: CrashSweepOptions): SweepResult {
  const { count, result } = tally();
  const fs = folder();
  const workload = new WalWorkload(options);
  const random = seededRandom(options.seed).stream('crash');
  let points = 0;
  const check = (state: MemoryFileSystem, where: string): void => {
    explain(`seed ${options.seed}, ${where}`, () => {
      const promises = workload.promises();
      const opened = recover(state, { syncMode: options.syncMode });
      assertKept(opened, promises);
      count(opened.recovered.torn === null ? 'clean' : 'torn');
      // What recovery found is durable from now on.
      const again = recover(state.crash('drop-unsynced'), { syncMode: options.syncMode });
      assert(again.found.length === opened.found.length, 'a second crash loses nothing');
      assert(again.recovered.torn === null, 'the repair was durable');
    });
  };
  const onCall = (call: FileCall, phase: 'before' | 'after'): void => {
    if (!crashPointOperations.includes(call.operation)) return;
    if (points++ % options.step !== 0) return;
    const where = `${phase} call ${call.index} (${call.operation} ${call.path})`;
    check(fs.crash('keep-all'), `${where}, keep-all`);
    check(fs.crash('drop-unsynced'), `${where}, drop-unsynced`);
    for (let i = 0; i < options.randomStates; i++) check(fs.crash({ random }), `${where}, random`);
    if (phase === 'after' || call.write === undefined) return;
    for (let i = 0; i < options.randomStates; i++) {
      const state = fs.clone();
      state.writeUnsynced(call.path, call.write.bytes, call.write.position);
      check(state.crash({ random }), `${where}, in the middle`);
    }
  };
  workload.run(new FaultyFileSystem(fs, { onCall }));
  return result();
}

/** A power cut at every call of a recovery that removes a torn tail; all of it once more. */
export function sweepRepairCrashes(randomStates: number, seed = 1): SweepResult {
  const { count, result } = tally();
  const random = seededRandom(seed).stream('repair');
  for (const missing of [0, 1, 3, 8]) {
    const fs = folder();
    const { writer } = openLog(fs);
    append(writer, run(1, 1, [100]));
    append(writer, run(1, 2, [4000]));
    fs.overwrite(file(1), new Uint8Array(512), segmentDataOffset + 4096 + missing * 512);
    const check = (state: MemoryFileSystem, where: string): void => {
      explain(`sector ${missing} missing, ${where}`, () => {
        const { recovered, found } = recover(state);
        assert(recovered.damages.length === 0, 'half a repair is not damage');
        assert(namesOf(found).join() === '1/1', 'what was synced is there');
        count(recovered.torn === null ? 'clean' : 'torn');
      });
    };
    const onCall = (call: FileCall, phase: 'before' | 'after'): void => {
      const where = `${phase} call ${call.index} (${call.operation} ${call.path})`;
      check(fs.crash('keep-all'), `${where}, keep-all`);
      check(fs.crash('drop-unsynced'), `${where}, drop-unsynced`);
      for (let i = 0; i < randomStates; i++) check(fs.crash({ random }), `${where}, random`);
    };
    recover(new FaultyFileSystem(fs, { onCall }));
  }
  return result();
}

export interface FaultSweepOptions {
  readonly seed: number;
  readonly operations: number;
  readonly syncMode: SyncMode;
  readonly error: SystemErrorCode;
  /** Only every nth call. */
  readonly step: number;
}

/** Every call fails once; afterwards the disk is healthy, and the log is opened again. */
export function sweepFaults(options: FaultSweepOptions): SweepResult {
  const { count, result } = tally();
  for (let nth = 1; ; nth += options.step) {
    const fs = folder();
    const faulty = new FaultyFileSystem(fs, { rules: [{ nth, error: options.error }] });
    const workload = new WalWorkload(options);
    const where = `seed ${options.seed}, ${options.error} at call ${nth}`;
    let outcome = 'unharmed';
    explain(where, () => {
      try {
        workload.run(faulty);
      } catch (error) {
        if (!isTypedFailure(error)) throw error;
        outcome = 'failed';
      }
    });
    if (faulty.fired() === 0) return result();
    const promises = workload.promises();
    explain(`${where}, power cut`, () => assertKept(recover(fs.crash('drop-unsynced')), promises));
    explain(`${where}, restart`, () => {
      assertKept(recover(fs), promises);
      assertKept(recover(fs.crash('drop-unsynced')), promises);
    });
    count(outcome);
  }
}
