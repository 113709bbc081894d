/** The jobs that somebody asked for: what they are, how far, and how they ended. Bounded. */
import { must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock } from '../io/index.js';

export interface RepairJob {
  readonly jobId: string;
  readonly shardId: string;
  /** Empty unless the job is about one document. */
  readonly documentId: string;
  readonly isFullScan: boolean;
  /** Wall clock in milliseconds. */
  readonly submittedAt: number;
  readonly completedAt: number | null;
  readonly documentsScanned: number;
  readonly documentsRepaired: number;
  readonly documentsFailed: number;
  /** Documents that it is about, once it knows. */
  readonly documentsTotal: number;
  /** Documents that lack something and were not tried yet, as far as it knows. */
  readonly documentsLeft: number;
  /** Bytes that were read for it, and that are to be read. */
  readonly bytes: number;
  readonly bytesTotal: number;
  /** Time until all is read, or all was tried, at the rate so far; null while nobody can tell. */
  readonly etaSeconds: number | null;
  readonly completed: boolean;
  /** True only for a job that went to its end and after which nothing was wrong. */
  readonly success: boolean;
  readonly errorMessage: string | null;
}

export type JobKind = Pick<RepairJob, 'shardId' | 'documentId' | 'isFullScan'>;

export type JobProgress = Partial<
  Pick<
    RepairJob,
    | 'documentsScanned'
    | 'documentsRepaired'
    | 'documentsFailed'
    | 'documentsTotal'
    | 'documentsLeft'
    | 'bytes'
    | 'bytesTotal'
  >
>;

interface Entry {
  job: RepairJob;
  readonly beganMs: number;
  readonly onChange: (job: RepairJob) => void;
  readonly ended: Promise<RepairJob>;
  readonly end: (job: RepairJob) => void;
}

export class RepairJobs {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #count = 0;
  #active = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Registers a job; `onChange` hears of its progress. Returns its id. Throws THEMIS_OVERLOADED
   * when too many are under way.
   */
  submit(what: JobKind, onChange: (job: RepairJob) => void = () => undefined): string {
    if (this.#active >= limits.repairJobsMax) {
      const message = `${this.#active} repair jobs are under way, the most there may be. Retry later.`;
      throw new ThemisError('THEMIS_OVERLOADED', message);
    }
    this.#active += 1;
    this.#count += 1;
    const submittedAt = Math.floor(this.#clock.wallMs());
    const jobId = `repair-${submittedAt}-${this.#count}`;
    const counts = {
      documentsScanned: 0,
      documentsRepaired: 0,
      documentsFailed: 0,
      documentsTotal: 0,
      documentsLeft: 0,
      bytes: 0,
      bytesTotal: 0,
      etaSeconds: null,
    };
    const state = { completedAt: null, completed: false, success: false, errorMessage: null };
    let end: (job: RepairJob) => void = () => undefined;
    const ended = new Promise<RepairJob>((resolve) => {
      end = resolve;
    });
    const job = { jobId, ...what, submittedAt, ...counts, ...state };
    const beganMs = this.#clock.monotonicMs();
    this.#entries.set(jobId, { job, beganMs, onChange, ended, end });
    this.#forgetOld();
    return jobId;
  }

  get(jobId: string): RepairJob | null {
    return this.#entries.get(jobId)?.job ?? null;
  }

  active(): RepairJob[] {
    return [...this.#entries.values()].map(({ job }) => job).filter(({ completed }) => !completed);
  }

  /** Resolves when the job has ended, however. */
  whenDone(jobId: string): Promise<RepairJob> {
    return must(this.#entries.get(jobId), `job ${jobId}`).ended;
  }

  update(jobId: string, changes: JobProgress): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined || entry.job.completed) return;
    const job = { ...entry.job, ...changes };
    const seconds = (this.#clock.monotonicMs() - entry.beganMs) / 1000;
    entry.job = { ...job, etaSeconds: etaOf(job, seconds) };
    entry.onChange(entry.job);
  }

  /**
   * A job that was stopped, or that an error ended, has not succeeded; neither has one with
   * documents that failed, the last of them because of `why`.
   */
  end(jobId: string, error: ThemisError | null, why: string | null = null): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined || entry.job.completed) return;
    entry.job = {
      ...entry.job,
      completed: true,
      completedAt: Math.floor(this.#clock.wallMs()),
      success: error === null && entry.job.documentsFailed === 0,
      errorMessage: error?.message ?? why,
    };
    this.#active -= 1;
    entry.end(entry.job);
  }

  #forgetOld(): void {
    for (const [id, { job }] of this.#entries) {
      if (this.#entries.size <= limits.repairJobsKept) return;
      if (job.completed) this.#entries.delete(id);
    }
  }
}

/** By bytes while it reads; by documents once it waits for repairs. */
function etaOf(job: Omit<RepairJob, 'etaSeconds'>, seconds: number): number | null {
  const bytesLeft = Math.max(0, job.bytesTotal - job.bytes);
  const tried = job.documentsRepaired + job.documentsFailed;
  if (bytesLeft > 0) return job.bytes > 0 ? (bytesLeft * seconds) / job.bytes : null;
  if (job.documentsLeft > 0) return tried > 0 ? (job.documentsLeft * seconds) / tried : null;
  return job.bytesTotal > 0 || tried > 0 ? 0 : null;
}
