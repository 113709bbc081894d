/**
 * A workload on a store that follows from a seed: puts, deletes, overwrites and batches, one to
 * four at once, with snapshots of the state (and truncation of the log behind them), readers at old
 * versions, and reopening between them. It checks what it reads, and its model knows at every
 * moment what was acknowledged.
 */
import { assert, isThemisError, type ThemisError } from '../../src/base/index.js';
import type { FileSystem, RandomStream } from '../../src/io/index.js';
import { seededRandom } from '../../src/io/index.js';
import {
  bytesOf,
  contentsOf,
  finished,
  type Machine,
  type OpenedStore,
  openOn,
  type SmallOptions,
  textOf,
  wholeOf,
} from './memory-machine.js';
import { type Change, type Contents, StoreModel, sameContents } from './store-model.js';

const keyCount = 40;
const valueBytesMax = 1400;

/** What a write is refused with before the log hears of it. */
const refusals: ReadonlySet<string> = new Set([
  'THEMIS_DISK_FULL',
  'THEMIS_DEVICES_TOO_FEW',
  'THEMIS_DEVICE_FAILED',
  'THEMIS_DEVICE_FULL',
]);

export interface StoreWorkloadOptions {
  readonly store?: SmallOptions | undefined;
  readonly seed: number;
  readonly operations: number;
  /** How many commands of a hundred nearly fill a segment. Default 3. */
  readonly longPercent?: number;
  /** Writes under way at once, at most. Default 4. */
  readonly atOnce?: number;
  /** Called after each operation, with nothing under way. */
  readonly between?: () => Promise<void>;
}

interface OldVersion {
  readonly version: number;
  readonly contents: Contents;
}

export class StoreWorkload {
  readonly model = new StoreModel();
  /** Typed errors that operations ended with. */
  readonly errors: ThemisError[] = [];
  readonly #options: StoreWorkloadOptions;
  readonly #random: RandomStream;
  readonly #machine: Machine;
  readonly #fileSystem: FileSystem;
  #opened: OpenedStore | null = null;
  #old: OldVersion | null = null;
  #serial = 0;

  constructor(machine: Machine, fileSystem: FileSystem, options: StoreWorkloadOptions) {
    this.#machine = machine;
    this.#fileSystem = fileSystem;
    this.#options = options;
    this.#random = seededRandom(options.seed).stream('store');
  }

  /** Runs to the end, or until the store has failed; a failure that is not typed is thrown. */
  async run(): Promise<void> {
    try {
      await this.#open();
      for (let i = 0; i < this.#options.operations && !this.#hasFailed(); i++) {
        await this.#step();
        await this.#options.between?.();
      }
      await this.#close();
    } catch (error) {
      this.#note(error);
      await this.#giveUp();
    }
    await this.#options.between?.();
  }

  async #step(): Promise<void> {
    const { store, backend } = this.#store();
    const dice = this.#random.below(100);
    if (dice < 86) await this.#write();
    else if (dice < 90) await this.#during(store.takeSnapshot());
    else if (dice < 94) await this.#during(Promise.resolve(backend.tick()));
    else if (dice < 97) await this.#readOld();
    else await this.#reopen();
    if (this.#random.chance(0.1)) await this.#readAll();
  }

  /** Some writes while something else happens. */
  async #during(work: Promise<unknown>): Promise<void> {
    const noted = work.catch((error: unknown) => this.#note(error));
    await this.#write();
    await finished(noted, () => this.#store().backend.tick());
  }

  async #write(): Promise<void> {
    const writes: Promise<void>[] = [];
    const atOnce = this.#options.atOnce ?? 4;
    for (let i = 1 + this.#random.below(atOnce); i > 0; i--) writes.push(this.#writeOne());
    await finished(Promise.all(writes), () => this.#store().backend.tick());
  }

  async #writeOne(): Promise<void> {
    const { store } = this.#store();
    const command = this.#command();
    const entry = this.model.call(command);
    try {
      const [first] = command;
      if (command.length > 1 || first === undefined) await store.write(command.map(operationOf));
      else if (first.value === null) await store.delete(bytesOf(first.key));
      else await store.put(bytesOf(first.key), bytesOf(first.value));
      this.model.acknowledge(entry);
    } catch (error) {
      if (isThemisError(error) && refusals.has(error.code)) this.model.refuse(entry);
      this.#note(error);
    }
  }

  #command(): Change[] {
    if (this.#random.below(100) < (this.#options.longPercent ?? 3)) {
      return Array.from({ length: 6 }, () => this.#change(6000 + this.#random.below(3000)));
    }
    const changes = this.#random.chance(0.75) ? 1 : 2 + this.#random.below(6);
    return Array.from({ length: changes }, () => this.#change(this.#random.below(valueBytesMax)));
  }

  #change(length: number): Change {
    const key = `key-${this.#random.below(keyCount)}`;
    if (this.#random.chance(0.2)) return { key, value: null };
    const filler = this.#random.chance(0.2) ? '\0' : 'x';
    return { key, value: `${this.#serial++}:${filler.repeat(length)}` };
  }

  async #readAll(): Promise<void> {
    const { store, backend } = this.#store();
    const { acknowledged, open } = this.model.promised();
    // After a failure the outcome of what was open is unknown.
    if (open.length > 0 || this.#hasFailed()) return;
    for (const [key, value] of acknowledged) {
      assert(textOf(store.getSync(bytesOf(key))) === value, `${key} reads as acknowledged`);
    }
    const found = await finished(contentsOf(store), () => backend.tick());
    assert(sameContents(found, acknowledged), 'a scan finds what was acknowledged');
  }

  /** Takes a version, or looks whether the one that was taken still reads as it did. */
  async #readOld(): Promise<void> {
    const { store, backend } = this.#store();
    const old = this.#old;
    if (old === null) {
      const { acknowledged, open } = this.model.promised();
      if (open.length > 0) return;
      this.#old = { version: store.acquireSnapshot(), contents: acknowledged };
      return;
    }
    const cursor = store.iterate({}, old.version);
    const found = new Map<string, string>();
    for (;;) {
      const entries = await finished(cursor.nextv(50), () => backend.tick());
      if (entries.length === 0) break;
      for (const [key, value] of entries) {
        found.set(textOf(key), textOf(await wholeOf(store, value)));
      }
    }
    await cursor.close();
    assert(sameContents(found, old.contents), 'an old version reads as it did');
    store.releaseSnapshot(old.version);
    this.#old = null;
  }

  async #reopen(): Promise<void> {
    await this.#close();
    await this.#open();
  }

  async #open(): Promise<void> {
    this.#opened = await openOn(this.#machine, this.#options.store, this.#fileSystem);
    this.model.adopt(await contentsOf(this.#opened.store));
  }

  async #close(): Promise<void> {
    const { store, backend } = this.#store();
    this.#opened = null;
    this.#old = null;
    await finished(store.close(), () => backend.tick());
  }

  async #giveUp(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    if (opened === null) return;
    await finished(
      opened.store.close().catch((error: unknown) => this.#note(error)),
      () => opened.backend.tick(),
    );
  }

  #store(): OpenedStore {
    assert(this.#opened !== null, 'the store is open');
    return this.#opened;
  }

  #hasFailed(): boolean {
    return this.#store().store.health().verdict === 'failed';
  }

  /** Errors are typed, and none says that Themis itself is wrong. */
  #note(error: unknown): void {
    if (!isThemisError(error) || error.code === 'THEMIS_ASSERTION') throw error;
    this.errors.push(error);
  }
}

function operationOf({ key, value }: Change) {
  if (value === null) return { type: 'del', key: bytesOf(key) } as const;
  return { type: 'put', key: bytesOf(key), value: bytesOf(value) } as const;
}
