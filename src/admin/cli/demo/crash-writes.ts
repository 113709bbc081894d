/**
 * What the killed writers write: decided by seed, round, lane and number alone, so that parent
 * and child know the same writes without telling each other.
 *
 * Lanes never share keys, and a lane writes one after the other. So at a kill every lane has at
 * most one write in flight, and it is the one after its last acknowledged.
 *
 *   key    crash/<lane>/<slot>     slots are overwritten again and again
 *   value  "<key> round <r> write <n>\n" + 0 to 4 KiB of noise; every 64th up to 256 KiB
 *   every 16th write is a delete
 */
import type { Random } from '../../../io/index.js';

export const crashLanes = 32;
const slotsPerLane = 64;
const noiseBytes = 512 * 1024;
const noiseBytesUsual = 4 * 1024;
const noiseBytesLarge = 256 * 1024;

export interface CrashWrite {
  readonly key: string;
  /** Null for a delete. */
  readonly value: Buffer | null;
}

export type CrashPlan = (round: number, lane: number, number: number) => CrashWrite;

export function createCrashPlan(random: Random): CrashPlan {
  const noise = Buffer.alloc(noiseBytes);
  random.stream('crash noise').fill(noise);
  const salt = random.stream('crash salt').u32();
  return (round, lane, number) => {
    const mixed = mix(salt ^ mix(round * 0x10001 + lane) ^ Math.imul(number, 0x9e3779b1));
    const key = `crash/${String(lane).padStart(2, '0')}/${mixed % slotsPerLane}`;
    if (number % 16 === 15) return { key, value: null };
    const most = number % 64 === 32 ? noiseBytesLarge : noiseBytesUsual;
    const length = mix(mixed + 1) % most;
    const from = mix(mixed + 2) % (noiseBytes - length);
    const head = Buffer.from(`${key} round ${round} write ${number}\n`);
    return { key, value: Buffer.concat([head, noise.subarray(from, from + length)]) };
  };
}

/** The finalizer of MurmurHash3: spreads every bit over all 32. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
