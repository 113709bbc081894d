/**
 * bench/kernel: the compute kernels, tier by tier, against other packages.
 * May import: base and kernel of src.
 */
export {
  benchCrc32c,
  type Crc32cBenchOptions,
  type Crc32cPeer,
  type Crc32cRow,
  crc32cSizes,
} from './crc32c.js';
