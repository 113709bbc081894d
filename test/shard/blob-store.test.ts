/**
 * Large values as a whole: what is written is read, whatever is lost up to the parity, and never
 * anything else; what is not named is collected, what is needed is kept.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fragmentHeaderBytes } from '../../src/device/fragment.js';
import {
  type Fixture,
  fixture,
  manifestOf,
  put,
  randomValue,
  rejection,
  small,
  twoStripes,
} from './blob-fixture.js';

test('values of many lengths come back, by read, by readSync and in a stream', async () => {
  const { store } = fixture();
  for (const length of [0, 1, 63, 64, 65, 256, 65_535, small, 4 << 20, (4 << 20) + 1, twoStripes]) {
    const value = randomValue(length, length + 1);
    const manifest = await put(store, value);
    const what = `${length} bytes`;
    assert.ok((await store.read(manifest)).equals(value), what);
    assert.ok(store.readSync(manifest).equals(value), what);
    const chunks: Buffer[] = [];
    for await (const chunk of store.readStream(manifest)) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(value), what);
  }
  await store.close();
});

/** All sets of fragments of 4 + 2, as bits. */
const patterns = Array.from({ length: 1 << 6 }, (_, bits) =>
  [0, 1, 2, 3, 4, 5].filter((number) => (bits >>> number) & 1),
);

/** The ways in which a fragment can be lost. */
const losses: Record<string, (fixture: Fixture, blob: number, number: number) => void> = {
  'is not in the index': ({ devices }, blob, number) => devices.lose(blob, 0, number),
  'is on a failed device': ({ devices }, blob, number) => {
    devices.fail(devices.locate(blob, 0, number)?.device ?? 0);
  },
  'has a bit flipped in its data': ({ devices }, blob, number) => {
    devices.damage(blob, 0, number, fragmentHeaderBytes + 77);
  },
  'has a bit flipped in its header': ({ devices }, blob, number) => {
    devices.damage(blob, 0, number, 100);
  },
};

for (const [how, lose] of Object.entries(losses)) {
  test(`every pattern of 4 + 2 whose fragments each ${how}`, async () => {
    const value = randomValue(small);
    const all = fixture();
    const { store, devices, damages } = all;
    for (const pattern of patterns) {
      devices.heal();
      damages.length = 0;
      const manifest = await put(store, value);
      const { blob } = manifestOf(manifest);
      for (const number of pattern) lose(all, blob, number);
      const what = `lost ${pattern.join(' ')}`;
      if (pattern.length <= 2) {
        assert.ok((await store.read(manifest)).equals(value), what);
        assert.ok(store.readSync(manifest).equals(value), what);
      } else {
        assert.is(await rejection(store.read(manifest)), 'THEMIS_BLOB_LOST', what);
        const sync = rejection(Promise.resolve().then(() => store.readSync(manifest)));
        assert.is(await sync, 'THEMIS_BLOB_LOST', what);
      }
      // Parity is read only when data is lost.
      const isMet = how.startsWith('has') && pattern.some((number) => number < 4);
      assert.is(damages.length > 0, isMet, what);
    }
    await store.close();
  });
}

test('up to m fragments lost in different ways at once, in every choice of ways', async () => {
  const value = randomValue(small);
  const ways = Object.values(losses);
  const all = fixture();
  for (const [first, loseFirst] of ways.entries()) {
    for (const [second, loseSecond] of ways.entries()) {
      for (const [a, b] of [
        [0, 1],
        [1, 3],
        [2, 5],
        [4, 5],
      ] as const) {
        all.devices.heal();
        const manifest = await put(all.store, value);
        const { blob } = manifestOf(manifest);
        loseFirst(all, blob, a);
        loseSecond(all, blob, b);
        const bytes = await all.store.read(manifest);
        assert.ok(bytes.equals(value), `${a} in way ${first}, ${b} in way ${second}`);
      }
    }
  }
});

test('the error of a lost value names blob, stripe, fragments and devices', async () => {
  const all = fixture();
  const manifest = await put(all.store, randomValue(twoStripes));
  const { blob } = manifestOf(manifest);
  const device = all.devices.locate(blob, 1, 4)?.device;
  all.devices.lose(blob, 1, 0);
  all.devices.lose(blob, 1, 2);
  all.devices.damage(blob, 1, 4);
  let message = '';
  try {
    await all.store.read(manifest);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.match(message, `Blob ${blob}`);
  assert.match(message, 'stripe 1');
  assert.match(message, 'fragment 0 is on no usable device');
  assert.match(message, 'fragment 2 is on no usable device');
  assert.match(message, `fragment 4 on device ${device} is damaged`);
  assert.is(all.store.readSync(await put(all.store, randomValue(9))).length, 9);
});

test('a sound fragment of another stripe, blob or writing in its place is not taken', async () => {
  const all = fixture();
  const { store, devices } = all;
  const value = randomValue(twoStripes);
  const manifest = await put(store, value);
  const { blob } = manifestOf(manifest);
  const other = await put(store, randomValue(twoStripes, 2));
  const otherBlob = manifestOf(other).blob;
  devices.overwrite({ blob, stripe: 0, number: 1 }, devices.bytesOf(otherBlob, 0, 1));
  devices.overwrite({ blob, stripe: 1, number: 0 }, devices.bytesOf(blob, 0, 0).slice(0, 266_240));
  assert.ok((await store.read(manifest)).equals(value));
  assert.equal(all.damages.map(({ stripe, number, kind }) => [stripe, number, kind]).sort(), [
    [0, 1, 'absent'],
    [1, 0, 'absent'],
  ]);
});

test('the digest of the manifest decides: sound ones of another writing are none', async () => {
  // Both are blob 1 of session 1 and sound; only the bytes, and so the digests, differ.
  const old = fixture();
  const now = fixture();
  const value = randomValue(small, 2);
  await put(old.store, randomValue(small, 1));
  const manifest = await put(now.store, value);
  const { blob } = manifestOf(manifest);
  for (const number of [0, 3]) {
    now.devices.overwrite({ blob, stripe: 0, number }, old.devices.bytesOf(blob, 0, number));
  }
  assert.ok((await now.store.read(manifest)).equals(value));
  assert.is(now.damages.length, 2);
});

test('ranges read what a slice of the value has, healthy and degraded', async () => {
  const { store, devices } = fixture();
  const value = randomValue(twoStripes + 12_345);
  const manifest = await put(store, value);
  const { blob } = manifestOf(manifest);
  const limit = value.length + 1_000;
  const inRange = fc.asyncProperty(fc.nat(limit), fc.nat(limit), async (a, b) => {
    const [start, end] = [Math.min(a, b), Math.max(a, b)];
    const slice = value.subarray(start, end);
    assert.ok((await store.readRange(manifest, { start, end })).equals(slice), `${start} ${end}`);
    const chunks: Buffer[] = [];
    for await (const chunk of store.readStream(manifest, { start, end })) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(slice), `${start} ${end} streamed`);
  });
  await fc.assert(inRange, { numRuns: 25 });
  devices.damage(blob, 0, 2);
  devices.lose(blob, 1, 0);
  devices.lose(blob, 1, 1);
  await fc.assert(inRange, { numRuns: 25 });
});

test('a fragment that moved since the plan is looked for again, and is no damage', async () => {
  const all = fixture();
  const { store, devices } = all;
  const value = randomValue(small);
  const manifest = await put(store, value);
  const { blob } = manifestOf(manifest);
  const read = store.read(manifest);
  // The plan is made in a microtask of the read; every fragment moves right behind it.
  await Promise.resolve();
  for (let number = 0; number < 6; number++) devices.move(blob, 0, number);
  assert.ok((await read).equals(value));
  assert.is(all.damages.length, 0);
});

test('garbage is collected by proof: named blobs and those of this session stay', async () => {
  const { store, devices } = fixture();
  const named = await store.write(new Uint8Array(1), randomValue(small));
  store.settle(named, 'committed');
  // Durable, but the process dies before the log has the name.
  const unnamed = await store.write(new Uint8Array(1), randomValue(small));
  assert.is(
    await store.collectGarbage((blob) => blob === named.blob),
    0,
    'nothing of this session',
  );
  await store.close();

  const later = fixture({ devices });
  const isNamed = (blob: number) => blob === named.blob;
  assert.is(await later.store.collectGarbage(isNamed), 1);
  assert.equal(devices.blobs, [named.blob]);
  assert.ok(!devices.blobs.includes(unnamed.blob));
  const fresh = await later.store.write(new Uint8Array(1), randomValue(small));
  assert.ok(fresh.blob > unnamed.blob, 'names are never used twice');
  assert.is(await later.store.collectGarbage(isNamed), 0, 'a write under way is none');
  assert.ok((await later.store.read(named.manifest)).length === small);
});

test('a blob that died stays while it is pinned, and goes with the last pin', async () => {
  const { store, devices } = fixture();
  const draft = await store.write(new Uint8Array(1), randomValue(small));
  store.settle(draft, 'committed');
  store.pin(draft.blob);
  store.pin(draft.blob);
  store.died([draft]);
  store.unpin(draft.blob);
  assert.is((await store.read(draft.manifest)).length, small);
  store.unpin(draft.blob);
  assert.equal(devices.blobs, []);
  assert.is(await rejection(store.read(draft.manifest)), 'THEMIS_BLOB_LOST');
});

test('a blob that dies while it is read or streamed is read to its end', async () => {
  const { store, devices } = fixture();
  const value = randomValue(twoStripes);
  const draft = await store.write(new Uint8Array(1), value);
  store.settle(draft, 'committed');
  const read = store.read(draft.manifest);
  store.died([draft]);
  assert.ok((await read).equals(value));
  assert.equal(devices.blobs, []);

  const second = await store.write(new Uint8Array(1), value);
  store.settle(second, 'committed');
  const chunks: Buffer[] = [];
  for await (const chunk of store.readStream(second.manifest)) {
    store.died([second]);
    chunks.push(chunk);
  }
  assert.ok(Buffer.concat(chunks).equals(value));
  assert.equal(devices.blobs, []);
});

test('every mode keeps what it promises: NONE nothing, MIRROR all copies but one', async () => {
  const value = randomValue(small);
  const none = fixture({ code: { data: 1, parity: 0 } });
  const alone = await put(none.store, value);
  assert.ok((await none.store.read(alone)).equals(value));
  none.devices.damage(manifestOf(alone).blob, 0, 0);
  assert.is(await rejection(none.store.read(alone)), 'THEMIS_BLOB_LOST');

  for (let kept = 0; kept < 3; kept++) {
    const mirror = fixture({ code: { data: 1, parity: 2 } });
    const manifest = await put(mirror.store, value);
    const { blob } = manifestOf(manifest);
    for (let copy = 0; copy < 3; copy++) if (copy !== kept) mirror.devices.damage(blob, 0, copy);
    assert.ok((await mirror.store.read(manifest)).equals(value), `copy ${kept} is left`);
  }
});

test('a closed store refuses everything; closing twice does nothing more', async () => {
  const { store } = fixture();
  const manifest = await put(store, randomValue(small));
  await store.close();
  await store.close();
  assert.is(await rejection(store.read(manifest)), 'THEMIS_CLOSED');
  assert.is(await rejection(store.write(new Uint8Array(1), randomValue(1))), 'THEMIS_CLOSED');
  assert.is(await rejection(store.openWriteStream(new Uint8Array(1))), 'THEMIS_CLOSED');
  assert.is(await rejection(store.readStream(manifest).next()), 'THEMIS_CLOSED');
  assert.throws(() => store.readSync(manifest), /closed/);
});

test.run();
