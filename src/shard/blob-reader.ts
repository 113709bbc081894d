/**
 * Reads values: plans where their fragments lie, sends what waits to a thread in one task, and
 * judges what comes back.
 *
 * A task that takes unusually long is hedged: its thread tells which device it is stuck on, a
 * second task reads around that device, and the first answer counts. A device that kept a read
 * waiting is read around until it answers. A fragment that is not where the plan said may have
 * moved meanwhile; then the read is planned again.
 */
import { must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock, TimerHandle, Timers } from '../io/index.js';
import type { BlobDevices } from './blob-ports.js';
import type { BlobCompute } from './blob-tasks.js';
import { HedgeDelay } from './hedge-delay.js';
import { PathTable, type PiecePlan, planPiece, type Wanted } from './piece-plan.js';
import { type JudgeParts, ReadJudge } from './read-judge.js';
import type { PieceResult, ReadArgument } from './read-pieces.js';
import { asThemisError } from './task-error.js';

export interface ReaderParts extends JudgeParts {
  readonly devices: Pick<BlobDevices, 'locate' | 'readPlace' | 'reportFault'>;
  readonly compute: BlobCompute;
  readonly clusterId: Uint8Array;
  readonly clock: Clock;
  readonly timers: Timers;
}

interface Request {
  readonly wanted: Wanted;
  readonly bytes: number;
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: ThemisError) => void;
  /** Plans that were made for it. */
  attempts: number;
}

/** Requests that one task reads, and what it was told. */
interface Batch {
  readonly requests: readonly Request[];
  readonly plans: readonly PiecePlan[];
  readonly argument: ReadArgument;
  readonly table: PathTable;
  readonly bytes: number;
}

export class BlobReader {
  readonly #parts: ReaderParts;
  readonly #judge: ReadJudge;
  readonly #hedge = new HedgeDelay();
  /** Devices that keep a read waiting now. */
  readonly #slow = new Set<number>();
  #waiting: Request[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#judge = new ReadJudge(parts);
  }

  /** Tasks under way, hedges not counted. */
  get running(): number {
    return this.#running;
  }

  /**
   * The wanted bytes, in memory of their own. Errors: THEMIS_BLOB_LOST, THEMIS_OVERLOADED,
   * THEMIS_TASK_FAILED.
   */
  read(wanted: Wanted): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = wanted.ranges.reduce((sum, { from, to }) => sum + to - from, 0);
    if (bytes === 0) return Promise.resolve(new Uint8Array(0));
    if (this.#waiting.length >= limits.blobReadsWaitingMax) {
      const message = `${this.#waiting.length} reads of large values wait for a thread. Retry later.`;
      return Promise.reject(new ThemisError('THEMIS_OVERLOADED', message));
    }
    return new Promise((resolve, reject) => {
      this.#add({ wanted, bytes, resolve, reject, attempts: 0 });
    });
  }

  /** Fails what waits for a thread; what runs goes on. */
  rejectWaiting(error: ThemisError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #add(request: Request): void {
    this.#waiting.push(request);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // What else this turn of the event loop brings goes into the same tasks.
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < this.#parts.compute.threads && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#run(this.#takeBatch());
    }
  }

  #takeBatch(): Request[] {
    let bytes = 0;
    let count = 0;
    for (const request of this.#waiting) {
      if (count > 0 && bytes + request.bytes > limits.blobReadBatchBytes) break;
      bytes += request.bytes;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #run(requests: readonly Request[]): Promise<void> {
    try {
      const batch = this.#plan(requests, (device) => this.#slow.has(device));
      await this.#readBatch(batch);
    } catch (error) {
      const failure = asThemisError(error, 'reading a value');
      for (const { reject } of requests) reject(failure);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #plan(requests: readonly Request[], avoid: (device: number) => boolean): Batch {
    const table = new PathTable();
    const plans = requests.map((request) => {
      request.attempts += 1;
      return planPiece(request.wanted, this.#parts.devices, table, avoid);
    });
    const argument = {
      clusterId: this.#parts.clusterId,
      paths: table.paths,
      pieces: plans.map(({ piece }) => piece),
      progress: new Int32Array(new SharedArrayBuffer(4)),
    };
    const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
    return { requests, plans, argument, table, bytes };
  }

  /** Runs the task, with a second one beside it when it is late; ends with the first answer. */
  #readBatch(batch: Batch): Promise<void> {
    const { clock, timers } = this.#parts;
    const began = clock.monotonicMs();
    return new Promise((resolve, reject) => {
      let timer: TimerHandle | null = null;
      let isDone = false;
      let running = 0;
      const finish = (one: Batch, results: readonly PieceResult[]): void => {
        for (const [i, { findings }] of results.entries()) {
          this.#judge.note(must(one.plans[i], 'a plan for each result'), findings);
        }
        if (isDone) return;
        isDone = true;
        timer?.cancel();
        this.#settle(one, results);
        resolve();
      };
      const run = async (one: Batch): Promise<void> => {
        running += 1;
        try {
          const results = await this.#parts.compute.run('read-pieces', one.argument);
          if (running === 1) this.#hedge.observe(one.bytes, clock.monotonicMs() - began);
          finish(one, results);
        } catch (error) {
          running -= 1;
          if (running === 0 && !isDone) reject(error);
        }
      };
      const arm = (): void => {
        timer = timers.after(this.#hedge.after(batch.bytes), () => {
          const path = Atomics.load(batch.argument.progress, 0) - 1;
          // Not begun yet, or computing: no device is to blame.
          if (path < 0) return arm();
          const device = must(batch.table.devices[path], 'progress names a path of the task');
          this.#slow.add(device);
          void first.finally(() => this.#slow.delete(device));
          void run(this.#plan(batch.requests, (other) => this.#slow.has(other)));
        });
      };
      const first = run(batch);
      arm();
    });
  }

  #settle(batch: Batch, results: readonly PieceResult[]): void {
    for (const [i, result] of results.entries()) {
      const request = must(batch.requests[i], 'a request for each result');
      const plan = must(batch.plans[i], 'a plan for each result');
      if (result.kind === 'ok') request.resolve(result.bytes);
      else if (this.#mayRetry(request, plan, result.stripe)) this.#add(request);
      else request.reject(this.#judge.lost(request.wanted.manifest, result));
    }
  }

  #mayRetry({ attempts }: Request, plan: PiecePlan, lostStripe: number): boolean {
    return attempts < limits.blobReadAttempts && this.#judge.mayChange(plan, lostStripe);
  }
}
