/** The iterator: what it fetches and when, on a cursor that tells what it was asked. */
import { AbstractLevel } from 'abstract-level';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisIterator } from '../../src/engine/iterator.js';
import type { IteratorOptions } from '../../src/engine/level-options.js';
import type { StoreCursor } from '../../src/engine/store-cursor.js';
import { BlobReference, type StoredValue } from '../../src/metadata/index.js';

const both = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;

/** The bytes of a blob are its manifest's, in these tests. */
async function readBlob(reference: BlobReference): Promise<Buffer> {
  return Buffer.concat([Buffer.from('whole '), reference.manifest]);
}

/** A database whose iterators are over a cursor that the test gave it. */
class LevelOverCursor extends AbstractLevel<Uint8Array, Uint8Array, Uint8Array> {
  readonly #cursor: StoreCursor;

  constructor(cursor: StoreCursor) {
    super({ encodings: { buffer: true }, seek: true, signals: { iterators: true } }, both);
    this.#cursor = cursor;
  }

  _iterator(options: IteratorOptions): ThemisIterator<this> {
    return new ThemisIterator(this, options, this.#cursor, readBlob);
  }
}

class CountingCursor implements StoreCursor {
  readonly asked: number[] = [];
  readonly sought: string[] = [];
  closed = 0;
  #next = 0;
  readonly #count: number;
  readonly #onFetch: () => void;

  constructor(count: number, onFetch: () => void = () => undefined) {
    this.#count = count;
    this.#onFetch = onFetch;
  }

  async nextv(count: number): Promise<[Uint8Array, StoredValue][]> {
    this.asked.push(count);
    this.#onFetch();
    const size = Math.min(count, this.#count - this.#next);
    return Array.from({ length: size }, () => {
      const name = `${this.#next++}`;
      return [Buffer.from(`k${name}`), Buffer.from(`v${name}`)];
    });
  }

  seek(target: Uint8Array): void {
    this.sought.push(Buffer.from(target).toString());
    this.#next = Number(Buffer.from(target).toString().slice(1));
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

async function iteratorOver(
  cursor: StoreCursor,
  options: { keys?: boolean; values?: boolean; largeValues?: boolean; signal?: AbortSignal } = {},
) {
  const db = new LevelOverCursor(cursor);
  await db.open();
  return db.iterator(options);
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

test('one entry is fetched first, then many; all come in order and then none', async () => {
  const cursor = new CountingCursor(2500);
  const iterator = await iteratorOver(cursor);
  const found: (string | undefined)[] = [];
  for (let entry = await iterator.next(); entry !== undefined; entry = await iterator.next()) {
    found.push(text(entry[0]));
  }
  assert.equal(
    found,
    Array.from({ length: 2500 }, (_, i) => `k${i}`),
  );
  assert.is(cursor.asked[0], 1);
  assert.ok(cursor.asked.length <= 6, `${cursor.asked.length} fetches`);
  await iterator.close();
  assert.is(cursor.closed, 1);
});

test('nextv gives first what next has fetched ahead, and loses nothing between', async () => {
  const iterator = await iteratorOver(new CountingCursor(30));
  const names: (string | undefined)[] = [];
  const take = (entries: readonly [Uint8Array | undefined, unknown][]): void => {
    for (const [key] of entries) names.push(text(key));
  };
  for (const entry of [await iterator.next(), await iterator.next()]) {
    if (entry !== undefined) take([entry]);
  }
  for (let part = await iterator.nextv(7); part.length > 0; part = await iterator.nextv(7)) {
    assert.ok(part.length <= 7);
    take(part);
  }
  assert.equal(
    names,
    Array.from({ length: 30 }, (_, i) => `k${i}`),
  );
  await iterator.close();
});

test('a seek forgets what was fetched ahead', async () => {
  const cursor = new CountingCursor(100);
  const iterator = await iteratorOver(cursor);
  await iterator.next();
  await iterator.next();
  iterator.seek(Buffer.from('k50'));
  const [key, value] = (await iterator.next()) ?? [];
  assert.equal([text(key), text(value)], ['k50', 'v50']);
  assert.equal(cursor.sought, ['k50']);
  assert.is(cursor.asked.at(-1), 1, 'after a seek, one entry may be all that is wanted');
  await iterator.close();
});

test('keys or values that nobody wants are not handed out', async () => {
  const keys = await iteratorOver(new CountingCursor(2), { values: false });
  const [key, none] = (await keys.next()) ?? [];
  assert.equal([text(key), none], ['k0', undefined]);
  const values = await iteratorOver(new CountingCursor(2), { keys: false });
  const [nothing, value] = (await values.next()) ?? [];
  assert.equal([nothing, text(value)], [undefined, 'v0']);
  await keys.close();
  await values.close();
});

test('values that lie on devices are left out where nobody wants them', async () => {
  const left: [Uint8Array, StoredValue][] = [
    [Buffer.from('a'), Buffer.from('small')],
    [Buffer.from('b'), new BlobReference(Buffer.from('large'))],
  ];
  const cursor: StoreCursor = {
    nextv: async (count) => left.splice(0, count),
    seek: () => undefined,
    close: async () => undefined,
  };
  const iterator = await iteratorOver(cursor, { largeValues: false });
  const found = await iterator.all();
  assert.equal(
    found.map(([, value]) => text(value)),
    ['small', undefined],
  );
  await iterator.close();
});

test('an abort ends the fetch that is under way and every later one, as AbortError', async () => {
  const controller = new AbortController();
  const reason = new RangeError('enough');
  const cursor = new CountingCursor(10, () => controller.abort(reason));
  const iterator = await iteratorOver(cursor, { signal: controller.signal });
  for (let round = 0; round < 2; round++) {
    const error = await iterator.nextv(5).then(
      () => null,
      (thrown: Error & { code?: string }) => thrown,
    );
    assert.equal([error?.name, error?.code], ['AbortError', 'LEVEL_ABORTED']);
  }
  assert.is(cursor.asked.length, 1);
  await iterator.close();
});

test('values that lie on devices are brought when they are handed out, and only then', async () => {
  const asked: string[] = [];
  const cursor: StoreCursor = {
    nextv: async (count) =>
      asked.push(`nextv ${count}`) > 1
        ? []
        : [
            [Buffer.from('a'), Buffer.from('small')],
            [Buffer.from('b'), new BlobReference(Buffer.from('large'))],
          ],
    seek: () => undefined,
    close: async () => undefined,
  };
  const iterator = await iteratorOver(cursor);
  const entries = (await iterator.nextv(5)) as [Uint8Array, Uint8Array][];
  assert.equal(
    entries.map((entry) => entry.map(String)),
    [
      ['a', 'small'],
      ['b', 'whole large'],
    ],
  );
  await iterator.close();
});

test.run();
