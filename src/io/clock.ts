/** Time: monotonic for durations and deadlines, wall time for people and file names. */
export interface Clock {
  /** Milliseconds since an arbitrary start, never backwards, with fractions. */
  monotonicMs(): number;
  /** Milliseconds since 1970 in UTC; may jump. Never used for safety. */
  wallMs(): number;
}

export interface TimerHandle {
  cancel(): void;
}

/** Timers that do not keep a process alive. */
export interface Timers {
  after(delayMs: number, callback: () => void): TimerHandle;
  every(periodMs: number, callback: () => void): TimerHandle;
}
