/** Names of blobs: unique for ever, begun once, and begun again after a failure. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BlobSession } from '../../src/shard/blob-session.js';
import { rejection } from './blob-fixture.js';

const nonce = new Uint8Array(8);

function devices() {
  const known: number[] = [];
  return {
    known,
    startSession: async (knownBlobMax: number) => {
      known.push(knownBlobMax);
      return { session: Math.floor(knownBlobMax / 2 ** 32) + 1, nonce };
    },
  };
}

test('names are session x 2^32 + 1, 2, 3, ... and the session is begun once', async () => {
  const twin = devices();
  const session = new BlobSession(twin, async () => 5 * 2 ** 32 + 9);
  const [names, same] = await Promise.all([session.names(), session.names()]);
  assert.is(names, same);
  assert.equal(
    [names.next(), names.next(), same.next()],
    [1, 2, 3].map((n) => 6 * 2 ** 32 + n),
  );
  assert.equal(twin.known, [5 * 2 ** 32 + 9]);
});

test('every blob is of an earlier session until one begins, then those below it', async () => {
  const session = new BlobSession(devices(), async () => 0);
  assert.ok(session.isOlder(2 ** 50));
  const names = await session.names();
  const blob = names.next();
  assert.not(session.isOlder(blob));
  assert.ok(session.isOlder(2 ** 32 - 1));
});

test('a session that could not be begun is tried again', async () => {
  let isBroken = true;
  const twin = devices();
  const startSession = async (known: number) => {
    if (isBroken) throw new RangeError('no device');
    return twin.startSession(known);
  };
  const session = new BlobSession({ startSession }, async () => 0);
  assert.match(String(await rejection(session.names())), 'no device');
  isBroken = false;
  assert.is((await session.names()).next(), 2 ** 32 + 1);
});

test.run();
