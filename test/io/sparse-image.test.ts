/** Pages, sectors and sharing of file contents in memory. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allSectors, pageBytes, pageSectorBytes, SparseImage } from '../../src/io/sparse-image.js';

function bytesOf(image: SparseImage): Uint8Array {
  const bytes = new Uint8Array(image.length).fill(0xee);
  assert.is(image.read(bytes, 0, bytes.length, 0), image.length);
  return bytes;
}

test('pages of zeros are not stored, whether written or left over', () => {
  const image = new SparseImage();
  image.grow(3 * pageBytes);
  image.writePage(0, 0, new Uint8Array(pageBytes));
  assert.is(image.page(0), undefined);
  image.writePage(1, 10, Uint8Array.of(1));
  assert.is(image.page(1)?.[10], 1);
  image.writePage(1, 10, Uint8Array.of(0));
  assert.is(image.page(1), undefined);
  assert.equal(bytesOf(image), new Uint8Array(3 * pageBytes));
});

test('setSectors takes exactly the sectors of the mask, for each of the 256 masks', () => {
  const content = new Uint8Array(pageBytes).fill(2);
  for (let mask = 0; mask <= allSectors; mask++) {
    const image = new SparseImage();
    image.grow(pageBytes);
    image.writePage(0, 0, new Uint8Array(pageBytes).fill(1));
    image.setSectors(0, mask % 2 === 0 ? content : undefined, mask);
    const bytes = bytesOf(image);
    for (let i = 0; i < pageBytes; i++) {
      const taken = (mask & (1 << Math.floor(i / pageSectorBytes))) !== 0;
      if (bytes[i] !== (taken ? (mask % 2 === 0 ? 2 : 0) : 1)) {
        assert.unreachable(`mask ${mask}, byte ${i}: ${bytes[i]}`);
      }
    }
  }
});

test('what lies behind the end reads as zeros after cutting and growing again', () => {
  for (const length of [0, 1, 511, 512, 4_095, 4_096, 4_097, 8_192]) {
    const image = new SparseImage();
    for (const page of [0, 1, 2]) image.writePage(page, 0, new Uint8Array(pageBytes).fill(1));
    image.grow(3 * pageBytes);
    image.resize(length);
    assert.is(image.length, length);
    image.grow(3 * pageBytes);
    const expected = new Uint8Array(3 * pageBytes).fill(1, 0, length);
    assert.equal(bytesOf(image), expected);
  }
});

test('trim drops what was written behind the end', () => {
  const image = new SparseImage();
  image.grow(10);
  image.writePage(0, 5, Uint8Array.of(1, 1, 1, 1, 1, 1, 1));
  image.writePage(7, 0, Uint8Array.of(1));
  image.trim();
  assert.is(image.page(7), undefined);
  image.grow(20);
  assert.equal([...bytesOf(image)].slice(0, 13), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]);
});

test('clones change apart from each other, whoever changes first', () => {
  const change = fc.record({ clone: fc.nat(3), page: fc.nat(3), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const images = [new SparseImage()];
      const models = [new Uint8Array(4 * pageBytes)];
      images[0]?.grow(4 * pageBytes);
      for (const { clone, page, byte } of changes) {
        const image = images[clone % images.length] ?? new SparseImage();
        const model = models[clone % images.length] ?? new Uint8Array();
        images.push(image.clone());
        models.push(model.slice());
        image.writePage(page, 1, Uint8Array.of(byte));
        model[page * pageBytes + 1] = byte;
      }
      for (const [i, image] of images.entries()) assert.equal(bytesOf(image), models[i]);
    }),
    { numRuns: 50 },
  );
});

test.run();
