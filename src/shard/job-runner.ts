/**
 * Runs the jobs that somebody asked for: each looks at what it is about, then waits until all that
 * lacks something came out, one way or the other. One that was stopped has not succeeded.
 */
import type { ThemisError } from '../base/index.js';
import type { Clock } from '../io/index.js';
import { JobScope, type RepairOutcome, stoppedError } from './job-scope.js';
import { type JobKind, type JobProgress, type RepairJob, RepairJobs } from './repair-jobs.js';
import { asThemisError } from './task-error.js';

export interface RunnerParts {
  readonly clock: Clock;
  /** True for a blob that waits to be repaired. */
  readonly isInLine: (blob: number) => boolean;
  /** Called when a job begins. */
  readonly begun: () => void;
  /** What went wrong last. */
  readonly lastError: () => string | null;
}

/** Looks at what a job is about; returns the blobs that it waits for. */
export type JobLook = (tell: (progress: JobProgress) => void) => Promise<Iterable<number>>;

export class JobRunner {
  readonly #parts: RunnerParts;
  readonly #jobs: RepairJobs;
  readonly #scopes = new Set<JobScope>();
  #isStopped = true;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#jobs = new RepairJobs(parts.clock);
  }

  /** True while somebody waits for a job. */
  get isAsked(): boolean {
    return this.#scopes.size > 0;
  }

  get(jobId: string): RepairJob | null {
    return this.#jobs.get(jobId);
  }

  active(): RepairJob[] {
    return this.#jobs.active();
  }

  whenDone(jobId: string): Promise<RepairJob> {
    return this.#jobs.whenDone(jobId);
  }

  start(): void {
    this.#isStopped = false;
  }

  /** Ends all jobs without success. */
  stop(): void {
    this.#isStopped = true;
    for (const scope of this.#scopes) scope.stop();
  }

  /** Resolves when no job is under way. */
  async ended(): Promise<void> {
    await Promise.all(this.active().map(({ jobId }) => this.whenDone(jobId)));
  }

  /** A repair ended, whoever asked for it. */
  settled(blob: number, outcome: RepairOutcome): void {
    for (const scope of this.#scopes) scope.settled(blob, outcome);
  }

  /** Begins a job; returns its id. Throws THEMIS_OVERLOADED when too many are under way. */
  begin(
    what: JobKind,
    onChange: ((job: RepairJob) => void) | undefined,
    isAbout: (blob: number) => boolean,
    look: JobLook,
  ): string {
    const id = this.#jobs.submit(what, onChange);
    const scope = new JobScope(isAbout, () => this.#tell(id, scope));
    void this.#run(id, scope, look);
    return id;
  }

  async #run(id: string, scope: JobScope, look: JobLook): Promise<void> {
    this.#scopes.add(scope);
    try {
      if (this.#isStopped) throw stoppedError();
      this.#parts.begun();
      const blobs = [...(await look((progress) => this.#jobs.update(id, progress)))];
      for (const blob of blobs) if (!this.#parts.isInLine(blob)) scope.refused(blob);
      await scope.settle(blobs);
      this.#tell(id, scope);
      this.#jobs.end(id, null, scope.failed > 0 ? this.#parts.lastError() : null);
    } catch (error) {
      const told: ThemisError = this.#isStopped
        ? stoppedError()
        : asThemisError(error, 'the repair');
      this.#jobs.end(id, told);
    } finally {
      this.#scopes.delete(scope);
    }
  }

  #tell(id: string, { repaired, failed, pending }: JobScope): void {
    this.#jobs.update(id, {
      documentsRepaired: repaired,
      documentsFailed: failed,
      documentsLeft: pending,
    });
  }
}
