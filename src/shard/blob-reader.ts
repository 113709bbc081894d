/**
 * Reads values: plans where their fragments lie, sends what waits to a thread in one task, judges
 * what comes back, and copies it out.
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
import type { Manifest } from './manifest.js';
import { PathTable, type PiecePlan, planPiece } from './piece-plan.js';
import { type JudgeParts, ReadJudge } from './read-judge.js';
import { type PieceResult, pieceBytes, pieceLayout, type ReadArgument } from './read-pieces.js';
import type { ReadSlab } from './read-slab.js';
import { type StripeRange, stripeLength } from './stripe-layout.js';
import { asThemisError } from './task-error.js';

export interface ReaderParts extends JudgeParts {
  readonly devices: Pick<BlobDevices, 'locate' | 'readPlace' | 'reportReadFailure'>;
  readonly compute: BlobCompute;
  readonly clusterId: Uint8Array;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly slab: ReadSlab;
}

/** A part of a stripe that somebody waits for. */
interface Request {
  readonly manifest: Manifest;
  readonly range: StripeRange;
  /** Receives the bytes, which it copies before it returns. */
  readonly deliver: (bytes: Uint8Array) => void;
  readonly bytes: number;
  readonly slotBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: ThemisError) => void;
  /** Plans that were made for it. */
  attempts: number;
  /** Slow devices are read too: without them too little was found. */
  isThorough: boolean;
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
  /** Words for progress that no task uses. */
  readonly #words: Int32Array[] = [];
  #waiting: Request[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#judge = new ReadJudge(parts);
  }

  /**
   * Reads a part of a stripe; `deliver` copies the bytes from where they lie. Errors:
   * THEMIS_BLOB_LOST, THEMIS_OVERLOADED, THEMIS_TASK_FAILED.
   */
  read(manifest: Manifest, range: StripeRange, deliver: Request['deliver']): Promise<void> {
    if (this.#waiting.length >= limits.blobReadsWaitingMax) {
      const message = `${this.#waiting.length} reads of large values wait for a thread. Retry later.`;
      return Promise.reject(new ThemisError('THEMIS_OVERLOADED', message));
    }
    const length = stripeLength(manifest, range.stripe);
    const slotBytes = pieceBytes({ ...manifest, ...range, length });
    const bytes = range.to - range.from;
    return new Promise((resolve, reject) => {
      const fresh = { attempts: 0, isThorough: false };
      this.#add({ manifest, range, deliver, bytes, slotBytes, resolve, reject, ...fresh });
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
      const { requests, slots } = this.#takeBatch();
      if (requests.length === 0) return;
      this.#running += 1;
      void this.#run(requests, slots);
    }
  }

  /** The next requests with their slots; none while there is no memory. */
  #takeBatch(): { requests: Request[]; slots: number[] } {
    let bytes = 0;
    const slots: number[] = [];
    for (const request of this.#waiting) {
      if (slots.length > 0 && bytes + request.bytes > limits.blobReadBatchBytes) break;
      const slot = this.#parts.slab.take(request.slotBytes);
      if (slot < 0) break;
      slots.push(slot);
      bytes += request.bytes;
    }
    return { requests: this.#waiting.splice(0, slots.length), slots };
  }

  async #run(requests: readonly Request[], slots: readonly number[]): Promise<void> {
    try {
      for (const request of requests) request.attempts += 1;
      await this.#readBatch(this.#plan(requests, slots));
    } catch (error) {
      const failure = asThemisError(error, 'reading a value');
      for (const { reject } of requests) reject(failure);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #plan(requests: readonly Request[], slots: readonly number[]): Batch {
    const { devices, clusterId, slab } = this.#parts;
    const table = new PathTable();
    const plans = requests.map((request, i) => {
      const { manifest, range, isThorough } = request;
      const slot = must(slots[i], 'a slot for each request');
      const avoid = (device: number): boolean => !isThorough && this.#slow.has(device);
      return planPiece(manifest, range, slot, devices, table, avoid);
    });
    const { paths } = table;
    const pieces = plans.map(({ piece }) => piece);
    const progress = this.#words.pop() ?? new Int32Array(new SharedArrayBuffer(4));
    const argument = { slab: slab.posted, clusterId, paths, pieces, progress };
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
      const run = async (one: Batch): Promise<void> => {
        running += 1;
        try {
          const results = await this.#parts.compute.run('read-pieces', one.argument);
          for (const [i, { findings }] of results.entries()) {
            this.#judge.note(must(one.plans[i], 'a plan for each result'), findings);
          }
          if (isDone) return;
          isDone = true;
          timer?.cancel();
          if (one === batch) this.#hedge.observe(one.bytes, clock.monotonicMs() - began);
          this.#settle(one, results);
          resolve();
        } catch (error) {
          if (running === 1 && !isDone) reject(error);
        } finally {
          running -= 1;
          this.#release(one);
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
          const other = this.#planHedge(batch);
          if (other !== null) void run(other);
        });
      };
      const first = run(batch);
      arm();
    });
  }

  /** The same requests in slots of their own, around slow devices; null while there is no memory. */
  #planHedge({ requests }: Batch): Batch | null {
    const { slab } = this.#parts;
    const slots: number[] = [];
    for (const { slotBytes } of requests) {
      const slot = slab.take(slotBytes);
      if (slot < 0) {
        for (const taken of slots) slab.free(taken);
        return null;
      }
      slots.push(slot);
    }
    return this.#plan(requests, slots);
  }

  /** A task has ended: nobody writes to its slots any more. */
  #release({ argument }: Batch): void {
    for (const { offset } of argument.pieces) this.#parts.slab.free(offset);
    this.#words.push(argument.progress);
    this.#next();
  }

  #settle(batch: Batch, results: readonly PieceResult[]): void {
    for (const [i, { kind, findings }] of results.entries()) {
      const request = must(batch.requests[i], 'a request for each result');
      const plan = must(batch.plans[i], 'a plan for each result');
      if (kind === 'ok') this.#deliver(request, plan);
      else if (this.#mayRetry(request, plan)) this.#add(request);
      else request.reject(this.#judge.lost(plan, findings));
    }
  }

  #deliver({ deliver, bytes, resolve }: Request, { piece }: PiecePlan): void {
    const start = piece.offset + pieceLayout(piece).start;
    deliver(this.#parts.slab.bytes.subarray(start, start + bytes));
    resolve();
  }

  #mayRetry(request: Request, plan: PiecePlan): boolean {
    // Slow is not lost: a last plan leaves nothing out, however long that takes.
    request.isThorough = true;
    return request.attempts < limits.blobReadAttempts && this.#judge.mayChange(plan);
  }
}
