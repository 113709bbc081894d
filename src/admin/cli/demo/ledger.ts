/**
 * The oracle of the demo: what was acknowledged, kept apart from the engine.
 *
 * Invariants:
 * - A key enters only after its write was acknowledged.
 * - What was in flight at a crash may be old or new; whichever is found then must stay.
 * - A copy on disk (`sha-256  key` a line, later lines win, `deleted  key` too) lies outside the
 *   engine's folder, so that anybody can check it with other tools.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from '../../../io/index.js';
import type { Store } from '../store.js';

/** The digest of a value, or null for "not there". */
export type Digest = string | null;

interface Entry {
  /** What may be found; one digest, except for a key that was in flight at a crash. */
  acceptable: readonly Digest[];
  checkedIn: number;
}

export interface Verification {
  readonly keys: number;
  readonly bytes: number;
  readonly durationMs: number;
  /** One sentence for each key that is lost, wrong, or was never written. */
  readonly faults: readonly string[];
}

const faultsMax = 10;
const copyBytes = 64 * 1024;

export function digestOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #copy: FileHandle;
  #copyLength = 0;
  #copyLines: string[] = [];
  #copyWaiting = 0;
  #round = 0;
  #unsettled = 0;

  constructor(copy: FileHandle) {
    this.#copy = copy;
  }

  /** Keys that must be there. */
  get size(): number {
    let count = 0;
    for (const { acceptable } of this.#entries.values()) if (!acceptable.includes(null)) count++;
    return count;
  }

  /** Keys of which the last crash leaves open whether they are old or new. */
  get unsettled(): number {
    return this.#unsettled;
  }

  keys(): string[] {
    return [...this.#entries].filter(([, one]) => one.acceptable[0] !== null).map(([key]) => key);
  }

  /** What the last acknowledged write left: null when deleted or never written. */
  last(key: string): Digest {
    return this.#entries.get(key)?.acceptable[0] ?? null;
  }

  acknowledged(key: string, digest: Digest): void {
    this.#entries.set(key, { acceptable: [digest], checkedIn: this.#round });
    this.#append(key, digest);
  }

  /** A write of this key was under way when its process was killed. */
  inFlight(key: string, digest: Digest): void {
    const acceptable = [this.last(key), digest];
    this.#entries.set(key, { acceptable, checkedIn: this.#round });
    this.#unsettled++;
  }

  /** Compares one value that was read. Null means that it is what must be there. */
  check(key: string, found: Digest): string | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return found === null ? null : `${key} was never written`;
    entry.checkedIn = this.#round;
    if (entry.acceptable.includes(found)) {
      this.#settle(key, entry, found);
      return null;
    }
    if (found === null) return `${key} is lost`;
    return `${key} has a wrong value`;
  }

  /** Reads everything there is and compares all of it: nothing lost, wrong, or made up. */
  async verify(
    store: Store,
    now: () => number,
    onProgress: (keys: number, bytes: number) => void,
  ): Promise<Verification> {
    const startedAt = now();
    const faults: string[] = [];
    const note = (fault: string | null): void => {
      if (fault !== null && faults.length < faultsMax) faults.push(fault);
    };
    this.#round++;
    let keys = 0;
    let bytes = 0;
    for await (const [key, value] of store.scan({})) {
      note(this.check(Buffer.from(key).toString('utf8'), digestOf(value)));
      keys++;
      bytes += value.length;
      onProgress(keys, bytes);
    }
    for (const [key, entry] of this.#entries) {
      if (entry.checkedIn !== this.#round) note(this.check(key, null));
    }
    return { keys, bytes, durationMs: now() - startedAt, faults };
  }

  /** Writes what waits into the copy and closes it. */
  close(): void {
    this.#flush();
    this.#copy.close();
  }

  #settle(key: string, entry: Entry, found: Digest): void {
    if (entry.acceptable.length === 1) return;
    entry.acceptable = [found];
    this.#unsettled--;
    this.#append(key, found);
  }

  #append(key: string, digest: Digest): void {
    const line = `${digest ?? 'deleted'}  ${key}\n`;
    this.#copyLines.push(line);
    this.#copyWaiting += line.length;
    if (this.#copyWaiting >= copyBytes) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#copyLines.join(''));
    this.#copyLines = [];
    this.#copyWaiting = 0;
    for (let done = 0; done < bytes.length; ) {
      done += this.#copy.write(bytes, done, bytes.length - done, this.#copyLength + done);
    }
    this.#copyLength += bytes.length;
  }
}
