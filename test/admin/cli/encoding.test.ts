/** Bytes as text and back. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decodeText,
  encodeBytes,
  isTextEncoding,
  textEncodings,
} from '../../../src/admin/cli/encoding.js';
import { codeOf } from '../../../src/base/index.js';

test('what is encoded decodes to the same bytes, in whatever encoding was used', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom(...textEncodings), (bytes, wanted) => {
      const { text, encoding } = encodeBytes(bytes, wanted);
      assert.equal(decodeText(text, encoding, 'it'), Buffer.from(bytes));
      if (wanted !== 'utf8') assert.is(encoding, wanted);
    }),
  );
  assert.is(encodeBytes(Buffer.from([0xff]), 'utf8').encoding, 'base64');
});

test('what is not in the encoding is refused, not cut short', () => {
  const cases = [
    ['hex', '0'],
    ['hex', 'zz'],
    ['hex', '00gg'],
    ['base64', 'a'],
    ['base64', 'ab!c'],
    ['base64', 'YWJj ZGVm'],
  ] as const;
  for (const [encoding, text] of cases) {
    try {
      decodeText(text, encoding, 'the key');
      assert.unreachable(`${encoding} ${text}`);
    } catch (error) {
      assert.is(codeOf(error), 'THEMIS_USAGE', `${encoding} ${text}`);
    }
  }
  assert.equal(decodeText('YQ', 'base64', 'it'), Buffer.from('a'), 'padding may be left out');
});

test('encodings are known by name', () => {
  assert.ok(textEncodings.every(isTextEncoding));
  assert.not.ok(isTextEncoding('raw'));
});

test.run();
