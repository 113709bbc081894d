/** Reads while the state lacks what the log has: pending first, then the log, then the state. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { BacklogReader, findInLog } from '../../src/engine/backlog-reader.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { BacklogBuilder, PendingIndex, type VersionedReader } from '../../src/metadata/index.js';
import { recoverLog } from '../../src/wal/index.js';
import { type Change, commandOf, writeCommandRecord } from '../metadata/commands.js';
import {
  append,
  dir,
  folder,
  kernel,
  openLog,
  optionsOf,
  segmentBytes,
} from '../wal/log-fixture.js';

const stream = 0;
const latest = 100;

function change(key: string, value: string | null): Change {
  return { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) };
}

/** The state, where every key has the value `state`; it counts what it is asked. */
class StateOfOneValue {
  asked = 0;

  getSync(): Buffer {
    this.asked++;
    return Buffer.from('state');
  }

  async get(): Promise<Buffer> {
    return this.getSync();
  }

  async getMany(keys: readonly Uint8Array[]): Promise<Buffer[]> {
    return keys.map(() => this.getSync());
  }

  get asReader(): VersionedReader {
    return this as Partial<VersionedReader> as VersionedReader;
  }
}

/** A log with these commands, one in each batch, of which the state has the first `applied`. */
function world(commands: readonly (readonly Change[])[], applied = 0) {
  const fs: MemoryFileSystem = folder();
  const { writer } = openLog(fs);
  for (const [i, changes] of commands.entries()) {
    append(writer, [{ stream, index: i + 1, payload: commandOf(changes) }]);
  }
  writer.close();
  const builder = new BacklogBuilder(stream, applied);
  const { tail } = recoverLog({
    ...optionsOf(fs),
    acceptLoss: false,
    onRecord: (record) => builder.add(record),
  });
  const limit = tail.sequence * segmentBytes + tail.offset;
  const log = { directory: dir, segmentBytes, limit };
  const around = { fileSystem: fs, kernel, staging: new Uint8Array(segmentBytes) };
  const memory = new Uint8Array(4096);
  const pending = new PendingIndex(memory);
  const state = new StateOfOneValue();
  const failures: unknown[] = [];
  const reader = new BacklogReader({
    reader: state.asReader,
    pending,
    backlog: builder.finish(),
    findSync: (places, key) => findInLog(log, places, key, around),
    find: async (places, key) => structuredClone(findInLog(log, places, key, around)),
    failed: (error) => failures.push(error),
  });
  /** The three ways to read one key; they must agree. */
  const read = async (name: string): Promise<string | undefined> => {
    const key = Buffer.from(name);
    const sync = reader.getSync(key, latest)?.toString();
    assert.is((await reader.get(key, latest))?.toString(), sync, name);
    assert.is((await reader.getMany([key], latest))[0]?.toString(), sync, name);
    return sync;
  };
  return { fs, reader, state, pending, memory, failures, read };
}

test('the newest of the log answers: values, deletions, and the last of one batch', async () => {
  const { read } = world([
    [change('a', '1'), change('b', '1')],
    [change('a', '2'), change('b', null)],
    [change('c', '1'), change('c', '2')],
  ]);
  assert.equal([await read('a'), await read('b'), await read('c')], ['2', undefined, '2']);
  assert.is(await read('elsewhere'), 'state');
});

test('what the state has already is asked of the state', async () => {
  const { read } = world([[change('a', '1')], [change('b', '1')]], 1);
  assert.equal([await read('a'), await read('b')], ['state', '1']);
});

test('a pending write is newer than all of the log', async () => {
  const { pending, memory, reader, state } = world([[change('a', '1')]]);
  const record = { index: 2, ballot: 1, stream };
  const [at] = writeCommandRecord(memory, 0, record, [change('a', 'pending')]);
  pending.add(at ?? -1, 2);
  assert.is(reader.getSync(Buffer.from('a'), latest)?.toString(), 'state');
  assert.is(state.asked, 1, 'the reader of the state looks pending writes up');
});

test('when all of it is applied the log is asked no more', async () => {
  const { reader, read } = world([[change('a', '1')], [change('a', '2')]]);
  reader.applied(1);
  assert.is(await read('a'), '2');
  reader.applied(2);
  assert.is(await read('a'), 'state');
});

test('a key may be used again by its owner while the log is looked through', async () => {
  const { reader } = world([[change('a', '1')]]);
  const key = Buffer.from('a');
  const found = reader.get(key, latest);
  key.fill('x');
  assert.is((await found)?.toString(), '1');
});

test('a batch that rotted is an error of the read, told, and never another value', async () => {
  const { fs, reader, failures } = world([[change('a', '1')], [change('b', '1')]]);
  const [name] = fs.list(`${dir}/log`).filter((one) => one.endsWith('.wal'));
  const handle = fs.open(`${dir}/log/${name}`, { access: 'read-write' });
  handle.write(Uint8Array.of(0xaa), 0, 1, 2 * 4096 + 100);
  handle.close();
  const key = Buffer.from('a');
  assert.throws(
    () => reader.getSync(key, latest),
    (error: unknown) => codeOf(error) === 'THEMIS_LOG_CORRUPT',
  );
  assert.is(await reader.get(key, latest).catch(codeOf), 'THEMIS_LOG_CORRUPT');
  assert.is(await reader.getMany([key], latest).catch(codeOf), 'THEMIS_LOG_CORRUPT');
  assert.is(failures.length, 3);
  assert.is(reader.getSync(Buffer.from('b'), latest)?.toString(), '1');
});

test.run();
