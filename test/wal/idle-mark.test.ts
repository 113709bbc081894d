/** A mark is recognised through damage, and data is never taken for one. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BatchSealer } from '../../src/wal/batch.js';
import { isDamagedMark, MarkMaker } from '../../src/wal/idle-mark.js';
import { kernel, layOut, sealBatch } from './log-fixture.js';

const place = { segmentTag: 0x1234, chain: 99, number: 12, syncedPosition: 2 ** 33 };

test('a mark with any one sector byte or up to eight bytes wrong is still one', () => {
  const mark = new MarkMaker(kernel).make(place);
  for (let at = 0; at < 112; at++) {
    const damaged = mark.slice();
    damaged[at] = (damaged[at] as number) ^ 0xff;
    assert.ok(isDamagedMark(damaged, 0, mark));
  }
  const worse = mark.slice();
  for (let i = 0; i < 9; i++) worse[i * 3] = (worse[i * 3] as number) ^ 1;
  assert.not(isDamagedMark(worse, 0, mark));
});

test('the smallest batch of data in the same place is no damaged mark', () => {
  const mark = new MarkMaker(kernel).make(place);
  for (let index = 1; index < 300; index++) {
    const block = new Uint8Array(4096);
    const source = layOut([{ stream: index % 3, index, payload: new Uint8Array(0) }]);
    sealBatch(new BatchSealer(kernel, block), source, place);
    assert.not(isDamagedMark(block, 0, mark));
  }
});

test('the maker gives the chain behind its mark, and the same bytes each time', () => {
  const maker = new MarkMaker(kernel);
  const first = maker.make(place).slice();
  const { chain } = maker;
  assert.is.not(chain, place.chain);
  assert.is.not(Buffer.compare(first, maker.make({ ...place, number: 13 })), 0);
  assert.equal(maker.make(place), first);
  assert.is(maker.chain, chain);
});

test.run();
