/** A state that lies with right block checksums is caught at the read and rebuilt at the next open. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clearDoubt, noteDoubt, readDoubt } from '../../src/engine/state-doubt.js';
import { open } from '../../src/index.js';
import { MemoryFileSystem } from '../../src/io/index.js';

const segmentBytes = 1 << 20;

test('a note survives a power cut, the first one stays, and clearing removes it', () => {
  const disk = new MemoryFileSystem();
  disk.makeDirectory('/data');
  disk.syncDirectory('/');
  assert.is(readDoubt(disk, '/data'), null);
  noteDoubt(disk, '/data', 'first');
  noteDoubt(disk, '/data', 'second');
  const after = disk.crash('drop-unsynced');
  assert.is(readDoubt(after, '/data'), 'first');
  clearDoubt(after, '/data');
  clearDoubt(after, '/data');
  assert.is(readDoubt(after.crash('drop-unsynced'), '/data'), null);
});

test('a record that rotted under a right block checksum is refused, then healed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'themis-doubt-'));
  let db = await open(folder, { segmentBytes });
  await db.batch(
    Array.from({ length: 50 }, (_, i) => ({ type: 'put', key: `key-${i}`, value: `value-${i}` })),
  );
  await db.close();
  await rot(join(folder, 'state'), 'key-7');
  db = await open(folder, { segmentBytes });
  assert.is((await db.info()).recovery.rebuilt, null, 'the audit has no way to see it');
  const reading = await db.get('key-7').then(
    () => 'served',
    (error: { code?: string }) => error.code,
  );
  assert.is(reading, 'THEMIS_STATE_CORRUPT');
  assert.is(await db.get('key-8'), 'value-8');
  await db.close();
  assert.ok(existsSync(join(folder, 'state.doubt')));
  db = await open(folder, { segmentBytes });
  assert.ok((await db.info()).recovery.rebuilt !== null);
  for (let i = 0; i < 50; i++) assert.is(await db.get(`key-${i}`), `value-${i}`);
  await db.close();
  assert.not.ok(existsSync(join(folder, 'state.doubt')));
  rmSync(folder, { recursive: true });
});

/** Flips a bit of a stored record through LevelDB itself, so that every block stays sound. */
async function rot(state: string, key: string): Promise<void> {
  const level = new ClassicLevel<string, Buffer>(state, { valueEncoding: 'buffer' });
  const record = await level.get(key);
  assert.ok(record !== undefined, 'records lie under their own keys');
  record[record.length - 1] = (record[record.length - 1] as number) ^ 1;
  await level.put(key, record);
  await level.close();
}

test.run();
