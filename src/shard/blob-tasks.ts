/** What compute threads do for blobs: a table of tasks by name, and who runs them. */
import { Moved } from '../pool/index.js';
import { type EncodeArgument, encodeStripes } from './encode-stripes.js';
import { type PieceResult, type ReadArgument, readPieces } from './read-pieces.js';
import type { TaskSetting } from './task-setting.js';

/** Argument and result of every task. */
export interface BlobTasks {
  'encode-stripes': { argument: EncodeArgument; result: Uint32Array };
  'read-pieces': { argument: ReadArgument; result: PieceResult[] };
}

/** Runs tasks in compute threads, or inline. */
export interface BlobCompute {
  /** Tasks that are worth running at once. One more must be possible while all of these hang. */
  readonly threads: number;
  /** Errors: THEMIS_OVERLOADED, THEMIS_CLOSED, THEMIS_TASK_FAILED, and what the task throws. */
  run<T extends keyof BlobTasks>(
    task: T,
    argument: BlobTasks[T]['argument'],
  ): Promise<BlobTasks[T]['result']>;
}

/** The thread's side: values that were read are given away instead of copied. */
export const blobTasks = {
  'encode-stripes': encodeStripes,
  'read-pieces': (argument: ReadArgument, setting: TaskSetting): Moved<PieceResult[]> => {
    const results = readPieces(argument, setting);
    const buffers = results.flatMap((one) => (one.kind === 'ok' ? [one.bytes.buffer] : []));
    return new Moved(results, buffers);
  },
} as const;

/** Runs tasks in this thread, at once; for tests, and for reads that must not return without. */
export function inlineCompute(setting: TaskSetting): BlobCompute {
  const tasks = { 'encode-stripes': encodeStripes, 'read-pieces': readPieces };
  return {
    threads: 1,
    async run(task, argument) {
      // The table and the argument come under one name, which types cannot express.
      const implementation = tasks[task] as (argument: object, setting: TaskSetting) => never;
      return implementation(argument, setting);
    },
  };
}
