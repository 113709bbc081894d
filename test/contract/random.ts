/** What every Random promises, as a suite to be called once per implementation. */

import * as assert from 'uvu/assert';
import type { Random } from '../../src/io/index.js';
import type { Register } from './register.js';

export function randomContract(test: Register, name: string, create: () => Random): void {
  test(`${name}: u32 and float stay in their ranges and use all of them`, () => {
    const stream = create().stream('range');
    let union = 0;
    let intersection = 0xffffffff;
    let sum = 0;
    for (let i = 0; i < 10_000; i++) {
      const word = stream.u32();
      assert.ok(Number.isInteger(word) && word >= 0 && word < 2 ** 32);
      union |= word;
      intersection &= word;
      const part = stream.float();
      assert.ok(part >= 0 && part < 1);
      sum += part;
    }
    assert.is(union >>> 0, 0xffffffff, 'every bit was 1 once');
    assert.is(intersection >>> 0, 0, 'every bit was 0 once');
    // The standard deviation of this mean is 0.0029: ten of them.
    assert.ok(Math.abs(sum / 10_000 - 0.5) < 0.03);
  });

  test(`${name}: below() is even over its range, and refuses a range it cannot serve`, () => {
    const stream = create().stream('below');
    const counts = new Uint32Array(7);
    for (let i = 0; i < 70_000; i++) {
      const drawn = stream.below(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 1_000, `${count}`);
    assert.is(stream.below(1), 0);
    assert.ok(stream.below(2 ** 32) < 2 ** 32);
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      assert.throws(() => stream.below(bound), /bound/);
    }
  });

  test(`${name}: below() has no bias where the range nearly fills 32 bits`, () => {
    const stream = create().stream('bias');
    // Taking u32 modulo this bound would put half of all draws below 2^30 instead of a third.
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (stream.below(3 * 2 ** 30) < 2 ** 30) low += 1;
    assert.ok(Math.abs(low - 10_000) < 1_000, `${low}`);
  });

  test(`${name}: chance() knows never, always and the middle`, () => {
    const stream = create().stream('chance');
    let hits = 0;
    for (let i = 0; i < 10_000; i++) {
      assert.is(stream.chance(0), false);
      assert.is(stream.chance(1), true);
      if (stream.chance(0.25)) hits += 1;
    }
    assert.ok(Math.abs(hits - 2_500) < 500, `${hits}`);
  });

  test(`${name}: fill() writes every byte of any length and nothing around it`, () => {
    const stream = create().stream('fill');
    for (let length = 0; length <= 17; length++) {
      const seen = new Uint8Array(length);
      for (let round = 0; round < 64; round++) {
        const bytes = new Uint8Array(length + 2);
        stream.fill(bytes.subarray(1, 1 + length));
        assert.is(bytes[0], 0);
        assert.is(bytes[length + 1], 0);
        for (let i = 0; i < length; i++) seen[i] = (seen[i] ?? 0) | (bytes[1 + i] ?? 0);
      }
      for (const byte of seen) assert.is(byte, 0xff);
    }
  });

  test(`${name}: a name starts the same numbers again, another name starts others`, () => {
    const random = create();
    const draw = (stream: string): number[] => {
      const drawn = random.stream(stream);
      return Array.from({ length: 20 }, () => drawn.u32());
    };
    const first = draw('a');
    draw('b');
    assert.equal(draw('a'), first);
    assert.not.equal(draw('b'), first);
    assert.not.equal(draw('a '), first);
  });
}
