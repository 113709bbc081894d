/** The self-seeded streams: the contract, and that seeds differ. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemRandom } from '../../src/io/index.js';
import { randomContract } from '../contract/random.js';

randomContract(test, 'system', () => systemRandom());

test('two of them share no numbers', () => {
  const draw = (): string => {
    const stream = systemRandom().stream('same name');
    return `${stream.u32()} ${stream.u32()} ${stream.u32()}`;
  };
  assert.is(new Set(Array.from({ length: 50 }, draw)).size, 50);
});

test.run();
