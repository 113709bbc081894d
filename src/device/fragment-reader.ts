/**
 * Reads fragments in a thread, and lets nothing pass that is not what was asked for: the header
 * must be sound, name the fragment and give the digest that is expected (from the manifest or the
 * index), and every block that is read must have the checksum that the header's table gives it.
 *
 * Anything but `ok` may also mean that the fragment was moved, or deleted, since its place was
 * asked for: ask for the place again, and believe the finding only when it is still the same.
 */
import { alignUp, codeOf, messageOf } from '../base/index.js';
import { limits } from '../config/index.js';
import { type FileSystem, readDamaged, readVectorWhole, readWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import {
  damagedBlock,
  decodeFragment,
  type FragmentHeader,
  type FragmentName,
  fragmentFootprint,
  fragmentHeaderBytes,
} from './fragment.js';
import { OpenVolumes, type VolumeUse } from './open-volumes.js';
import { Scratch } from './scratch.js';

/** Where a thread finds a fragment. */
export interface ReadPlace {
  /** Of the volume file. */
  readonly path: string;
  /** Of the fragment's header in it. */
  readonly offset: number;
  /** What the fragment takes there: header, data, zeros. */
  readonly bytes: number;
}

/** Which fragment must be there. */
export interface ExpectedFragment extends FragmentName {
  readonly digest: number;
}

export type FragmentFailure =
  /** Its bytes are not what was written. */
  | { readonly kind: 'damaged'; readonly why: string }
  /** Something else that is sound lies there. */
  | { readonly kind: 'absent'; readonly why: string }
  /** The system said no; `code` is the system's. */
  | { readonly kind: 'failed'; readonly code: string; readonly why: string };

export type FragmentRead = { readonly kind: 'ok' } | FragmentFailure;
export type FragmentCheck =
  | { readonly kind: 'ok'; readonly header: FragmentHeader; readonly bytes: Uint8Array }
  | FragmentFailure;

export interface FragmentReaderParts {
  readonly fileSystem: FileSystem;
  readonly kernel: Kernel;
  readonly clusterId: Uint8Array;
  /** Memory for checks; the reader's own when absent. */
  readonly scratch?: Scratch;
}

const ok: FragmentRead = { kind: 'ok' };

export class FragmentReader {
  readonly #kernel: Kernel;
  readonly #clusterId: Uint8Array;
  readonly #volumes: OpenVolumes;
  readonly #scratch: Scratch;
  readonly #header = new Uint8Array(fragmentHeaderBytes);

  constructor({ fileSystem, kernel, clusterId, scratch }: FragmentReaderParts) {
    this.#scratch = scratch ?? new Scratch();
    this.#kernel = kernel;
    this.#clusterId = clusterId;
    this.#volumes = new OpenVolumes(fileSystem);
  }

  /**
   * Reads bytes [from, to) of the fragment's data to target[targetOffset ...] and verifies them.
   * `from` is the start of a block, `to` the end of one. Unless the result is `ok`, the bytes in
   * the target mean nothing.
   */
  read(
    place: ReadPlace,
    expected: ExpectedFragment,
    range: { readonly from: number; readonly to: number },
    target: Uint8Array,
    targetOffset: number,
  ): FragmentRead {
    return this.#guarded(place, 'read', () => {
      const { from, to } = range;
      const data = target.subarray(targetOffset, targetOffset + to - from);
      const came = this.#volumes.use(place.path, 'read', ({ handle }) => {
        if (from === 0) return readVectorWhole(handle, [this.#header, data], place.offset);
        const header = readWhole(handle, this.#header, fragmentHeaderBytes, place.offset);
        const start = place.offset + fragmentHeaderBytes + from;
        return header + readWhole(handle, data, data.length, start);
      });
      if (came < fragmentHeaderBytes + data.length)
        return damaged('the volume ends before it does');
      const header = this.#expectedHeader(this.#header, expected);
      if (header.kind !== 'valid') return header;
      const block = damagedBlock(
        this.#kernel,
        this.#header,
        0,
        { bytes: target, at: targetOffset },
        range,
      );
      return block < 0 ? ok : damaged(`block ${block} has another checksum`);
    });
  }

  /**
   * Reads the whole fragment past the system's cache and verifies all of it, the zeros at its end
   * included. The bytes (header and data) stay what they are until the next call.
   */
  check(place: ReadPlace, expected: ExpectedFragment): FragmentCheck {
    return this.#guarded(place, 'check', () => this.checkOrThrow(place, expected));
  }

  /**
   * check for whoever must tell a bad spot from a bad device: throws the system's errors but EIO.
   */
  checkOrThrow(place: ReadPlace, expected: ExpectedFragment): FragmentCheck {
    const scratch = this.#scratch.take(alignUp(place.bytes, limits.blockBytes));
    const isWhole = this.#volumes.use(place.path, 'check', ({ handle }) =>
      readDamaged(handle, scratch, scratch.length, place.offset),
    );
    if (!isWhole) return damaged('it cannot be read whole');
    const found = this.#expectedHeader(scratch, expected);
    if (found.kind !== 'valid') return found;
    const { header } = found;
    if (fragmentFootprint(header.bytes) !== place.bytes) {
      return { kind: 'absent', why: `a fragment of ${header.bytes} bytes lies there` };
    }
    const problem = wholeFragmentProblem(this.#kernel, scratch, 0, header.bytes);
    return problem === null ? { kind: 'ok', header, bytes: scratch } : damaged(problem);
  }

  close(): void {
    this.#volumes.close();
  }

  #expectedHeader(
    bytes: Uint8Array,
    expected: ExpectedFragment,
  ): { readonly kind: 'valid'; readonly header: FragmentHeader } | FragmentFailure {
    const decoded = decodeFragment(this.#kernel, bytes, 0);
    if (decoded.kind === 'bad') return damaged('its header fails its checksum');
    if (decoded.kind === 'newer') {
      const why = `its format is ${decoded.version}; open it with a newer Themis`;
      return { kind: 'failed', code: 'THEMIS_FORMAT_NEWER', why };
    }
    const { header } = decoded;
    const named =
      header.blob === expected.blob &&
      header.stripe === expected.stripe &&
      header.number === expected.number;
    if (!named) {
      const name = `fragment ${header.number} of stripe ${header.stripe} of blob ${header.blob}`;
      return { kind: 'absent', why: `${name} lies there` };
    }
    if (Buffer.compare(header.clusterId, this.#clusterId) !== 0) {
      return { kind: 'absent', why: 'a fragment of another cluster lies there' };
    }
    if (header.digest !== expected.digest) {
      return { kind: 'absent', why: 'a fragment of that name with another digest lies there' };
    }
    return { kind: 'valid', header };
  }

  /** A file that was open may not be the one that has the name now: then it is opened again. */
  #guarded<T extends { readonly kind: string }>(
    place: ReadPlace,
    use: VolumeUse,
    read: () => T | FragmentFailure,
  ): T | FragmentFailure {
    const wasOpen = this.#volumes.has(place.path, use);
    const result = this.#caught(place, read);
    if (result.kind === 'ok' || !wasOpen) return result;
    this.#volumes.forget(place.path);
    return this.#caught(place, read);
  }

  #caught<T>(place: ReadPlace, read: () => T | FragmentFailure): T | FragmentFailure {
    try {
      return read();
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined || code === 'THEMIS_ASSERTION') throw error;
      return { kind: 'failed', code, why: `${place.path} cannot be read (${messageOf(error)})` };
    }
  }
}

/**
 * What is wrong with a fragment that lies whole at `at`, behind a header that is sound and says so
 * many bytes of data; null when nothing is.
 */
export function wholeFragmentProblem(
  kernel: Kernel,
  source: Uint8Array,
  at: number,
  bytes: number,
): string | null {
  const start = at + fragmentHeaderBytes;
  const data = { bytes: source, at: start };
  const block = damagedBlock(kernel, source, at, data, { from: 0, to: bytes });
  if (block >= 0) return `block ${block} has another checksum`;
  for (let end = start + bytes; end < at + fragmentFootprint(bytes); end++) {
    if (source[end] !== 0) return 'the zeros at its end are none';
  }
  return null;
}

function damaged(why: string): FragmentFailure {
  return { kind: 'damaged', why };
}
