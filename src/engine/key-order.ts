/**
 * Keeps the writes of one key in the order of their calls. A large value takes a while to reach the
 * devices before its name is proposed; a write to the same key that is called meanwhile waits for
 * it, and one to another key does not. Nothing is kept, and nothing costs, while no large value is
 * under way.
 */
export class KeyOrder {
  /** The last write under way of each key that a large value is written to. */
  readonly #last = new Map<string, Promise<void>>();

  get isEmpty(): boolean {
    return this.#last.size === 0;
  }

  /** Resolves when no write of these keys is under way; null when none is. */
  before(keys: readonly Uint8Array[]): Promise<unknown> | null {
    if (this.#last.size === 0) return null;
    const waited = keys.flatMap((key) => this.#last.get(nameOf(key)) ?? []);
    return waited.length === 0 ? null : Promise.all(waited);
  }

  /** A write of these keys is under way until `ended` resolves; it never rejects. */
  enter(keys: readonly Uint8Array[], ended: Promise<void>): void {
    const names = keys.map(nameOf);
    for (const name of names) this.#last.set(name, ended);
    void ended.then(() => {
      for (const name of names) if (this.#last.get(name) === ended) this.#last.delete(name);
    });
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
