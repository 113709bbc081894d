/** Random streams that no two processes share. */
import { randomBytes } from 'node:crypto';
import type { Random } from './random.js';
import { seededRandom } from './random-seeded.js';

/** Seeds itself from the operating system. For jitter and identifiers of files; not for secrets. */
export function systemRandom(): Random {
  return seededRandom(randomBytes(8).readBigUInt64LE());
}
