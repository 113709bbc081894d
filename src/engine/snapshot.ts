/** An explicit snapshot: reads at the version that was committed when it was taken. */
import { AbstractSnapshot } from 'abstract-level';
import type { Store } from './store.js';

/** abstract-level's types leave out the constructor's options. */
const Snapshot: new (options: { owner: unknown }) => AbstractSnapshot = AbstractSnapshot;

export class ThemisSnapshot extends Snapshot {
  /** Reads see every write up to this version and none after it. */
  readonly version: number;
  readonly #store: Store;

  constructor(options: { owner: unknown }, store: Store) {
    super(options);
    this.#store = store;
    this.version = store.acquireSnapshot();
  }

  async _close(): Promise<void> {
    this.#store.releaseSnapshot(this.version);
  }
}
