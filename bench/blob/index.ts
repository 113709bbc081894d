/**
 * bench/blob: large values on devices, against plain files with fsync.
 * May import: harness, and src.
 */
export { blobContestantNames, blobWorkloadNames, runBlobSuite } from './suite.js';
