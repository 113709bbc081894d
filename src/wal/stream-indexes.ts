/**
 * The last index of every stream, kept while records are written: over the whole log, to refuse
 * an index that does not follow, and for the current segment, to know later when it can go.
 *
 * Neighbouring records mostly belong to one stream, so its index is kept aside and only goes to
 * the maps when the stream changes or the batch ends.
 */
import { assert } from '../base/index.js';

/** The stream of idle marks: it belongs to nobody and has no indexes. */
export const markStream = 0xffff_ffff;

export class StreamIndexes {
  readonly #log: Map<number, number>;
  #segment: Map<number, number>;
  #stream = markStream;
  #index = 0;

  constructor(log: ReadonlyMap<number, number>, segment: ReadonlyMap<number, number>) {
    this.#log = new Map(log);
    this.#segment = new Map(segment);
  }

  /** A record is about to be written. Throws THEMIS_ASSERTION unless its index is the next. */
  note(stream: number, index: number): void {
    if (stream !== this.#stream) {
      this.flush();
      this.#stream = stream;
      this.#index = this.#log.get(stream) ?? index - 1;
    }
    if (index !== this.#index + 1) {
      const expected = this.#index + 1;
      this.#stream = markStream;
      assert(false, `stream ${stream} goes on at index ${expected}, not at ${index}`);
    }
    this.#index = index;
  }

  /** Brings the maps up to date. */
  flush(): void {
    if (this.#stream === markStream) return;
    this.#log.set(this.#stream, this.#index);
    this.#segment.set(this.#stream, this.#index);
    this.#stream = markStream;
  }

  /** The stream goes on at any index, for instance behind a snapshot that was installed. */
  restart(stream: number): void {
    this.flush();
    this.#log.delete(stream);
  }

  /** The last indexes in the segment that ends here; the next one begins empty. */
  cutSegment(): ReadonlyMap<number, number> {
    this.flush();
    const cut = this.#segment;
    this.#segment = new Map();
    return cut;
  }

  /** The last indexes in the current segment. */
  segment(): ReadonlyMap<number, number> {
    this.flush();
    return this.#segment;
  }
}
