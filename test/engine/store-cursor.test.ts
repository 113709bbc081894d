/** Cursors of the store: versions that are held until they close, states that are still applied. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, ThemisError } from '../../src/base/index.js';
import { HoldingCursor, type StoreCursor, WaitingCursor } from '../../src/engine/store-cursor.js';
import type { VersionedCursor } from '../../src/metadata/index.js';

function played(closing: () => Promise<void> = async () => undefined) {
  const heard: string[] = [];
  const cursor: StoreCursor = {
    nextv: async (count) => {
      heard.push(`nextv ${count}`);
      return [];
    },
    seek: (target) => heard.push(`seek ${String(target)}`),
    close: () => {
      heard.push('close');
      return closing();
    },
  };
  return { cursor, heard };
}

test('a version is held until the cursor is closed, also when closing fails', async () => {
  for (const closing of [async () => undefined, () => Promise.reject(new RangeError('x'))]) {
    const { cursor, heard } = played(closing);
    const holding = new HoldingCursor(cursor, () => heard.push('released'));
    holding.seek(Buffer.from('k'));
    await holding.nextv(7);
    // The failure is the cursor's own; what counts is the release.
    await holding.close().catch(() => undefined);
    assert.equal(heard, ['seek k', 'nextv 7', 'close', 'released']);
  }
});

test('a cursor that waits for the state seeks when it is there', async () => {
  const { cursor, heard } = played();
  const waiting = new WaitingCursor(Promise.resolve(cursor as VersionedCursor), () => undefined);
  waiting.seek(Buffer.from('k'));
  await waiting.nextv(3);
  await waiting.nextv(4);
  await waiting.close();
  assert.equal(heard, ['seek k', 'nextv 3', 'nextv 4', 'close']);
});

test('why the state is not there is told at each read, and closing is quiet', async () => {
  const failed: unknown[] = [];
  const error = new ThemisError('THEMIS_CLOSED', 'closed');
  const waiting = new WaitingCursor(Promise.reject(error), (one) => failed.push(one));
  assert.is(await waiting.nextv(1).catch(codeOf), 'THEMIS_CLOSED');
  assert.equal(failed, [error]);
  await waiting.close();
});

test.run();
