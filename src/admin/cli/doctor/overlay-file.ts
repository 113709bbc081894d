/** A file of the overlay: pages that were written, in front of a file that is only read. */
import { type FileHandle, type OpenOptions, SystemError } from '../../../io/index.js';

const pageBytes = 4096;

export class OverlayFile {
  readonly #openOrigin: (() => FileHandle) | null;
  readonly #pages = new Map<number, Uint8Array>();
  #length: number;
  /** Bytes of the origin that still show; a truncation hides the rest for good. */
  #shown: number;

  /** `openOrigin` opens what lies behind, or is null for a new file. */
  constructor(openOrigin: (() => FileHandle) | null, length: number) {
    this.#openOrigin = openOrigin;
    this.#length = length;
    this.#shown = openOrigin === null ? 0 : length;
  }

  get length(): number {
    return this.#length;
  }

  open(path: string, access: OpenOptions['access']): FileHandle {
    const origin = this.#openOrigin?.() ?? null;
    let isOpen = true;
    const check = (syscall: string, needsWrite: boolean): void => {
      const allowed = isOpen && (!needsWrite || access === 'read-write');
      if (!allowed) throw new SystemError('EBADF', syscall, path);
    };
    return {
      read: (target, targetOffset, length, position) => {
        check('read', false);
        return this.#read(origin, target.subarray(targetOffset, targetOffset + length), position);
      },
      write: (source, sourceOffset, length, position) => {
        check('write', true);
        const bytes = source.subarray(sourceOffset, sourceOffset + length);
        this.#write(origin, bytes, position);
        return length;
      },
      readVector: (targets, position) => {
        check('read', false);
        let at = position;
        for (const target of targets) at += this.#read(origin, target, at);
        return at - position;
      },
      writeVector: (sources, position) => {
        check('write', true);
        const bytes = Buffer.concat(sources);
        this.#write(origin, bytes, position);
        return bytes.length;
      },
      sync: () => check('fdatasync', false),
      truncate: (length) => {
        check('ftruncate', true);
        this.#truncate(origin, length);
      },
      size: () => {
        check('fstat', false);
        return this.#length;
      },
      isNamed: () => isOpen,
      close: () => {
        check('close', false);
        isOpen = false;
        origin?.close();
      },
    };
  }

  #read(origin: FileHandle | null, target: Uint8Array, position: number): number {
    const end = Math.min(position + target.length, this.#length);
    for (let at = position; at < end; ) {
      const start = at - (at % pageBytes);
      const stop = Math.min(end, start + pageBytes);
      const piece = target.subarray(at - position, stop - position);
      const page = this.#pages.get(start);
      if (page === undefined) this.#readOrigin(origin, piece, at);
      else piece.set(page.subarray(at - start, stop - start));
      at = stop;
    }
    return Math.max(0, end - position);
  }

  /** Fills the whole piece: what the origin does not have, or no longer shows, is zero. */
  #readOrigin(origin: FileHandle | null, piece: Uint8Array, position: number): void {
    const wanted = Math.max(0, Math.min(piece.length, this.#shown - position));
    let done = 0;
    while (origin !== null && done < wanted) {
      const count = origin.read(piece, done, wanted - done, position + done);
      if (count === 0) break;
      done += count;
    }
    piece.fill(0, done);
  }

  #write(origin: FileHandle | null, bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    for (let at = position; at < end; ) {
      const start = at - (at % pageBytes);
      const stop = Math.min(end, start + pageBytes);
      this.#page(origin, start).set(bytes.subarray(at - position, stop - position), at - start);
      at = stop;
    }
    this.#length = Math.max(this.#length, bytes.length === 0 ? 0 : end);
  }

  #truncate(origin: FileHandle | null, length: number): void {
    if (length < this.#length) {
      const edge = length - (length % pageBytes);
      if (edge < length) this.#page(origin, edge).fill(0, length - edge);
      for (const start of this.#pages.keys()) if (start >= length) this.#pages.delete(start);
      this.#shown = Math.min(this.#shown, length);
    }
    this.#length = length;
  }

  #page(origin: FileHandle | null, start: number): Uint8Array {
    const known = this.#pages.get(start);
    if (known !== undefined) return known;
    const page = new Uint8Array(pageBytes);
    this.#readOrigin(origin, page, start);
    this.#pages.set(start, page);
    return page;
  }
}
