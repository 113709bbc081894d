/**
 * What the writing processes of the crash tests write, and what may be found after their death.
 *
 * A folder is written by lanes. Each lane owns a few keys, numbers its writes, and has at most
 * `depth` of them in flight; write `n` of a lane is a function of seed, lane and `n`. As writes
 * take effect in the order of the calls, a lane whose writes up to `r` were reported must be found
 * exactly as after write `m`, for one `m` from `r` to `r + depth`: an acknowledged write that is
 * missing, half a batch, or anything else gives a lane that no `m` explains.
 *
 *   key      lane/slot
 *   value    n, length, then bytes that depend on lane, slot, n and length; or nothing at all
 *            where the number says that the value is empty
 */
import { must } from '../../src/base/index.js';
import { seededRandom } from '../../src/io/index.js';

export const lanes = 24;
export const slots = 6;
/** Writes of one lane in flight. */
export const depth = 4;
/** Numbers of a round start at its number times this. */
export const roundStride = 1_000_000;

const headerBytes = 8;
const valueBytesMax = 200 * 1024;
/** What an absent slot counts as. */
const absent = 0;

/** One key of a write; `n` 0 deletes. */
export interface SlotWrite {
  readonly slot: number;
  readonly n: number;
}

export function keyOf(lane: number, slot: number): string {
  return `${lane}/${slot}`;
}

/** Write `n` of a lane: one put, one delete, or a batch of both. */
export function laneWrite(seed: number, lane: number, n: number): readonly SlotWrite[] {
  const random = seededRandom(seed).stream(`${lane} ${n}`);
  const kind = random.below(10);
  const one = (): SlotWrite => {
    const isDelete = random.below(5) === 0;
    return { slot: random.below(slots), n: isDelete ? absent : n };
  };
  if (kind < 6) return [{ slot: random.below(slots), n }];
  if (kind < 7) return [{ slot: random.below(slots), n: absent }];
  const bySlot = new Map(Array.from({ length: 2 + random.below(5) }, one).map((w) => [w.slot, w]));
  return [...bySlot.values()];
}

/** The value of a slot after write `n` put it there. */
export function laneValue(seed: number, lane: number, slot: number, n: number): Buffer {
  const random = seededRandom(seed).stream(`value ${lane} ${slot} ${n}`);
  const choice = random.below(40);
  const most = choice === 0 ? valueBytesMax : choice < 8 ? 8192 : 300;
  if (choice === 39) return Buffer.alloc(0);
  const length = headerBytes + random.below(most - headerBytes + 1);
  const value = Buffer.allocUnsafe(length);
  let word = (random.u32() ^ Math.imul(n, 0x9e3779b1)) | 1;
  for (let at = headerBytes; at < length; at++) {
    if ((at & 3) === 0) word = next(word);
    value[at] = word >>> ((at & 3) * 8);
  }
  value.writeUInt32LE(n, 0);
  value.writeUInt32LE(length, 4);
  return value;
}

function next(word: number): number {
  const a = word ^ (word << 13);
  const b = a ^ (a >>> 17);
  return b ^ (b << 5);
}

/**
 * Which write made this value; -1 when none did. An empty one does not say which, so it is
 * numbered by `emptyN`: any such write gives the same bytes.
 */
export const emptyN = 0xffff_ffff;

export function writeOf(seed: number, lane: number, slot: number, value: Buffer): number {
  if (value.length === 0) return emptyN;
  if (value.length < headerBytes) return -1;
  const n = value.readUInt32LE(0);
  return value.equals(laneValue(seed, lane, slot, n)) ? n : -1;
}

/** What a lane's slots hold: numbers of writes, 0 for absent. */
export type LaneState = readonly number[];

/** What all lanes were found to hold. */
export class FolderModel {
  readonly #seed: number;
  #states: LaneState[] = Array.from({ length: lanes }, () => new Array<number>(slots).fill(absent));

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Judges what was found after a round in which `reported` writes of each lane were acknowledged,
   * and goes on from it. Throws a RangeError that says what no history explains.
   */
  judge(found: readonly LaneState[], round: number, reported: readonly number[]): void {
    for (let lane = 0; lane < lanes; lane++) {
      const after = must(found[lane], 'all lanes were read');
      const sure = must(reported[lane], 'all lanes are counted');
      this.#judgeLane(lane, after, round, sure);
    }
    this.#states = found.map((state) => [...state]);
  }

  #judgeLane(lane: number, after: LaneState, round: number, sure: number): void {
    const state = [...must(this.#states[lane], 'all lanes have a state')];
    for (let i = 0; i <= sure + depth; i++) {
      if (i > 0) this.#apply(state, lane, round * roundStride + i);
      if (i >= sure && state.every((n, slot) => n === after[slot])) return;
    }
    throw new RangeError(
      `seed ${this.#seed}, round ${round}: lane ${lane} holds ${after.join(' ')}, which is not ` +
        `what ${sure} to ${sure + depth} of its writes leave`,
    );
  }

  #apply(state: number[], lane: number, n: number): void {
    for (const write of laneWrite(this.#seed, lane, n)) {
      const isEmpty = write.n !== absent && laneValue(this.#seed, lane, write.slot, n).length === 0;
      state[write.slot] = isEmpty ? emptyN : write.n;
    }
  }
}
