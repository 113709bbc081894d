/**
 * What stands between the log's producer and its loop: a thread in production, the same thread of
 * control in the simulator. The producer changes shared words; the driver only wakes and watches.
 */
export interface LogDriver {
  /** Records were published: wake the loop if it sleeps. */
  wake(): void;
  /**
   * Calls `changed` once, soon after the durable position is no longer `seen` or the log has ended.
   * While a watch is under way the process is kept alive.
   */
  watch(seen: number, changed: () => void): void;
  /** A rare request, answered between batches. */
  request<T>(task: string, argument: unknown): Promise<T>;
  /** Why the log ended, once its phase is `failed`; waits for the thread's own words. */
  failure(): Promise<unknown>;
  /** Ends the loop (it was asked to stop, or it failed). */
  close(): Promise<void>;
}
