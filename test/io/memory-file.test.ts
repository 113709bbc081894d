/** Which contents and lengths a power cut may leave. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CrashChoice, MemoryFileSystem, seededRandom } from '../../src/io/index.js';
import { MemoryFile } from '../../src/io/memory-file.js';

const sectorBytes = 512;
/** Coprime to every block size, so that all offsets in a sector come up. */
const stride = 41;

/** The file's bytes after a power cut. */
function left(file: MemoryFile, choice: CrashChoice): Uint8Array {
  const copy = file.clone();
  copy.settle(typeof choice === 'string' ? choice : { keep: 0.5, ...choice });
  const bytes = new Uint8Array(copy.length);
  copy.read(bytes, 0, bytes.length, 0);
  return bytes;
}

function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

test('every sector of an unsynced write is kept or dropped alone', () => {
  const file = new MemoryFile();
  file.write(filled(3 * sectorBytes, 1), 0);
  file.sync();
  file.write(filled(3 * sectorBytes, 2), 0);
  const random = seededRandom(1).stream('crash');
  const seen = new Set<string>();
  for (let round = 0; round < 200; round++) {
    const bytes = left(file, { random });
    seen.add([0, 1, 2].map((sector) => bytes[sector * sectorBytes]).join(''));
    for (let i = 0; i < bytes.length; i++) assert.is(bytes[i], bytes[i - (i % sectorBytes)]);
  }
  assert.is(seen.size, 8);
});

test('a sector overwritten several times may be left at any of its versions', () => {
  const file = new MemoryFile();
  for (let byte = 1; byte <= 3; byte++) file.write(filled(sectorBytes, byte), 0);
  const random = seededRandom(1).stream('crash');
  const seen = new Set<number>();
  for (let round = 0; round < 300; round++) seen.add(left(file, { random })[0] ?? -1);
  assert.equal([...seen].sort(), [-1, 0, 1, 2, 3]);
});

test('the length of an unsynced extension is kept or dropped apart from its bytes', () => {
  const file = new MemoryFile();
  file.write(filled(100, 1), 0);
  file.sync();
  file.write(filled(100, 2), 600);
  const random = seededRandom(1).stream('crash');
  const seen = new Set<string>();
  for (let round = 0; round < 300; round++) {
    const bytes = left(file, { random });
    seen.add(`${bytes.length}:${bytes[0]}:${bytes[650] ?? '-'}`);
  }
  assert.equal([...seen].sort(), ['100:1:-', '700:1:0', '700:1:2']);
});

test('no write reaches the disk before a truncation made ahead of it', () => {
  const file = new MemoryFile();
  file.write(filled(1_024, 1), 0);
  file.sync();
  file.resize(0);
  file.write(filled(512, 2), 0);
  const random = seededRandom(1).stream('crash');
  const seen = new Set<string>();
  for (let round = 0; round < 300; round++) {
    const bytes = left(file, { random });
    seen.add(`${bytes.length}:${[...new Set(bytes)].join('+')}`);
  }
  assert.equal([...seen].sort(), ['0:', '1024:1', '512:0', '512:2']);
});

test('what a truncation cut off does not come back with a later extension', () => {
  const file = new MemoryFile();
  file.write(filled(1_024, 1), 0);
  file.resize(100);
  file.resize(2_000);
  const random = seededRandom(1).stream('crash');
  let extended = 0;
  for (let round = 0; round < 300; round++) {
    const bytes = left(file, { random });
    if (bytes.length !== 2_000) continue;
    extended += 1;
    assert.equal(bytes.subarray(100), filled(1_900, 0));
  }
  assert.ok(extended > 50, `${extended}`);
});

test('a durable write never gives way to an older version that was pending', () => {
  const file = new MemoryFile();
  file.write(filled(1_024, 1), 0);
  file.writeDurable(filled(512, 2), 0);
  const random = seededRandom(1).stream('crash');
  for (let round = 0; round < 100; round++) {
    assert.equal(left(file, { random }).subarray(0, 512), filled(512, 2));
  }
  assert.equal(left(file, 'drop-unsynced'), filled(512, 2));
  const all = left(file, 'keep-all');
  assert.equal([all.length, all[511], all[512]], [1_024, 2, 1]);
});

test('bytes pending beside a durable write in its sector come with the next sync', () => {
  const file = new MemoryFile();
  file.write(filled(100, 1), 0);
  file.writeDurable(filled(10, 2), 0);
  assert.equal(left(file, 'drop-unsynced'), filled(10, 2));
  file.sync();
  assert.is(left(file, 'drop-unsynced')[99], 1);
});

test('zeros written over nothing still make the file longer', () => {
  const file = new MemoryFile();
  file.write(filled(1 << 20, 0), 0);
  assert.is(file.length, 1 << 20);
  assert.is(left(file, 'drop-unsynced').length, 0);
  assert.is(left(file, 'keep-all').length, 1 << 20);
  file.sync();
  assert.is(left(file, 'drop-unsynced').length, 1 << 20);
});

test('zeros written over bytes that a failed sync lost reach the disk', () => {
  const file = new MemoryFile();
  file.write(filled(4_096, 1), 0);
  file.sync();
  file.write(filled(4_096, 0), 0);
  file.loseUnsynced();
  assert.is(left(file, 'keep-all')[0], 1);
  file.write(filled(4_096, 0), 0);
  file.sync();
  assert.is(left(file, 'drop-unsynced')[0], 0);
});

type Step =
  | { readonly kind: 'write' | 'through'; readonly at: number; readonly length: number }
  | { readonly kind: 'resize'; readonly length: number }
  | { readonly kind: 'sync' | 'lose' };

const position = fc.integer({ min: 0, max: 12_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('write' as const, 'through' as const),
    at: position,
    length: fc.integer({ min: 1, max: 6_000 }),
  }),
  fc.record({ kind: fc.constant('resize' as const), length: position }),
  fc.record({ kind: fc.constant('sync' as const) }),
);

/** Does the steps, writing the step's number; returns the bytes at the last sync and at the end. */
function perform(
  file: MemoryFile,
  steps: readonly Step[],
): { synced: Uint8Array; history: Set<number>[] } {
  let synced = new Uint8Array(0);
  // For every 41st byte, each value that it had since the last sync, 0 where it was not there.
  const history = Array.from({ length: Math.ceil(20_000 / stride) }, () => new Set([0]));
  const remember = (): void => {
    const bytes = new Uint8Array(20_000);
    file.read(bytes, 0, bytes.length, 0);
    for (const [i, values] of history.entries()) values.add(bytes[i * stride] ?? 0);
  };
  for (const [number, taken] of steps.entries()) {
    if (taken.kind === 'write') file.write(filled(taken.length, number + 1), taken.at);
    else if (taken.kind === 'through')
      file.writeDurable(filled(taken.length, number + 1), taken.at);
    else if (taken.kind === 'resize') file.resize(taken.length);
    else {
      file.sync();
      synced = new Uint8Array(file.length);
      file.read(synced, 0, synced.length, 0);
      for (const values of history) values.clear();
    }
    remember();
  }
  return { synced, history };
}

test('after any steps, a power cut leaves only values that each byte had since the sync', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer(), (steps, seed) => {
      const file = new MemoryFile();
      const { history } = perform(file, steps);
      const random = seededRandom(seed).stream('crash');
      const bytes = left(file, { random });
      for (const [i, values] of history.entries()) {
        // Zeros stand where a length was kept without its bytes.
        const value = bytes[i * stride] ?? 0;
        if (value !== 0) assert.ok(values.has(value), `byte ${i * stride} is ${value}`);
      }
    }),
    { numRuns: 100 },
  );
});

test('without write-through, drop-unsynced leaves exactly the last sync, keep-all the end', () => {
  const plain = step.filter((taken) => taken.kind !== 'through');
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 12 }), (steps) => {
      const file = new MemoryFile();
      const { synced } = perform(file, steps);
      assert.equal(left(file, 'drop-unsynced'), synced);
      const live = new Uint8Array(file.length);
      file.read(live, 0, live.length, 0);
      assert.equal(left(file, 'keep-all'), live);
    }),
    { numRuns: 100 },
  );
});

test('with write-through too, a sync makes everything durable that reads return', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const file = new MemoryFile();
      const { synced } = perform(file, [...steps, { kind: 'sync' }]);
      assert.equal(left(file, 'drop-unsynced'), synced);
    }),
    { numRuns: 100 },
  );
});

test('what a write-through returned is there after any power cut', () => {
  const through = { at: position, length: fc.integer({ min: 1, max: 6_000 }) };
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 8 }),
      fc.record(through),
      fc.integer(),
      (steps, last, seed) => {
        const file = new MemoryFile();
        perform(file, steps);
        file.writeDurable(filled(last.length, 99), last.at);
        file.write(filled(100, 98), last.at + last.length + sectorBytes);
        const random = seededRandom(seed).stream('crash');
        const bytes = left(file, { random }).subarray(last.at, last.at + last.length);
        assert.equal(bytes, filled(last.length, 99));
      },
    ),
    { numRuns: 100 },
  );
});

test('many versions of one page in a row take bounded memory and keep the newest', () => {
  const files = new MemoryFileSystem();
  const handle = files.open('/a', { access: 'read-write', create: true });
  files.syncDirectory('/');
  for (let i = 0; i < 4_000; i++) handle.write(Uint8Array.of(i % 251), 0, 1, i);
  const expected = Uint8Array.from({ length: 4_000 }, (_, i) => i % 251);
  assert.equal(files.crash('keep-all').bytesOf('/a'), expected);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 20_000; i++) handle.write(Uint8Array.of(i), 0, 1, 0);
  assert.ok(process.memoryUsage().arrayBuffers - before < 80_000_000);
});

test.run();
