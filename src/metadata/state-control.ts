/**
 * Words in shared memory between the main loop and the state thread.
 *
 * The main loop publishes `committed` (a position of the ring) and reads back how far the state
 * is. Words that different threads write lie a cache line apart. As in the ring, a wake-up costs a
 * system call only when somebody sleeps.
 *
 * The state thread stores the applied index before the applied position; whoever loads them the
 * other way round gets an index that covers everything before the position.
 */
const words = {
  committed: 0,
  wake: 16,
  sleeping: 32,
  applied: 48,
  signal: 64,
  syncWanted: 80,
  syncDone: 96,
  stop: 112,
  failed: 128,
} as const;
const longs = { appliedIndex: 72, syncedIndex: 80 } as const;
const controlBytes = 88 * 8;

export class StateControl {
  readonly buffer: SharedArrayBuffer;
  /** For waiting on `signalWord`, which changes whenever the state thread has news. */
  readonly words: Int32Array;
  readonly #longs: BigInt64Array;
  readonly signalWord: number = words.signal;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(controlBytes)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.#longs = new BigInt64Array(buffer);
  }

  /** Where both sides start from: before the state thread does. */
  reset(position: number, appliedIndex: number): void {
    Atomics.store(this.words, words.committed, position | 0);
    Atomics.store(this.words, words.applied, position | 0);
    Atomics.store(this.#longs, longs.appliedIndex, BigInt(appliedIndex));
    Atomics.store(this.#longs, longs.syncedIndex, BigInt(appliedIndex));
  }

  // The main loop's side.

  /** Everything before this position of the ring is committed and may be applied; then `wake`. */
  publishCommitted(position: number): void {
    Atomics.store(this.words, words.committed, position | 0);
  }

  /** Asks for everything committed so far to be applied and made durable; see `syncDone`. */
  requestSync(): number {
    const wanted = Atomics.add(this.words, words.syncWanted, 1) + 1;
    this.wake();
    return wanted | 0;
  }

  /** The number of the last request that is done; `syncedIndex` says what is durable. */
  get syncDone(): number {
    return Atomics.load(this.words, words.syncDone);
  }

  /** Ends the state thread after what is committed was applied. */
  requestStop(): void {
    Atomics.store(this.words, words.stop, 1);
    this.wake();
  }

  /** Ends the state thread's sleep; after a snapshot was closed, so that its history goes. */
  wake(): void {
    if (Atomics.load(this.words, words.sleeping) === 0) return;
    Atomics.add(this.words, words.wake, 1);
    Atomics.notify(this.words, words.wake);
  }

  get signal(): number {
    return Atomics.load(this.words, words.signal);
  }

  get appliedPosition(): number {
    return Atomics.load(this.words, words.applied) >>> 0;
  }

  /** Load it after `appliedPosition`. */
  get appliedIndex(): number {
    return Number(Atomics.load(this.#longs, longs.appliedIndex));
  }

  get syncedIndex(): number {
    return Number(Atomics.load(this.#longs, longs.syncedIndex));
  }

  get failed(): boolean {
    return Atomics.load(this.words, words.failed) !== 0;
  }

  // The state thread's side.

  get committedPosition(): number {
    return Atomics.load(this.words, words.committed) >>> 0;
  }

  get syncWanted(): number {
    return Atomics.load(this.words, words.syncWanted);
  }

  get stopWanted(): boolean {
    return Atomics.load(this.words, words.stop) !== 0;
  }

  publishApplied(position: number, index: number): void {
    Atomics.store(this.#longs, longs.appliedIndex, BigInt(index));
    Atomics.store(this.words, words.applied, position | 0);
    this.#report();
  }

  publishSynced(request: number, index: number): void {
    Atomics.store(this.#longs, longs.syncedIndex, BigInt(index));
    Atomics.store(this.words, words.syncDone, request);
    this.#report();
  }

  publishFailure(): void {
    Atomics.store(this.words, words.failed, 1);
    this.#report();
  }

  /** Sleeps until woken, unless there is work already (checked after announcing the sleep). */
  sleep(hasWork: () => boolean): void {
    const before = Atomics.load(this.words, words.wake);
    Atomics.store(this.words, words.sleeping, 1);
    if (!hasWork()) Atomics.wait(this.words, words.wake, before);
    Atomics.store(this.words, words.sleeping, 0);
  }

  #report(): void {
    Atomics.add(this.words, words.signal, 1);
    Atomics.notify(this.words, words.signal);
  }
}
