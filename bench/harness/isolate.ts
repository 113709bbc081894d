/**
 * Runs one measurement in a process of its own, so that contestants do not share a V8 heap, the
 * threads of libuv or a resident set: the garbage of one would be collected in the window of the
 * next. The child is a module that calls `serveIsolated` with the same function that the parent
 * could have called itself.
 */
import { fork } from 'node:child_process';
import { inspect } from 'node:util';
import { ThemisError } from '../../src/base/index.js';

type FromChild =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly message: string };

export interface IsolatedRun {
  /** The compiled module that calls `serveIsolated`. */
  readonly entry: URL;
  /** What to do, as data. */
  readonly request: unknown;
  readonly progress?: (line: string) => void;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For messages. */
  readonly name: string;
}

/** The child's result, not validated: both sides are one version of one file. */
export function runIsolated(run: IsolatedRun): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...run.environment };
    const child = fork(run.entry, { env, serialization: 'advanced', stdio: 'inherit' });
    let outcome: FromChild | null = null;
    child.on('message', (message) => {
      const update = message as FromChild;
      if (update.kind === 'progress') run.progress?.(update.line);
      else outcome = update;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (outcome?.kind === 'done') resolve(outcome.result);
      else {
        const how =
          outcome?.kind === 'failed' ? outcome.message : `it ended with ${signal ?? code}`;
        reject(new ThemisError('THEMIS_TASK_FAILED', `Benchmark ${run.name} failed: ${how}`));
      }
    });
    child.send({ request: run.request });
  });
}

/** The child's half: waits for the request, runs it, answers, ends the process. */
export function serveIsolated(
  work: (request: unknown, progress: (line: string) => void) => Promise<unknown>,
): void {
  const send = (message: FromChild): Promise<void> =>
    new Promise((resolve) => {
      process.send?.(message, () => resolve());
    });
  process.once('message', (message) => {
    const { request } = message as { request: unknown };
    work(request, (line) => void send({ kind: 'progress', line }))
      .then(
        (result) => send({ kind: 'done', result }),
        (error: unknown) => send({ kind: 'failed', message: describe(error) }),
      )
      // A store that leaves a handle open must not keep the process and spoil the next run.
      .then(() => process.exit(0));
  });
}

/** With stack and causes: the process that could be asked for more is gone. */
function describe(error: unknown): string {
  return inspect(error);
}
