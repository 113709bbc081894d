/** Records of the state: what is encoded comes back, and every damaged byte is noticed. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import {
  checkCurrent,
  currentHeaderBytes,
  currentValue,
  decodeBlobEntry,
  decodeHistory,
  decodeMeta,
  decodeVersions,
  encodeBlobEntry,
  encodeCurrent,
  encodeHistory,
  encodeMeta,
  encodeVersions,
  recordVersion,
  stateFormat,
  valueKinds,
} from '../../src/metadata/state-record.js';
import { BlobReference } from '../../src/metadata/stored-value.js';

const version = 2 ** 52 + 7;
const span = { version, until: version + 1, isBlob: false };
const manifest = Buffer.alloc(40, 7);
const meta = {
  format: stateFormat,
  clusterId: Uint8Array.from({ length: 16 }, (_, i) => i + 1),
  appliedIndex: 2 ** 40 + 3,
  appliedBallot: 9,
};

test('current, history, versions and meta records come back as they went in', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(bytes, bytes, fc.maxSafeNat(), fc.maxSafeNat(), (key, value, from, until) => {
      const current = Buffer.from(encodeCurrent(kernel, key, from, value, valueKinds.inline));
      checkCurrent(kernel, key, current);
      assert.is(recordVersion(current), from);
      assert.equal(currentValue(current), Buffer.from(value));
      assert.is(current.length, currentHeaderBytes + value.length);
      const old = { version: from, until, isBlob: false };
      const history = decodeHistory(
        kernel,
        key,
        Buffer.from(encodeHistory(kernel, key, old, value)),
      );
      assert.equal(history, { ...old, value: Buffer.from(value) });
      const spans = [old, { version: until, until: from, isBlob: true }];
      assert.equal(decodeVersions(kernel, key, encodeVersions(kernel, key, spans)), spans);
    }),
  );
  assert.equal(decodeMeta(kernel, encodeMeta(kernel, meta)), meta);
});

test('every flipped bit and every cut of every kind of record is STATE_CORRUPT', () => {
  const key = Buffer.from('key');
  const value = Buffer.from('the value');
  const kinds: [string, Uint8Array, (record: Buffer) => unknown][] = [
    ['current', encodeCurrent(kernel, key, version, value, 0), (r) => checkCurrent(kernel, key, r)],
    ['history', encodeHistory(kernel, key, span, value), (r) => decodeHistory(kernel, key, r)],
    ['versions', encodeVersions(kernel, key, [span]), (r) => decodeVersions(kernel, key, r)],
    ['meta', encodeMeta(kernel, meta), (r) => decodeMeta(kernel, r)],
    ['blob', encodeBlobEntry(kernel, 9, key, manifest), (r) => decodeBlobEntry(kernel, 9, r)],
  ];
  for (const [name, record, decode] of kinds) {
    decode(Buffer.from(record));
    for (let bit = 0; bit < record.length * 8; bit++) {
      const damaged = Buffer.from(record);
      damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
      assert.throws(() => decode(damaged), isCorrupt, `${name}, bit ${bit}`);
    }
    for (let length = 0; length < record.length; length++) {
      const cut = Buffer.from(record.subarray(0, length));
      assert.throws(() => decode(cut), isCorrupt, `${name}, cut to ${length}`);
    }
  }
});

test('the kind of a value stands beside its version and changes neither', () => {
  const key = Buffer.from('key');
  const record = Buffer.from(encodeCurrent(kernel, key, version, manifest, valueKinds.blob));
  checkCurrent(kernel, key, record);
  assert.is(recordVersion(record), version);
  const value = currentValue(record);
  assert.instance(value, BlobReference);
  assert.equal((value as BlobReference).manifest, manifest);
  const old = { version, until: version + 1, isBlob: true };
  const history = decodeHistory(
    kernel,
    key,
    Buffer.from(encodeHistory(kernel, key, old, manifest)),
  );
  assert.instance(history.value, BlobReference);
  assert.is(history.version, version);
});

test('what the registry says about a blob comes back, and not under another number', () => {
  const key = Buffer.from('key');
  const record = Buffer.from(encodeBlobEntry(kernel, 2 ** 40 + 3, key, manifest));
  const entry = { blob: 2 ** 40 + 3, key, manifest };
  assert.equal(decodeBlobEntry(kernel, 2 ** 40 + 3, record), entry);
  assert.throws(() => decodeBlobEntry(kernel, 2 ** 40 + 4, record), isCorrupt);
});

test('a sound record under another key is STATE_CORRUPT', () => {
  const record = Buffer.from(encodeCurrent(kernel, Buffer.from('a'), 1, Buffer.from('v'), 0));
  assert.throws(() => checkCurrent(kernel, Buffer.from('b'), record), isCorrupt);
});

test('the format of another version is readable from its meta record', () => {
  assert.is(decodeMeta(kernel, encodeMeta(kernel, { ...meta, format: 7 })).format, 7);
});

function isCorrupt(error: unknown): boolean {
  return isThemisError(error, 'THEMIS_STATE_CORRUPT');
}

test.run();
