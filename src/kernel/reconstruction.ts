/**
 * Which shards a reconstruction reads, and how it combines them.
 *
 * With P the parity rows, split by data shards that are there (s) and lost (l), and by parity
 * shards that are used (u), the used parity is u = P_us s + P_ul l. So l = inverse(P_ul)
 * (u + P_us s): as many parity shards are used as data shards are lost, and only that e x e block
 * is inverted. A lost parity shard is its row times s and that l.
 */
import { ThemisError } from '../base/index.js';
import type { ShardProduct } from './coding-kernel.js';
import { product } from './galois-field.js';
import { inverseOf } from './matrix-inverse.js';

/** A systematic code: shards 0 ... data-1 are the data, the others rows x data. */
export interface Code {
  readonly data: number;
  readonly parity: number;
  /** Row-major, `parity` rows of `data` coefficients. */
  readonly rows: Uint8Array;
}

/** Bit i of a mask stands for shard i. */
function isIn(mask: bigint, shard: number): boolean {
  return ((mask >> BigInt(shard)) & 1n) === 1n;
}

function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i);
}

function tooFew(code: Code, present: bigint): never {
  const shards = code.data + code.parity;
  const missing = range(0, shards).filter((shard) => !isIn(present, shard));
  throw new ThemisError(
    'THEMIS_SHARDS_MISSING',
    `Of the ${shards} shards of a stripe ${missing.join(', ')} are missing; only ` +
      `${shards - missing.length} are left where ${code.data} are needed. Bring back one of them.`,
  );
}

/** Rows that give the lost data shards from the sources: data that is there, then used parity. */
function lostRows(code: Code, there: number[], lost: number[], used: number[]): Uint8Array {
  const { data, rows } = code;
  const e = lost.length;
  const block = new Uint8Array(e * e);
  for (const [i, shard] of used.entries()) {
    for (const [j, column] of lost.entries()) {
      block[i * e + j] = rows[(shard - data) * data + column] as number;
    }
  }
  const inverted = inverseOf(block, e);
  const result = new Uint8Array(e * data);
  for (let i = 0; i < e; i++) {
    for (const [j, shard] of used.entries()) {
      const factor = inverted[i * e + j] as number;
      result[i * data + there.length + j] = factor;
      for (const [c, column] of there.entries()) {
        const at = i * data + c;
        const coefficient = rows[(shard - data) * data + column] as number;
        result[at] = (result[at] as number) ^ product(factor, coefficient);
      }
    }
  }
  return result;
}

/**
 * The product that gives the wanted shards from those that are present, reading exactly `data`
 * of them: data shards first. Wanted shards must not be among the present. Throws
 * THEMIS_SHARDS_MISSING when fewer than `data` shards are there.
 */
export function reconstruction(code: Code, present: bigint, wanted: bigint): ShardProduct {
  const { data, parity, rows } = code;
  const there = range(0, data).filter((shard) => isIn(present, shard));
  const lost = range(0, data).filter((shard) => !isIn(present, shard));
  const parityThere = range(data, data + parity).filter((shard) => isIn(present, shard));
  if (parityThere.length < lost.length) tooFew(code, present);
  const used = parityThere.slice(0, lost.length);
  const solved = lostRows(code, there, lost, used);
  const targets = range(0, data + parity).filter((shard) => isIn(wanted, shard));
  const coefficients = new Uint8Array(targets.length * data);
  for (const [i, target] of targets.entries()) {
    const row = coefficients.subarray(i * data, (i + 1) * data);
    if (target < data) {
      const at = lost.indexOf(target);
      row.set(solved.subarray(at * data, (at + 1) * data));
      continue;
    }
    const parityRow = rows.subarray((target - data) * data, (target - data + 1) * data);
    for (const [c, column] of there.entries()) row[c] = parityRow[column] as number;
    for (const [j, column] of lost.entries()) {
      const factor = parityRow[column] as number;
      for (let c = 0; c < data; c++) {
        row[c] = (row[c] as number) ^ product(factor, solved[j * data + c] as number);
      }
    }
  }
  return {
    coefficients,
    sources: Uint16Array.from([...there, ...used]),
    targets: Uint16Array.from(targets),
  };
}
