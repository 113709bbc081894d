/** `open`: a database that serves, or the very error that says what is wrong. */
import * as fs from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { open } from '../../src/engine/open.js';
import { temporaryFolder } from './temporary-folder.js';

async function errorOf(work: Promise<unknown>): Promise<ThemisError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ThemisError) return error;
  throw new RangeError(`expected a ThemisError, not ${String(error)}`);
}

test('an opened database serves at once, and again after it was closed', async () => {
  const folder = `${temporaryFolder()}/made/by/open`;
  const db = await open(folder);
  assert.is(db.status, 'open');
  await db.put('k', 'v');
  await db.close();
  const again = await open(folder, { createIfMissing: false });
  assert.is(await again.get('k'), 'v');
  await again.close();
});

test('what keeps it from opening is thrown unwrapped, with its code', async () => {
  const folder = temporaryFolder();
  const missing = open(`${folder}/missing`, { createIfMissing: false });
  assert.is((await errorOf(missing)).code, 'THEMIS_FOLDER_INVALID');
  fs.writeFileSync(`${folder}/file`, 'x');
  assert.is((await errorOf(open(`${folder}/file`))).code, 'THEMIS_FOLDER_INVALID');
  const db = await open(`${folder}/db`);
  assert.is((await errorOf(open(`${folder}/db`))).code, 'LEVEL_LOCKED');
  await db.close();
});

test('options are checked before anything is touched, also unknown ones', async () => {
  const folder = `${temporaryFolder()}/none`;
  const unknown: Record<string, unknown> = { durabilty: 'sync' };
  const cases: Record<string, unknown>[] = [unknown, { segmentBytes: 1 }, { durability: 'most' }];
  for (const options of cases) {
    assert.is((await errorOf(open(folder, options))).code, 'THEMIS_CONFIG_INVALID');
  }
  assert.is((await errorOf(open(''))).code, 'THEMIS_CONFIG_INVALID');
  assert.not(fs.existsSync(folder));
});

test.run();
