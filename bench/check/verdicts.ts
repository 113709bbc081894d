/**
 * Measurements to verdicts, as `etcdctl check perf` does it: a grade, what was measured, and what
 * to do. Pure functions, so that a table of cases can test every limit.
 */
import { figure, type Verdict } from '../harness/index.js';
import type { SyncLatency } from './sync-latency.js';
import type { PoolLatency } from './thread-pool.js';
import type { WakeUp } from './wake-up.js';

/** etcd asks for a p99 of 10 ms of its log's sync; five times that stalls every writer. */
export const syncP99WarnUs = 10_000;
export const syncP99FailUs = 50_000;
/** No device that keeps what it promises answers faster than this. */
export const syncP50SuspiciousUs = 15;
export const copyWarnGBps = 2;
export const checksumWarnGBps = 2;
export const wakeUpWarnUs = 150;
export const wakeUpFailUs = 2_000;
/** A read that waits behind slow operations takes this many times as long. */
export const poolWarnRatio = 8;
/** Below this a wait does not matter, however large the ratio. */
export const poolWarnUs = 2_000;
export const otherCoresWarn = 0.25;
export const freeBytesWarn = 2 ** 30;
export const freeBytesFail = 2 ** 28;

export function judgeSync(results: readonly SyncLatency[]): Verdict[] {
  const verdicts = results.map((result): Verdict => {
    const check = `sync (${result.mode})`;
    if (result.latency === null) {
      const advice =
        result.mode === 'direct'
          ? 'the file system has no O_DIRECT; the log falls back to a slower mode'
          : 'the file system does not know this mode';
      return { grade: 'WARN', check, measured: 'not supported', advice };
    }
    const { p50Us, p99Us, count } = result.latency;
    const measured = `p50 ${figure(p50Us)} us, p99 ${figure(p99Us)} us (${count} writes of 4 KiB)`;
    return { check, measured, ...gradeSync(p50Us, p99Us) };
  });
  return verdicts;
}

function gradeSync(p50Us: number, p99Us: number): Pick<Verdict, 'grade' | 'advice'> {
  if (p99Us > syncP99FailUs) {
    const advice = 'every durable write waits this long; put the folder on an SSD of its own';
    return { grade: 'FAIL', advice };
  }
  if (p99Us > syncP99WarnUs) {
    const advice =
      'expect pauses of durable writes; other writers on this disk? A network or shared disk?';
    return { grade: 'WARN', advice };
  }
  if (p50Us < syncP50SuspiciousUs) {
    const advice =
      'faster than a disk can be: memory, or a cache that ignores syncs; nothing here survives power loss';
    return { grade: 'WARN', advice };
  }
  return { grade: 'PASS', advice: '' };
}

export function judgeFileSystem(name: string, freeBytes: number): Verdict {
  const measured = `${name}, ${figure(freeBytes / 2 ** 30)} GiB free`;
  const check = 'file system';
  if (freeBytes < freeBytesFail) {
    return { grade: 'FAIL', check, measured, advice: 'free some space before storing anything' };
  }
  if (/^(?:tmpfs|ramfs)\b/.test(name)) {
    const advice = 'this is memory: all is lost at a restart, and figures mean nothing for a disk';
    return { grade: 'FAIL', check, measured, advice };
  }
  if (/^(?:nfs|cifs|smb|fuse|9p|virtiofs)/.test(name)) {
    const advice = 'a remote or passed-through file system may not keep the order of syncs';
    return { grade: 'WARN', check, measured, advice };
  }
  if (freeBytes < freeBytesWarn) {
    const advice = 'less than 1 GiB: the log alone may use that before it is truncated';
    return { grade: 'WARN', check, measured, advice };
  }
  return { grade: 'PASS', check, measured, advice: '' };
}

export function judgeKernel(name: string, reason: string, gbps: number): Verdict {
  const measured = `CRC32C ${figure(gbps)} GB/s, ${reason}`;
  const check = 'checksum kernel';
  if (!name.startsWith('addon')) {
    const advice = 'the portable kernel works but is slower; install a C++ compiler and reinstall';
    return { grade: 'WARN', check, measured, advice };
  }
  if (gbps < checksumWarnGBps) {
    return {
      grade: 'WARN',
      check,
      measured,
      advice: 'slow for native code: is the CPU throttled?',
    };
  }
  return { grade: 'PASS', check, measured, advice: '' };
}

export function judgeCopy(gbps: number): Verdict {
  const measured = `${figure(gbps)} GB/s`;
  if (gbps >= copyWarnGBps) return { grade: 'PASS', check: 'memory copy', measured, advice: '' };
  const advice = 'memory is slow: a small or crowded virtual machine?';
  return { grade: 'WARN', check: 'memory copy', measured, advice };
}

export function judgeWakeUp(wakeUp: WakeUp): Verdict {
  const measured = `p50 ${figure(wakeUp.p50Us)} us, p99 ${figure(wakeUp.p99Us)} us one way`;
  const check = 'thread wake-up';
  if (wakeUp.p50Us > wakeUpFailUs) {
    const advice = 'threads wait for a core: fewer programs, more cores, or a higher CPU share';
    return { grade: 'FAIL', check, measured, advice };
  }
  if (wakeUp.p50Us > wakeUpWarnUs) {
    const advice = 'each durable write pays two of these; are the cores busy or asleep?';
    return { grade: 'WARN', check, measured, advice };
  }
  return { grade: 'PASS', check, measured, advice: '' };
}

export function judgePool(pool: PoolLatency, threads: number): Verdict {
  const alone = `4 KiB read p50 ${figure(pool.aloneP50Us)} us alone`;
  const busy = `${figure(pool.busyP50Us)} us behind 4 slow writes`;
  const measured = `${alone}, ${busy}, ${threads} threads`;
  const check = 'libuv pool';
  const starved = pool.busyP50Us > poolWarnUs && pool.busyP50Us > poolWarnRatio * pool.aloneP50Us;
  if (!starved) return { grade: 'PASS', check, measured, advice: '' };
  const advice = `reads queue behind slow operations; start node with UV_THREADPOOL_SIZE=${threads * 4}`;
  return { grade: 'WARN', check, measured, advice };
}

export function judgeMachine(otherCores: number | null, governor: string | null): Verdict {
  const check = 'machine';
  const idle = otherCores === null ? 'load unknown' : `others use ${figure(otherCores)} cores`;
  const measured = governor === null ? idle : `${idle}, governor ${governor}`;
  if (otherCores !== null && otherCores > otherCoresWarn) {
    const advice = 'other programs are busy: figures measured now are lower bounds';
    return { grade: 'WARN', check, measured, advice };
  }
  if (governor === 'powersave') {
    return { grade: 'WARN', check, measured, advice: 'the CPU saves power; use `performance`' };
  }
  return { grade: 'PASS', check, measured, advice: '' };
}
