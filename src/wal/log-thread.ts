/**
 * The log thread's life between start and stop: batches first, then requests, then background
 * work (marks, spare segments, the periodic sync of buffered durability), then sleep.
 *
 * After a batch it looks for more for a moment before it sleeps: waking a thread costs about 25 us,
 * and what was acknowledged brings the next records soon. Under load it never looks idly, because
 * records wait already.
 */
import { isThemisError, MiB } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock } from '../io/index.js';
import type { ThreadPort, ThreadRequest } from '../pool/index.js';
import type { LogLoop } from './log-loop.js';
import type { LogWriter } from './log-writer.js';
import { logWords } from './ring.js';

/** A record's writer is expected back within this time; about two thread wake-ups. */
const lookMs = 0.1;
/** Batches up to this many records are followed by a look; larger ones leave the core to others. */
const lookRecordsMax = 128;

/** After this long without a record the log marks its end. */
const idleMs = 20;
/** While the disk is full, how long until space is looked for again. */
const fullRetryMs = 100;
/** Bytes of log after which one step of making a spare segment is due. */
const spareStepBytes = 1 * MiB;

export interface LogThreadOptions {
  readonly loop: LogLoop;
  readonly writer: LogWriter;
  readonly control: Int32Array;
  readonly clock: Clock;
  readonly port: ThreadPort;
  readonly buffered: boolean;
}

export class LogThread {
  readonly #options: LogThreadOptions;
  #marked = true;
  #spareWanted = false;
  #dirtySinceMs = 0;
  #dirty = false;
  #stopped = false;
  #bytesSinceSpare = 0;
  #fullSinceMs = 0;

  constructor(options: LogThreadOptions) {
    this.#options = options;
  }

  /** Serves until a `stop` request; throws when the log fails, after saying so. */
  run(): void {
    try {
      while (!this.#stopped) this.#turn();
    } catch (error) {
      this.#options.loop.fail();
      throw error;
    }
  }

  #turn(): void {
    const { loop, control } = this.#options;
    this.#drain();
    const wake = Atomics.load(control, logWords.wake);
    Atomics.store(control, logWords.sleeping, 1);
    const blocked = this.#fullSinceMs > 0;
    if ((blocked || !loop.waiting) && !this.#serveRequests() && !this.#background()) {
      const woken = Atomics.wait(control, logWords.wake, wake, this.#sleepMs());
      if (woken === 'timed-out' && !loop.waiting) this.#fallIdle();
    }
    Atomics.store(control, logWords.sleeping, 0);
  }

  /** Writes batches until nothing waits, looking once more before it leaves off. */
  #drain(): void {
    const { loop, clock } = this.#options;
    for (;;) {
      const result = loop.step();
      if (result.kind === 'full') {
        this.#fullSinceMs = Math.max(this.#fullSinceMs, 1);
        this.#spareWanted = true;
      }
      if (result.kind !== 'worked') return;
      this.#marked = false;
      if (this.#options.buffered) this.#syncIfDue();
      this.#keepSpares(result.bytes);
      if (result.records > lookRecordsMax || loop.waiting) continue;
      const until = clock.monotonicMs() + lookMs;
      while (!loop.waiting && clock.monotonicMs() < until);
    }
  }

  #serveRequests(): boolean {
    let request = this.#options.port.receive();
    if (request === null) return false;
    while (request !== null) {
      this.#serve(request);
      request = this.#options.port.receive();
    }
    return true;
  }

  #serve(request: ThreadRequest): void {
    const { port } = this.#options;
    try {
      port.answer(request, this.#perform(request));
    } catch (error) {
      port.refuse(request, error);
      throw error;
    }
  }

  #perform(request: ThreadRequest): unknown {
    const { writer, loop } = this.#options;
    switch (request.task) {
      case 'truncate': {
        const { stream, index } = request.argument as { stream: number; index: number };
        writer.truncate(stream, index);
        this.#spareWanted = true;
        return null;
      }
      case 'restart':
        writer.restartStream((request.argument as { stream: number }).stream);
        return null;
      case 'status':
        return writer.status();
      case 'stop':
        this.#drain();
        this.#fallIdle();
        writer.close();
        this.#stopped = true;
        loop.stop();
        return null;
      default:
        throw new TypeError(`unknown request ${request.task}`);
    }
  }

  /** One bounded piece of work; true when it did something. */
  #background(): boolean {
    if (this.#stopped) return false;
    if (this.#options.buffered && this.#dirty) return this.#syncIfDue();
    if (this.#spareWanted) return this.#prepareSpare();
    return false;
  }

  /** Under load, spares are made at the pace at which the log uses them up. */
  #keepSpares(bytes: number): void {
    this.#bytesSinceSpare += bytes;
    while (this.#bytesSinceSpare >= spareStepBytes) {
      this.#bytesSinceSpare -= spareStepBytes;
      this.#prepareSpare();
    }
  }

  /** One step; false when nothing can be done now. */
  #prepareSpare(): boolean {
    const { writer, loop, clock } = this.#options;
    if (this.#fullSinceMs > 0 && clock.monotonicMs() - this.#fullSinceMs < fullRetryMs)
      return false;
    try {
      this.#spareWanted = writer.prepareSpare();
      if (this.#fullSinceMs > 0 && !this.#spareWanted) {
        this.#fullSinceMs = 0;
        loop.setFull(false);
      }
      return true;
    } catch (error) {
      this.#becomeFull(error);
      return false;
    }
  }

  /** Nothing came for a while: prove the last batch synced. */
  #fallIdle(): void {
    if (this.#fullSinceMs > 0) return;
    if (this.#dirty) {
      this.#options.writer.sync();
      this.#dirty = false;
    }
    if (this.#marked) return;
    try {
      this.#options.writer.mark();
      this.#marked = true;
    } catch (error) {
      this.#becomeFull(error);
    }
  }

  /** Remembers that the disk is full, or passes on an error that is something else. */
  #becomeFull(error: unknown): void {
    if (!isThemisError(error, 'THEMIS_DISK_FULL')) throw error;
    this.#fullSinceMs = this.#options.clock.monotonicMs();
    this.#spareWanted = true;
    this.#options.loop.setFull(true);
  }

  #syncIfDue(): boolean {
    const now = this.#options.clock.monotonicMs();
    if (!this.#dirty) {
      this.#dirty = true;
      this.#dirtySinceMs = now;
    }
    if (now - this.#dirtySinceMs < limits.bufferedSyncMs) return false;
    this.#options.writer.sync();
    this.#dirty = false;
    return true;
  }

  #sleepMs(): number {
    if (this.#fullSinceMs > 0) return fullRetryMs;
    if (this.#dirty) return limits.bufferedSyncMs;
    return this.#marked ? Number.POSITIVE_INFINITY : idleMs;
  }
}
