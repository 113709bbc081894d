/** The logs that the suite `wal` measures; the first is what its ratios are about. */
import type { LogContestant } from './contestant.js';
import { themisLog } from './themis-log.js';

export const logContestants: readonly LogContestant[] = [themisLog];
