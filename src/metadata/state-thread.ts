/**
 * The loop of the state thread: applies what is committed, tells how far it is, and sleeps.
 *
 *   main loop      append to ring ... committed -> publishCommitted --wake-->
 *   state thread   gather committed records -> batch -> LevelDB -> publishApplied --signal-->
 *   main loop      appliedPosition, appliedIndex: free the ring, release pending entries
 *
 * While one batch is written, the next one is gathered; under load batches grow by themselves up to
 * their bounds. Pruning has its turn when nothing waits to be applied.
 */
import { ThemisError } from '../base/index.js';
import { type RingReader, unitsBetween } from '../wal/index.js';
import type { Applier } from './applier.js';
import type { LiveSnapshots } from './live-snapshots.js';
import type { LogReplay } from './log-replay.js';
import type { StateControl } from './state-control.js';

export interface StateLoopOptions {
  readonly control: StateControl;
  readonly ring: RingReader;
  readonly applier: Applier;
  readonly liveSnapshots: LiveSnapshots;
  /** What the log's files have and the state has not; applied before anything of the ring. */
  readonly replay?: LogReplay;
}

/** A batch that is being written. */
interface Flight {
  readonly written: Promise<void>;
  readonly position: number;
  readonly index: number;
}

export class StateLoop {
  readonly #options: StateLoopOptions;
  /** Everything before it was appended to the applier. */
  #position: number;
  #flight: Flight | null = null;
  #replay: LogReplay | null;
  #prunedAt: number;
  #pruning = false;

  constructor(options: StateLoopOptions) {
    this.#options = options;
    this.#position = options.control.appliedPosition;
    this.#prunedAt = options.liveSnapshots.released;
    this.#replay = options.replay ?? null;
  }

  /**
   * Applies until the main loop wants it to stop and everything committed is applied. Rejects with
   * what made applying impossible, after `failed` was published.
   */
  async run(): Promise<void> {
    const { control } = this.#options;
    try {
      while (await this.turn()) {
        if (!this.#hasWork()) control.sleep(() => this.#hasWork());
      }
    } catch (error) {
      control.publishFailure();
      throw error;
    }
  }

  /** Does what there is to do now; false when the loop is to end. */
  async turn(): Promise<boolean> {
    const { control } = this.#options;
    const stopping = control.stopWanted;
    const syncWanted = control.syncWanted;
    if (this.#replay !== null) {
      // The ring holds what follows the backlog; stopping half way leaves both to the next start.
      await this.#stepReplay(this.#replay, stopping);
      return !stopping;
    }
    await this.#applyCommitted();
    if (syncWanted !== control.syncDone) await this.#sync(syncWanted);
    await this.#prune();
    return !stopping;
  }

  async #stepReplay(replay: LogReplay, stopping: boolean): Promise<void> {
    const { control, applier } = this.#options;
    const more = !stopping && (await replay.step());
    control.publishApplied(control.appliedPosition, applier.appliedIndex);
    if (more) return;
    replay.close();
    this.#replay = null;
  }

  async #applyCommitted(): Promise<void> {
    const { applier } = this.#options;
    for (;;) {
      this.#gather();
      if (!applier.hasGathered) break;
      await this.#flush();
    }
    await this.#land();
    // Records that carry nothing for the state still free their room in the ring.
    const { control } = this.#options;
    if (control.appliedPosition !== this.#position) {
      control.publishApplied(this.#position, applier.appliedIndex);
    }
  }

  /** Appends committed records until there are no more or the batch is full. */
  #gather(): void {
    const { control, ring, applier } = this.#options;
    const committed = control.committedPosition;
    while (this.#position !== committed) {
      const at = ring.settle(this.#position);
      if (at === committed) {
        this.#position = at;
        return;
      }
      if (!applier.append(ring.memory, ring.offsetOf(at))) return;
      this.#position = ring.next(at);
      if (unitsBetween(this.#position, committed) > unitsBetween(at, committed)) {
        throw new ThemisError(
          'THEMIS_ASSERTION',
          'A record of the ring reaches past what is committed; please report it.',
        );
      }
    }
  }

  /** Starts the next batch, then waits for the one before it. */
  async #flush(): Promise<void> {
    const { applier } = this.#options;
    const position = this.#position;
    const before = this.#flight;
    const written = applier.flush({ sync: false });
    // The rejection is taken up in `#land`; until then it must not count as unhandled.
    written.catch(() => undefined);
    this.#flight = { written, position, index: applier.appendedIndex };
    if (before !== null) await this.#publish(before);
  }

  async #land(): Promise<void> {
    const flight = this.#flight;
    this.#flight = null;
    if (flight !== null) await this.#publish(flight);
  }

  async #publish(flight: Flight): Promise<void> {
    await flight.written;
    this.#options.control.publishApplied(flight.position, flight.index);
  }

  async #sync(request: number): Promise<void> {
    const { applier, control } = this.#options;
    await applier.flush({ sync: true });
    control.publishSynced(request, applier.syncedIndex);
  }

  /** One part of the history, when snapshots were closed since it was last looked through. */
  async #prune(): Promise<void> {
    const { applier, liveSnapshots } = this.#options;
    if (!this.#pruneWanted()) return;
    if (!this.#pruning) this.#prunedAt = liveSnapshots.released;
    this.#pruning = await applier.prune();
  }

  #pruneWanted(): boolean {
    const { liveSnapshots } = this.#options;
    if (liveSnapshots.historyRecords === 0) return false;
    return this.#pruning || liveSnapshots.released !== this.#prunedAt;
  }

  #hasWork(): boolean {
    const { control } = this.#options;
    return (
      this.#replay !== null ||
      control.committedPosition !== this.#position ||
      control.syncWanted !== control.syncDone ||
      control.stopWanted ||
      this.#pruneWanted()
    );
  }
}
