/**
 * A log under test: records go in without a reply each, and one cumulative notification comes
 * back per batch. Whoever writes such a log connects it here; the suite runs every entry.
 */
export interface LogContestant {
  readonly name: string;
  /** Opens a new log in an empty folder, with this way to make a batch durable. */
  open(folder: string, sync: LogSync): Promise<LogUnderTest>;
}

/** O_DIRECT and O_DSYNC; O_DSYNC through the cache; one write and one fdatasync. */
export type LogSync = 'direct' | 'dsync' | 'fdatasync';

export interface LogUnderTest {
  /**
   * Appends `count` records that each carry `payload`, whose bytes may be reused after the call.
   * Throws when there is no room: the suite never has more in flight than it says.
   */
  append(payload: Uint8Array, count: number): void;
  /**
   * Called after every batch with the number of records that are durable since `open`, in the
   * order of append. Set once, before the first append.
   */
  onDurable(listener: (records: number) => void, failed: (error: unknown) => void): void;
  close(): Promise<void>;
}
