/** What the harness itself costs per request; to be subtracted from fast rows in mind. */
import { createRandomSource, Digest, Histogram, ScrambledZipfian } from '../harness/index.js';
import { keyOf, Shuffle, stampedKey, ValueSource } from '../kv/index.js';
import { consume, type MicroSuite } from './micro-suite.js';

export const harnessSuite: MicroSuite = {
  name: 'harness',
  add(suite) {
    const histogram = new Histogram();
    const random = createRandomSource(1);
    const zipfian = new ScrambledZipfian(1_000_000);
    const shuffle = new Shuffle(1_000_000, 1);
    const values = new ValueSource(1, 100);
    const digest = new Digest();
    const value = values.next(7, 0);
    let i = 0;
    suite
      .add('histogram.record', () => histogram.record((i++ % 1000) * 1000))
      .add('random.u32', () => consume(random.u32()))
      .add('zipfian.next', () => consume(zipfian.next(random)))
      .add('shuffle.at', () => consume(shuffle.at(i++ % 1_000_000)))
      .add('key of 16 digits', () => consume(keyOf(i++).length))
      .add('value of 100 bytes', () => consume(values.next(i++, 0).length))
      .add('check and digest', () => digest.add(stampedKey(value), i++));
  },
};
