/** The options that abstract-level passes to the private API, after it encoded keys and ranges. */
import type { AbstractSnapshot } from 'abstract-level';

export interface ReadOptions {
  /** An explicit snapshot; reads are at its version in the store that it was taken of. */
  readonly snapshot?: AbstractSnapshot & { versionIn(store: object): number };
}

/** A range of encoded keys; bounds as in abstract-level. */
export interface KeyRange {
  readonly gte?: Uint8Array;
  readonly gt?: Uint8Array;
  readonly lte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly reverse?: boolean;
}

export interface ClearOptions extends KeyRange, ReadOptions {
  readonly limit?: number;
}

export interface IteratorOptions extends KeyRange, ReadOptions {
  readonly keys: boolean;
  readonly values: boolean;
  /** False: values that lie on devices are not read; they come as undefined. Default true. */
  readonly largeValues?: boolean;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}
