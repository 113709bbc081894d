/** Suite `check`: measures the machine and gives a verdict on each part. */
import type { FileSystem } from '../../src/io/index.js';
import type { Kernel } from '../../src/kernel/index.js';
import { Span, type Verdict } from '../harness/index.js';
import { measureChecksum, measureCopy } from './memory.js';
import { measureSync } from './sync-latency.js';
import { measurePool } from './thread-pool.js';
import {
  judgeCopy,
  judgeFileSystem,
  judgeKernel,
  judgeMachine,
  judgePool,
  judgeSync,
  judgeWakeUp,
} from './verdicts.js';
import { measureWakeUp } from './wake-up.js';

export interface CheckSuiteOptions {
  /** An existing folder on the disk to be judged. */
  readonly folder: string;
  readonly fileSystem: FileSystem;
  /** Its type and options, for the report. */
  readonly fileSystemName: string;
  readonly kernel: Kernel;
  /** Why this kernel is the active one. */
  readonly kernelReason: string;
  readonly governor: string | null;
  readonly threadPoolSize: number;
  /** Time for each measurement. */
  readonly durationMs: number;
  readonly copyBytes: number;
  readonly progress: (line: string) => void;
}

export async function runCheckSuite(options: CheckSuiteOptions): Promise<Verdict[]> {
  const { folder, durationMs, progress } = options;
  const span = new Span();
  span.start();
  progress('check: memory and checksums');
  const verdicts = [
    judgeFileSystem(options.fileSystemName, options.fileSystem.space(folder).freeBytes),
    judgeKernel(options.kernel.name, options.kernelReason, measureChecksum(options.kernel)),
    judgeCopy(measureCopy(options.copyBytes)),
  ];
  progress('check: waking threads');
  verdicts.push(judgeWakeUp(await measureWakeUp(Math.max(100, Math.round(durationMs)))));
  progress('check: syncs');
  verdicts.push(...judgeSync(measureSync(options.fileSystem, folder, { durationMs })));
  progress('check: thread pool');
  verdicts.push(judgePool(await measurePool(folder, durationMs), options.threadPoolSize));
  span.stop();
  return [judgeMachine(span.result().otherCores, options.governor), ...verdicts];
}
