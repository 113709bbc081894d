/** The index in memory, against a Map. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FragmentName } from '../../src/device/fragment.js';
import { FragmentIndex, type IndexedFragment } from '../../src/device/fragment-index.js';
import { listedFragment, listLength } from '../../src/device/fragment-list.js';

/** Few names and places, so that they meet. */
const name = fc.record({
  blob: fc.constantFrom(1, 2, 2 ** 32 + 1, 2 ** 53 - 1),
  stripe: fc.nat(2),
  number: fc.constantFrom(0, 1, 255),
});
const spot = fc.record({
  device: fc.constantFrom(0, 1, 2 ** 20),
  volume: fc.constantFrom(1, 2),
  offset: fc.constantFrom(4_096, 8_192),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ call: fc.constant('add' as const), name, spot }) },
  { weight: 4, arbitrary: fc.record({ call: fc.constant('remove' as const), name, spot }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('drop' as const), name, spot }) },
);

const nameText = ({ blob, stripe, number }: FragmentName): string => `${blob}/${stripe}/${number}`;
const spotText = ({ device, volume, offset }: IndexedFragment): string =>
  `${device}:${volume}@${offset}`;

class Model {
  readonly places = new Map<string, Map<string, IndexedFragment>>();

  of(key: FragmentName): Map<string, IndexedFragment> {
    const known = this.places.get(nameText(key)) ?? new Map<string, IndexedFragment>();
    this.places.set(nameText(key), known);
    return known;
  }

  all(): string[] {
    return [...this.places]
      .flatMap(([key, spots]) => [...spots.keys()].map((at) => `${key} ${at}`))
      .sort();
  }
}

test('every sequence of adds and removals leaves what a map would hold', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const index = new FragmentIndex(4);
      const model = new Model();
      for (const [i, { call, name: key, spot: at }] of steps.entries()) {
        const found = { ...at, bytes: i + 1, digest: i * 7 };
        const known = model.of(key);
        if (call === 'add') {
          const others = [...known.values()].filter(({ device }) => device === at.device).length;
          const isThere = known.has(spotText(found));
          assert.is(index.add(key, found), isThere ? -1 : others);
          if (!isThere) known.set(spotText(found), found);
        } else if (call === 'remove') {
          assert.equal(index.remove(key, at), known.get(spotText(found)) ?? null);
          known.delete(spotText(found));
        } else {
          index.removeDevice(at.device);
          for (const spots of model.places.values()) {
            for (const [text, one] of spots) if (one.device === at.device) spots.delete(text);
          }
        }
        const places = index.places(key);
        assert.equal(
          new Map(places.map((place) => [spotText(place), place])),
          new Map(known),
          'the same places',
        );
        assert.is(index.size, model.all().length);
      }
      const visited: string[] = [];
      for (let cursor: number | null = 0; cursor !== null; ) {
        cursor = index.visit(cursor, 3, (key, found) =>
          visited.push(`${nameText(key)} ${spotText(found)}`),
        );
      }
      assert.equal(visited.sort(), model.all());
    }),
    { numRuns: 200 },
  );
});

test('the device that is preferred is found, and one without a rank never', () => {
  const index = new FragmentIndex();
  const key = { blob: 1, stripe: 0, number: 0 };
  for (const device of [1, 2, 3]) {
    index.add(key, { device, volume: 1, offset: 4_096, bytes: 1, digest: 0 });
  }
  const prefer = (ranks: Readonly<Record<number, number>>) => (device: number) =>
    ranks[device] ?? null;
  assert.is(index.find(key, prefer({ 1: 1, 2: 0, 3: 1 }))?.device, 2);
  assert.is(index.find(key, prefer({ 3: 5 }))?.device, 3);
  assert.is(index.find(key, prefer({})), null);
  assert.is(index.find({ ...key, blob: 2 }, prefer({ 1: 0 })), null);
});

test('a volume is listed by offset, without what is elsewhere', () => {
  const index = new FragmentIndex();
  const add = (blob: number, device: number, volume: number, offset: number): number =>
    index.add({ blob, stripe: 0, number: 0 }, { device, volume, offset, bytes: 5, digest: blob });
  for (const [blob, offset] of [
    [4, 16_384],
    [1, 4_096],
    [3, 12_288],
    [2, 8_192],
  ] as const) {
    add(blob, 1, 1, offset);
  }
  add(5, 2, 1, 4_096);
  add(6, 1, 2, 4_096);
  const rows = index.rowsOf(1, 1);
  const blobs = Array.from(
    { length: listLength(rows) },
    (_, row) => listedFragment(rows, row).blob,
  );
  assert.equal(blobs, [1, 2, 3, 4]);
  assert.is(index.blobMax(), 6);
});

test('a fragment takes at most 40 bytes at full load, and 80 after it grew', () => {
  const index = new FragmentIndex();
  const fragments = 2 ** 14;
  for (let i = 0; i < fragments; i++) {
    const key = { blob: i, stripe: 0, number: i % 6 };
    index.add(key, { device: i % 6, volume: 1, offset: 4_096 * i, bytes: 1, digest: i });
  }
  assert.is(index.memoryBytes, 40 * fragments);
  index.add(
    { blob: -1 >>> 0, stripe: 1, number: 0 },
    { device: 0, volume: 9, offset: 0, bytes: 1, digest: 0 },
  );
  assert.is(index.memoryBytes, 80 * fragments);
});

test.run();
