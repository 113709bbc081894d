/** The logs that the suite `wal` measures. */
import type { LogContestant } from './contestant.js';

export const logContestants: readonly LogContestant[] = [];
