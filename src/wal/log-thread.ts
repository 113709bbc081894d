/**
 * The log thread's life between start and stop: batches first, then requests, then background
 * work (marks, the periodic sync of buffered durability), then sleep. Files that it will need are
 * prepared by another thread; it makes them itself where there is none, and while the disk is full.
 *
 * After a batch it looks for more for a moment before it sleeps: waking a thread costs about 25 us,
 * and what was acknowledged brings the next records soon. Where that was in vain it looks less and
 * less often. Under load it never looks idly, because records wait already.
 */
import { isThemisError, MiB } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock } from '../io/index.js';
import { type Outcome, outcomeValue, type ThreadPort, type ThreadRequest } from '../pool/index.js';
import type { LogLoop } from './log-loop.js';
import { answerRequest } from './log-request.js';
import type { LogWriter } from './log-writer.js';
import { Patience } from './patience.js';
import { logWords } from './ring.js';

/** Records are expected back within this time; about two thread wake-ups. */
const lookMs = 0.1;

/** After this long without a record the log marks its end. */
const idleMs = 20;
/** While the disk is full, how long until space is looked for again. */
const fullRetryMs = 100;
/**
 * Bytes of log after which the next files are thought of: a store that is opened for a look needs
 * none. Where this thread makes them itself, bytes after which one step is due.
 */
const spareStepBytes = 1 * MiB;

export interface LogThreadOptions {
  readonly loop: LogLoop;
  readonly writer: LogWriter;
  readonly control: Int32Array;
  readonly clock: Clock;
  readonly port: ThreadPort;
  readonly buffered: boolean;
  /** Whether somebody hears what the port reports and prepares files; see Preparation. */
  readonly prepares: boolean;
}

export class LogThread {
  readonly #options: LogThreadOptions;
  readonly #patience = new Patience();
  /** Who prepares files: another thread, which is at it or not, or this one. */
  #preparer: 'ready' | 'busy' | 'self';
  #marked = true;
  #spareWanted = false;
  #sequence: number;
  #dirtySinceMs = 0;
  #dirty = false;
  #stopped = false;
  #bytesSinceSpare = 0;
  #fullSinceMs = 0;
  #requestsSeen = 0;

  constructor(options: LogThreadOptions) {
    this.#options = options;
    this.#preparer = options.prepares ? 'ready' : 'self';
    this.#sequence = options.writer.sequence;
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
    const { loop } = this.#options;
    while (!this.#stopped) {
      const result = loop.step();
      if (result.kind === 'full') {
        this.#fullSinceMs = Math.max(this.#fullSinceMs, 1);
        this.#spareWanted = true;
      }
      if (result.kind !== 'worked') return;
      this.#marked = false;
      if (this.#options.buffered) this.#syncIfDue();
      this.#keepSpares(result.bytes);
      if (this.#hasRequests()) this.#serveRequests();
      if (!loop.waiting) this.#look();
    }
  }

  #look(): void {
    const { loop, clock } = this.#options;
    if (!this.#patience.tries()) return;
    const until = clock.monotonicMs() + lookMs;
    while (!loop.waiting && clock.monotonicMs() < until);
    this.#patience.tried(loop.waiting);
  }

  #hasRequests(): boolean {
    return Atomics.load(this.#options.control, logWords.requests) !== this.#requestsSeen;
  }

  #serveRequests(): boolean {
    const { port, control } = this.#options;
    this.#requestsSeen = Atomics.load(control, logWords.requests);
    let request = port.receive();
    if (request === null) return false;
    while (request !== null) {
      this.#serve(request);
      request = port.receive();
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

  #perform({ task, argument }: ThreadRequest): unknown {
    switch (task) {
      case 'prepared':
        this.#prepared(argument as Outcome<null>);
        return null;
      case 'stop':
        this.#stop();
        return null;
      default: {
        const answer = answerRequest(this.#options.writer, task, argument);
        if (task === 'truncate') this.#wantSpare();
        return answer;
      }
    }
  }

  #stop(): void {
    const { writer, loop } = this.#options;
    this.#drain();
    this.#fallIdle();
    writer.close();
    this.#stopped = true;
    loop.stop();
  }

  /** One bounded piece of work; true when it did something. */
  #background(): boolean {
    if (this.#stopped) return false;
    if (this.#options.buffered && this.#dirty) return this.#syncIfDue();
    if (this.#spareWanted && this.#isPreparer) return this.#prepareSpare();
    return false;
  }

  /** Whether files are made here and now. On a full disk that is also how space is looked for. */
  get #isPreparer(): boolean {
    return this.#preparer === 'self' || (this.#preparer === 'ready' && this.#fullSinceMs > 0);
  }

  /** Under load, spares are made at the pace at which the log uses them up. */
  #keepSpares(bytes: number): void {
    this.#bytesSinceSpare += bytes;
    const { sequence } = this.#options.writer;
    if (this.#bytesSinceSpare < spareStepBytes && sequence === this.#sequence) return;
    if (this.#isPreparer) {
      for (; this.#bytesSinceSpare >= spareStepBytes; this.#bytesSinceSpare -= spareStepBytes) {
        this.#prepareSpare();
      }
      return;
    }
    // Once for a segment: what is asked for is made whole.
    this.#bytesSinceSpare = Number.NEGATIVE_INFINITY;
    this.#sequence = sequence;
    this.#wantSpare();
  }

  /** The next file is to be prepared: by the other thread at once, else in the background. */
  #wantSpare(): void {
    this.#spareWanted = true;
    if (this.#preparer !== 'ready' || this.#fullSinceMs > 0) return;
    const preparation = this.#options.writer.lendPreparation();
    if (preparation === null) {
      this.#spareWanted = false;
      return;
    }
    this.#preparer = 'busy';
    this.#options.port.report({ preparation });
  }

  #prepared(outcome: Outcome<null>): void {
    this.#preparer = 'ready';
    let failure: unknown = null;
    try {
      outcomeValue(outcome, 'preparation');
    } catch (error) {
      // Without the other thread this one does its work from here on.
      if (isOfTheDisk(error)) failure = error;
      else this.#preparer = 'self';
    }
    try {
      this.#options.writer.preparationReturned(failure);
    } catch (error) {
      this.#becomeFull(error);
    }
    this.#wantSpare();
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

function isOfTheDisk(error: unknown): boolean {
  return isThemisError(error, 'THEMIS_DISK_FULL') || isThemisError(error, 'THEMIS_IO');
}
