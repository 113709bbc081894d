/**
 * Files that the log will need, made in a thread of their own: zeros for 64 MiB of spare segment
 * would stand in the way of the log's writes.
 *
 * The log thread lends a file by its number and does not touch it until it is told that the work
 * has ended, whether it came to its end or not; so nothing is ever zeroed that is in use.
 */
import { codeOf } from '../base/index.js';
import { type FileSystem, nodeFileSystem, writeWhole } from '../io/index.js';
import { createThreadPool, type Outcome, outcomeOf, workerUrls } from '../pool/index.js';
import { ioFailure } from './io-failure.js';
import { logPhases, logWords } from './ring.js';
import { SpareMaker } from './spare-maker.js';

/** Plain data: travels from thread to thread. */
export type Preparation =
  | {
      readonly kind: 'spare';
      /** The folder of the segments. */
      readonly directory: string;
      readonly segmentBytes: number;
      readonly number: number;
    }
  | { readonly kind: 'ballast'; readonly path: string; readonly bytes: number };

export interface PreparationTask {
  readonly preparation: Preparation;
  /** The log's control block: the work is left undone when the log has ended. */
  readonly control: Int32Array;
}

/** Prepares a file in another thread. */
export type Prepare = (task: PreparationTask) => Promise<null>;

export interface PreparationPool {
  readonly prepare: Prepare;
  close(): Promise<void>;
}

/** A thread of its own, started when it is needed: the log must not wait behind a snapshot. */
export function createPreparationPool(): PreparationPool {
  const pool = createThreadPool({
    name: 'preparation',
    url: workerUrls.preparation,
    threads: 1,
    queueMax: 1,
  });
  return {
    prepare: (task) => pool.run<null>('prepare', task),
    close: () => pool.close(),
  };
}

/** Runs in a thread: the one function that its entry file exports. */
export function runPreparation(message: {
  readonly argument: PreparationTask;
}): Promise<Outcome<null>> {
  return outcomeOf(() => {
    prepareFile(nodeFileSystem(), message.argument);
    return null;
  });
}

/** Throws THEMIS_DISK_FULL, which leaves nothing that cannot be tried again, and THEMIS_IO. */
export function prepareFile(fileSystem: FileSystem, task: PreparationTask): void {
  const { preparation, control } = task;
  const isWanted = () => Atomics.load(control, logWords.phase) === logPhases.running;
  try {
    if (preparation.kind === 'ballast') {
      makeBallast(fileSystem, preparation.path, preparation.bytes);
      return;
    }
    const maker = new SpareMaker({ fileSystem, ...preparation });
    try {
      while (isWanted() && !maker.step(preparation.number));
    } finally {
      maker.close();
    }
  } catch (error) {
    throw ioFailure('Preparing a file of the log', error);
  }
}

/** Takes the space that is kept back; leaves no file when there is not enough. */
export function makeBallast(fileSystem: FileSystem, path: string, bytes: number): void {
  const create = fileSystem.stat(path) === null;
  const handle = fileSystem.open(path, { access: 'read-write', create });
  let isComplete = false;
  try {
    const zeros = new Uint8Array(Math.min(bytes, 1 << 20));
    for (let at = 0; at < bytes; at += zeros.length) {
      writeWhole(handle, zeros, Math.min(zeros.length, bytes - at), at);
    }
    handle.truncate(bytes);
    handle.sync();
    isComplete = true;
  } catch (error) {
    // Somebody else took the space meanwhile; the ballast is tried again later.
    if (codeOf(error) !== 'ENOSPC') throw error;
  } finally {
    handle.close();
  }
  if (!isComplete) fileSystem.unlink(path);
}
