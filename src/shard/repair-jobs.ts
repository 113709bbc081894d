/** The jobs that somebody asked for: what they are, how far, and how they ended. Bounded. */
import { must, type ThemisError } from '../base/index.js';
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
  /** Bytes that were read for it. */
  readonly bytes: number;
  readonly completed: boolean;
  /** True only for a job that went to its end and after which nothing was wrong. */
  readonly success: boolean;
  readonly errorMessage: string | null;
}

type Changes = Partial<
  Pick<RepairJob, 'documentsScanned' | 'documentsRepaired' | 'documentsFailed' | 'bytes'>
>;

interface Entry {
  job: RepairJob;
  readonly onChange: (job: RepairJob) => void;
  readonly ended: Promise<RepairJob>;
  readonly end: (job: RepairJob) => void;
}

export class RepairJobs {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Registers a job; `onChange` hears of its progress. Returns its id. */
  submit(
    what: Pick<RepairJob, 'shardId' | 'documentId' | 'isFullScan'>,
    onChange: (job: RepairJob) => void = () => undefined,
  ): string {
    this.#count += 1;
    const submittedAt = Math.floor(this.#clock.wallMs());
    const jobId = `repair-${submittedAt}-${this.#count}`;
    const counts = { documentsScanned: 0, documentsRepaired: 0, documentsFailed: 0, bytes: 0 };
    const state = { completedAt: null, completed: false, success: false, errorMessage: null };
    let end: (job: RepairJob) => void = () => undefined;
    const ended = new Promise<RepairJob>((resolve) => {
      end = resolve;
    });
    const job = { jobId, ...what, submittedAt, ...counts, ...state };
    this.#entries.set(jobId, { job, onChange, ended, end });
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

  update(jobId: string, changes: Changes): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined || entry.job.completed) return;
    entry.job = { ...entry.job, ...changes };
    entry.onChange(entry.job);
  }

  /** A job that was stopped, or that an error ended, has not succeeded. */
  end(jobId: string, error: ThemisError | null): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined || entry.job.completed) return;
    entry.job = {
      ...entry.job,
      completed: true,
      completedAt: Math.floor(this.#clock.wallMs()),
      success: error === null && entry.job.documentsFailed === 0,
      errorMessage: error?.message ?? null,
    };
    entry.end(entry.job);
  }

  #forgetOld(): void {
    for (const [id, { job }] of this.#entries) {
      if (this.#entries.size <= limits.repairJobsKept) return;
      if (job.completed) this.#entries.delete(id);
    }
  }
}
