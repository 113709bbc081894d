/**
 * A value that is written piece by piece, at constant memory: chunks are gathered into one stripe,
 * which is copied to the slab when it is full and there is room. `write` resolves when the chunk
 * was taken, so whoever awaits it feels the speed of the devices.
 */
import { ThemisError } from '../base/index.js';
import type { BlobDraft, PartSource } from './blob-writer.js';

/** The writer behind a stream. */
export interface StreamTarget {
  readonly stripeBytes: number;
  pull(): void;
  fail(error: ThemisError): void;
}

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly error: ThemisError };

export class BlobWriteStream implements PartSource {
  readonly #target: StreamTarget;
  readonly #draft: Promise<BlobDraft>;
  readonly #lengthMax: number;
  readonly #gathered: Uint8Array;
  #filled = 0;
  #length = 0;
  #state: State = { kind: 'open' };
  /** True from when the gathered part is handed out until it was copied. */
  #isTaken = false;
  /** The chunk that is waited for. */
  #wake: (() => void) | null = null;

  /** `begin` makes the writer; its draft settles when it does, and its failure ends the stream. */
  constructor(
    begin: (source: PartSource) => {
      readonly writer: StreamTarget;
      readonly draft: Promise<BlobDraft>;
    },
    lengthMax: number,
  ) {
    const { writer, draft } = begin(this);
    this.#target = writer;
    this.#draft = draft;
    this.#lengthMax = lengthMax;
    this.#gathered = new Uint8Array(writer.stripeBytes);
    draft.catch((error: ThemisError) => {
      this.#state = { kind: 'failed', error };
      this.#resume();
    });
  }

  /** Bytes taken so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes a chunk; its bytes may be changed when the promise resolves. One at a time. Errors: what
   * ended the write (THEMIS_DEVICES_TOO_FEW, ...), THEMIS_VALUE_TOO_LARGE, THEMIS_CLOSED after
   * finish or abort.
   */
  async write(chunk: Uint8Array): Promise<void> {
    this.#checkOpen();
    if (this.#length + chunk.length > this.#lengthMax) {
      const message = `The value is longer than ${this.#lengthMax} bytes. Split it.`;
      const error = new ThemisError('THEMIS_VALUE_TOO_LARGE', message);
      this.#end(error);
      throw error;
    }
    this.#length += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      if (this.#filled === this.#gathered.length) await this.#room();
      const count = Math.min(this.#gathered.length - this.#filled, chunk.length - at);
      this.#gathered.set(chunk.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === this.#gathered.length) this.#target.pull();
    }
  }

  /** Ends the value; resolves when it is durable. Errors as of write. */
  async finish(): Promise<BlobDraft> {
    this.#checkOpen();
    this.#state = { kind: 'finished' };
    this.#target.pull();
    return this.#draft;
  }

  /** Gives the value up; nothing of it is kept. Does nothing once it is durable. */
  abort(): void {
    this.#end(new ThemisError('THEMIS_ABORTED', 'The stream of a value was aborted.'));
  }

  next(): Uint8Array | 'wait' | 'end' {
    if (this.#isTaken) return 'wait';
    const isLast = this.#state.kind === 'finished';
    if (this.#filled === 0) return isLast ? 'end' : 'wait';
    if (this.#filled < this.#gathered.length && !isLast) return 'wait';
    this.#isTaken = true;
    return this.#gathered.subarray(0, this.#filled);
  }

  copied(): void {
    this.#isTaken = false;
    this.#filled = 0;
    this.#resume();
  }

  async #room(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#checkOpen();
  }

  /** Ends the writer, and this stream at once: the draft tells only a little later. */
  #end(error: ThemisError): void {
    if (this.#state.kind === 'open') this.#state = { kind: 'failed', error };
    this.#target.fail(error);
  }

  #resume(): void {
    this.#wake?.();
    this.#wake = null;
  }

  #checkOpen(): void {
    if (this.#state.kind === 'failed') throw this.#state.error;
    if (this.#state.kind === 'finished') {
      throw new ThemisError('THEMIS_CLOSED', 'The stream of a value was finished before.');
    }
  }
}
