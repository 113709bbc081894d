/** An explicit snapshot: reads at the version that was committed when it was taken. */
import { AbstractSnapshot } from 'abstract-level';
import { ThemisError } from '../base/index.js';
import type { Store } from './store.js';

/** abstract-level's types leave out the constructor's options. */
const Snapshot: new (options: { owner: unknown }) => AbstractSnapshot = AbstractSnapshot;

export class ThemisSnapshot extends Snapshot {
  /** Reads see every write up to this version and none after it. */
  readonly version: number;
  readonly #store: Store;

  constructor(options: { owner: unknown }, store: Store) {
    // First, because it may fail: what the superclass has registered will be closed.
    const version = store.acquireSnapshot();
    super(options);
    this.#store = store;
    this.version = version;
  }

  /** The version for reads of `store`. Throws THEMIS_CONFIG_INVALID for another database's. */
  versionIn(store: object): number {
    if (store === this.#store) return this.version;
    const message = 'The option snapshot is of another database; take one of this database.';
    throw new ThemisError('THEMIS_CONFIG_INVALID', message);
  }

  async _close(): Promise<void> {
    this.#store.releaseSnapshot(this.version);
  }
}
