/** What compute threads do for blobs: a table of tasks by name, and who runs them. */
import { nodeFileSystem } from '../io/index.js';
import { loadCodingKernel, loadKernel } from '../kernel/index.js';
import { type Outcome, outcomeOf } from '../pool/index.js';
import { type EncodeArgument, encodeStripes } from './encode-stripes.js';
import { type PieceResult, type ReadArgument, readPieces } from './read-pieces.js';
import { readScrubNote, type ScrubNote, type ScrubPlace, writeScrubNote } from './scrub-note.js';
import {
  rebuildStripe,
  type StripeCheck,
  type StripeRebuild,
  type StripeToCheck,
  type StripeToRebuild,
  scrubStripe,
} from './stripe-tasks.js';
import { TaskSetting } from './task-setting.js';

/** Argument and result of every task. */
export interface BlobTasks {
  'encode-stripes': { argument: EncodeArgument; result: Uint32Array };
  'scrub-stripe': { argument: StripeToCheck; result: StripeCheck };
  'rebuild-stripe': { argument: StripeToRebuild; result: StripeRebuild };
  'read-scrub-note': { argument: ScrubPlace; result: ScrubNote | null };
  'write-scrub-note': { argument: { place: ScrubPlace; note: ScrubNote }; result: null };
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

/** A task and its argument. */
export interface BlobTask {
  readonly task: keyof BlobTasks;
  readonly argument: BlobTasks[keyof BlobTasks]['argument'];
}

/** Kernels that a thread is to use; undefined for the best. */
export interface KernelNames {
  readonly kernel: string | undefined;
  readonly coder: string | undefined;
}

/** What travels to a thread. */
export interface BlobMessage {
  readonly task: keyof BlobTasks;
  readonly argument: { readonly names: KernelNames; readonly argument: BlobTask['argument'] };
}

type Implementations = {
  readonly [T in keyof BlobTasks]: (
    argument: BlobTasks[T]['argument'],
    setting: TaskSetting,
  ) => BlobTasks[T]['result'];
};

const tasks: Implementations = {
  'encode-stripes': encodeStripes,
  'scrub-stripe': scrubStripe,
  'rebuild-stripe': rebuildStripe,
  'read-scrub-note': readScrubNote,
  'write-scrub-note': writeScrubNote,
  'read-pieces': readPieces,
};

/** Runs a task on whatever is given; never rejects. */
export function runBlobTaskOn(
  { task, argument }: BlobTask,
  setting: TaskSetting,
): Promise<Outcome<unknown>> {
  const implementation = tasks[task] as (argument: object, setting: TaskSetting) => unknown;
  return outcomeOf(() => implementation(argument, setting));
}

/** One for each pair of kernels that was asked for in this thread. */
const settings = new Map<string, TaskSetting>();

/** Runs in a compute thread, on the machine's files. */
export async function runBlobTask({ task, argument }: BlobMessage): Promise<Outcome<unknown>> {
  const setting = await outcomeOf(() => nodeSetting(argument.names));
  if (setting.kind !== 'ok') return setting;
  return runBlobTaskOn({ task, argument: argument.argument }, setting.value);
}

function nodeSetting({ kernel: force, coder }: KernelNames): TaskSetting {
  const name = `${force} ${coder}`;
  let setting = settings.get(name);
  if (setting === undefined) {
    const { kernel } = loadKernel({ force });
    const coding = loadCodingKernel({ force: coder }).kernel;
    setting = new TaskSetting({ fileSystem: nodeFileSystem(), kernel, coding });
    settings.set(name, setting);
  }
  return setting;
}

/** True for the messages of these tasks, among those of others. */
export function isBlobMessage(message: { readonly task: string }): message is BlobMessage {
  return Object.hasOwn(tasks, message.task);
}

/** Runs tasks in this thread, at once. */
export function inlineCompute(setting: TaskSetting): BlobCompute {
  return {
    threads: 1,
    async run(task, argument) {
      // The table and the argument come under one name, which types cannot express.
      const implementation = tasks[task] as (argument: object, setting: TaskSetting) => never;
      return implementation(argument, setting);
    },
  };
}
