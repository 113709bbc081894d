/**
 * YCSB's core workloads. Records are ten fields of 100 bytes, stored as one value of 1,000 bytes;
 * an update writes all fields (`writeallfields=true`), because a key-value store has no fields.
 * Keys are `user` and the FNV hash of the record's number, so that inserts are spread out.
 *
 *   a  50 % read, 50 % update             zipfian    session store
 *   b  95 % read,  5 % update             zipfian    photo tags
 *   c 100 % read                          zipfian    user profiles
 *   d  95 % read,  5 % insert             latest     status updates
 *   e  95 % scan of 1 to 100, 5 % insert  zipfian    threads
 *   f  50 % read, 50 % read-modify-write  zipfian    user records
 */
import {
  closedLoop,
  fnv64Decimal,
  LatestZipfian,
  type RandomSource,
  ScrambledZipfian,
} from '../harness/index.js';
import { Meter, type Workload, type WorkloadContext } from './workload.js';

export const ycsbValueBytes = 10 * 100;
const scanRecordsMax = 100;

type Operation = 'read' | 'update' | 'insert' | 'scan' | 'modify';

interface Mix {
  readonly letter: string;
  readonly requests: 'zipfian' | 'latest';
  /** Shares that add up to 1. */
  readonly shares: Readonly<Partial<Record<Operation, number>>>;
}

const mixes: readonly Mix[] = [
  { letter: 'a', requests: 'zipfian', shares: { read: 0.5, update: 0.5 } },
  { letter: 'b', requests: 'zipfian', shares: { read: 0.95, update: 0.05 } },
  { letter: 'c', requests: 'zipfian', shares: { read: 1 } },
  { letter: 'd', requests: 'latest', shares: { read: 0.95, insert: 0.05 } },
  { letter: 'e', requests: 'zipfian', shares: { scan: 0.95, insert: 0.05 } },
  { letter: 'f', requests: 'zipfian', shares: { read: 0.5, modify: 0.5 } },
];

export function ycsbKeyOf(number: number): Uint8Array {
  return Buffer.from(`user${fnv64Decimal(number)}`, 'latin1');
}

/** Records that exist: those loaded, and inserts once they and all before are acknowledged. */
class Records {
  #count: number;
  #next: number;
  readonly #early = new Set<number>();

  constructor(loaded: number) {
    this.#count = loaded;
    this.#next = loaded;
  }

  get count(): number {
    return this.#count;
  }

  take(): number {
    return this.#next++;
  }

  acknowledge(number: number): void {
    this.#early.add(number);
    while (this.#early.delete(this.#count)) this.#count += 1;
  }
}

/** Draws an operation by its share. */
function draw(random: RandomSource, shares: Mix['shares']): Operation {
  let rest = random.float();
  for (const operation of ['read', 'update', 'insert', 'scan', 'modify'] as const) {
    rest -= shares[operation] ?? 0;
    if (rest < 0) return operation;
  }
  return 'read';
}

class YcsbRun {
  readonly meter = new Meter();
  readonly #context: WorkloadContext;
  readonly #mix: Mix;
  readonly #records: Records;
  readonly #choose: () => number;

  constructor(context: WorkloadContext, mix: Mix) {
    this.#context = context;
    this.#mix = mix;
    this.#records = new Records(context.keys);
    const { random } = context;
    if (mix.requests === 'latest') {
      const latest = new LatestZipfian(context.keys);
      this.#choose = () => latest.next(random, this.#records.count);
    } else {
      const zipfian = new ScrambledZipfian(context.keys);
      this.#choose = () => zipfian.next(random);
    }
  }

  async operation(sequence: number): Promise<void> {
    const { peer, random, values } = this.#context;
    const operation = draw(random, this.#mix.shares);
    if (operation === 'insert') {
      const number = this.#records.take();
      await peer.put(ycsbKeyOf(number), values.next(number, sequence + 1));
      this.#records.acknowledge(number);
      this.meter.saw(sequence, 0, 0);
      return;
    }
    const number = this.#choose();
    const key = ycsbKeyOf(number);
    if (operation === 'scan') {
      const records = 1 + random.below(scanRecordsMax);
      await peer.scan(key, records);
      this.meter.saw(sequence, number, records);
    } else if (operation === 'update') {
      await peer.put(key, values.next(number, sequence + 1));
      this.meter.saw(sequence, number, 0);
    } else {
      const value = await peer.get(key);
      this.meter.check(number, value);
      // Which record is the latest depends on how fast inserts are.
      const digested = this.#mix.requests === 'latest' ? 0 : number;
      this.meter.saw(sequence, digested, value?.length ?? 0);
      if (operation === 'modify') await peer.put(key, values.next(number, sequence + 1));
    }
  }
}

export const ycsbWorkloads: readonly Workload[] = mixes.map((mix) => ({
  name: `ycsb-${mix.letter}`,
  dataset: 'ycsb',
  changes: mix.letter !== 'c',
  durability: 'sync',
  writers: [64],
  run: async (context) => {
    const run = new YcsbRun(context, mix);
    const result = await closedLoop({
      ...context,
      ...run.meter,
      operation: (sequence) => run.operation(sequence),
    });
    return run.meter.sample(result);
  },
}));
