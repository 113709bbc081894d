/** One file of the overlay against a plain array. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OverlayFile } from '../../../../src/admin/cli/doctor/overlay-file.js';
import { codeOf } from '../../../../src/base/index.js';
import { MemoryFileSystem } from '../../../../src/io/index.js';

const sizeMax = 20_000;

type Step =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number };

const position = fc.integer({ min: 0, max: sizeMax });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    position,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9000 }),
  }),
  fc.record({ kind: fc.constant('truncate' as const), length: position }),
);

test('any writes and truncations show what a plain file would, and leave the origin alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: sizeMax }), fc.array(step), (original, steps) => {
      const below = new MemoryFileSystem();
      const first = below.open('/f', { access: 'read-write', create: true });
      first.write(original, 0, original.length, 0);
      first.close();
      const open = () => below.open('/f', { access: 'read' });
      const file = new OverlayFile(open, original.length);
      const handle = file.open('/f', 'read-write');
      let model = Buffer.from(original);
      for (const one of steps) {
        if (one.kind === 'truncate') {
          handle.truncate(one.length);
          model = Buffer.concat([model], one.length);
        } else {
          handle.write(one.bytes, 0, one.bytes.length, one.position);
          const end = one.position + one.bytes.length;
          model = Buffer.concat([model], Math.max(model.length, end));
          model.set(one.bytes, one.position);
        }
        assert.is(handle.size(), model.length);
      }
      const found = Buffer.alloc(model.length + 10, 0xee);
      assert.is(handle.read(found, 0, found.length, 0), model.length);
      assert.ok(found.subarray(0, model.length).equals(model));
      handle.close();
      const after = Buffer.alloc(original.length);
      open().read(after, 0, after.length, 0);
      assert.ok(after.equals(original));
    }),
  );
});

test('a handle for reading, or a closed one, changes nothing', () => {
  const file = new OverlayFile(null, 0);
  const reader = file.open('/f', 'read');
  const closed = file.open('/f', 'read-write');
  closed.close();
  for (const handle of [reader, closed]) {
    try {
      handle.write(new Uint8Array(1), 0, 1, 0);
      assert.unreachable();
    } catch (error) {
      assert.is(codeOf(error), 'EBADF');
    }
  }
  assert.is(file.length, 0);
});

test.run();
