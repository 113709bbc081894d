/** What recovery hands to the writer: where the log goes on, and which segments it consists of. */

/** A segment, and the last index of every stream that has records in it. */
export interface SegmentExtent {
  readonly sequence: number;
  readonly lastIndexes: ReadonlyMap<number, number>;
}

/** Plain data: it can be sent to another thread. */
export interface LogTail {
  readonly sequence: number;
  readonly segmentTag: number;
  /** Where in the segment the next batch goes. */
  readonly offset: number;
  readonly chain: number;
  /** Of the next batch. */
  readonly batchNumber: number;
  readonly syncedPosition: number;
  /** The segments before the current one, oldest first. */
  readonly sealed: readonly SegmentExtent[];
  /** Last indexes in the current segment. */
  readonly current: ReadonlyMap<number, number>;
  /** Last indexes in the whole log, where the next records must follow; none after damage. */
  readonly lastIndexes: ReadonlyMap<number, number>;
}
