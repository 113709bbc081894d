/** Replay: the state gets exactly what the log has and it has not, whatever the steps. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { Applier } from '../../src/metadata/applier.js';
import { LiveSnapshots, LogReplay, MemoryStores } from '../../src/metadata/index.js';
import { stateFormat } from '../../src/metadata/state-record.js';
import { LogReader } from '../../src/wal/index.js';
import { dir, folder, kernel, layOut, openLog } from '../wal/log-fixture.js';
import { commandOf } from './commands.js';

const stream = 3;
const segmentBytes = 1 << 20;
const options = { segmentBytes, staging: new Uint8Array(segmentBytes) };

function commandAt(index: number, valueBytes: number): Uint8Array {
  const value = Buffer.alloc(valueBytes, `${index}`);
  return commandOf([{ key: Buffer.from(`k${index}`), value }]);
}

/** Writes commands 1 to `count`, some to a batch, with records of another stream between. */
function fill(fs: MemoryFileSystem, count: number, valueBytes: number): number {
  const { writer } = openLog(fs, options);
  for (let index = 1; index <= count; index += 2) {
    const records = [index, index + 1].map((own) => ({
      stream,
      index: own,
      payload: commandAt(own, valueBytes),
    }));
    const other = { stream: 9, index: (index + 1) / 2, payload: new Uint8Array(20) };
    const bytes = layOut([...records, other]);
    writer.write(bytes, 0, bytes.length);
  }
  const end = writer.position;
  writer.close();
  return end;
}

async function world(appliedIndex: number, count: number, valueBytes = 100) {
  const fs = folder();
  const limit = fill(fs, count, valueBytes);
  const store = await new MemoryStores().open('/state');
  const meta = {
    format: stateFormat,
    clusterId: new Uint8Array(16),
    appliedIndex,
    appliedBallot: 1,
  };
  const liveSnapshots = new LiveSnapshots();
  let batches = 0;
  const applied = () => {
    batches++;
  };
  const applier = new Applier({ store, kernel, liveSnapshots, meta, stream, applied });
  const reader = new LogReader(
    { fileSystem: fs, directory: dir, kernel, segmentBytes, staging: options.staging },
    segmentBytes,
  );
  const replay = new LogReplay({ reader, applier, stream, limit });
  const has = async (index: number) => (await store.get(Buffer.from(`k${index}`))) !== undefined;
  return { fs, store, applier, replay, has, batches: () => batches };
}

async function finish(replay: LogReplay): Promise<number> {
  let steps = 1;
  while (await replay.step()) steps++;
  replay.close();
  return steps;
}

test('everything that the state lacks is applied, and nothing of other streams', async () => {
  const { applier, replay, has } = await world(0, 20);
  await finish(replay);
  assert.is(applier.appliedIndex, 20);
  for (let index = 1; index <= 20; index++) assert.ok(await has(index), `record ${index}`);
});

test('what the state has is passed over, also in the middle of a batch', async () => {
  const { applier, replay, has } = await world(7, 20);
  await finish(replay);
  assert.is(applier.appliedIndex, 20);
  assert.equal([await has(7), await has(8)], [false, true]);
});

test('a state that has everything, or more, stays as it is', async () => {
  for (const appliedIndex of [20, 25]) {
    const { applier, replay, batches } = await world(appliedIndex, 20);
    await finish(replay);
    assert.equal([applier.appliedIndex, batches()], [appliedIndex, 0]);
  }
});

test('a step is bounded: a long log takes several', async () => {
  const valueBytes = 200_000;
  const { applier, replay } = await world(0, 60, valueBytes);
  const indexes: number[] = [];
  while (await replay.step()) indexes.push(applier.appliedIndex);
  assert.is(applier.appliedIndex, 60);
  const most = limits.applyBytesMax / valueBytes + 3;
  assert.ok(indexes.length >= 2);
  for (const [i, index] of indexes.entries()) {
    assert.ok(index - (indexes[i - 1] ?? 0) <= most, `step to ${index}`);
  }
  replay.close();
});

test('a batch that rotted since the log was checked is told, not passed over', async () => {
  const { fs, applier, replay } = await world(0, 20);
  const [name] = fs.list(`${dir}/log`).filter((one) => one.endsWith('.wal'));
  const handle = fs.open(`${dir}/log/${name}`, { access: 'read-write' });
  handle.write(Uint8Array.of(0xaa), 0, 1, 2 * 4096 + 4096 + 200);
  handle.close();
  const error = await finish(replay).catch(codeOf);
  assert.is(error, 'THEMIS_LOG_CORRUPT');
  assert.ok(applier.appliedIndex < 20);
});

test.run();
