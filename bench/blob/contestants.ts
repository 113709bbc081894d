/** Who takes part in the suite `blob`, Themis first. */
import type { BlobContestant } from './contestant.js';
import { plainFiles } from './plain-files.js';
import { themisBlobs } from './themis-blobs.js';

export const blobContestants: readonly BlobContestant[] = [themisBlobs, plainFiles];
