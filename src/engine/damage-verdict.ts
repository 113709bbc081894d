/**
 * Decides whether a damaged log may be used: damaged records that the state has applied already
 * are needed by nobody; anything else stops the start, unless its loss was accepted.
 *
 *   lost range of the command stream    state has applied    verdict
 *   ends at or before what is applied   everything in it     proved unneeded
 *   ends later, or its end is unknown   not everything       refused, or accepted with the option
 *   in a batch with records behind it   not those            refused: the batch is not read again
 *   log ends before what is applied     more than the log    refused, or accepted with the option
 */
import { ThemisError } from '../base/index.js';
import { type Damage, segmentSequence } from '../wal/index.js';
import { commandStream, type LogReport } from './log-service.js';

/** Of the batch that a new log begins with. */
const firstBatchNumber = 1;

export interface LogVerdict {
  /** A sentence for each thing that was found and may be lived with. */
  readonly notes: readonly string[];
  /** True when the log should be replaced by a snapshot soon: it has damage in it. */
  readonly snapshotWanted: boolean;
  /** True when the log's stream must go on behind a gap: at what the state has. */
  readonly restartLog: boolean;
}

export function judgeLog(
  report: LogReport,
  appliedIndex: number,
  recovery: 'refuse' | 'accept-loss',
): LogVerdict {
  const notes: string[] = [];
  const restartLog = report.lastIndex < appliedIndex;
  for (const damage of report.damages) {
    const needed = isInTheWay(damage, report);
    if (!needed && isUnneeded(damage, appliedIndex)) {
      notes.push(`${describe(damage)}; the state has all that it held.`);
    } else if (recovery === 'accept-loss') {
      notes.push(`${describe(damage)}.`);
    } else {
      throw refusal(damage, appliedIndex);
    }
  }
  if (report.cut !== null) {
    const { file, offset, bytes, aside } = report.cut;
    notes.push(`${bytes} bytes from ${file} at ${offset} were given up; see ${aside.join(', ')}.`);
  }
  if (isShort(report, appliedIndex)) {
    const what = `The log ends at record ${report.lastIndex}, but the state contains record ${appliedIndex}`;
    if (recovery === 'refuse') {
      const advice = "Put the missing log files back, or open with recovery: 'accept-loss'.";
      throw new ThemisError('THEMIS_LOG_CORRUPT', `${what}. ${advice}`);
    }
    notes.push(`${what}; continued after the state.`);
  }
  return { notes, snapshotWanted: report.damages.length > 0, restartLog };
}

/**
 * Whether the log lacks records that the state has. A log without records may be one that was
 * truncated behind a snapshot; one that never held any, below a state that does, was lost.
 */
function isShort({ lastIndex, tail }: LogReport, appliedIndex: number): boolean {
  return lastIndex < appliedIndex && (lastIndex !== 0 || tail.batchNumber === firstBatchNumber);
}

/** Whether the batch with the first record that the state lacks is the damaged one. */
function isInTheWay({ file, offset }: Damage, { replayFrom }: LogReport): boolean {
  const sequence = segmentSequence(file.slice(file.lastIndexOf('/') + 1));
  return sequence === replayFrom?.sequence && offset === replayFrom.offset;
}

function isUnneeded(damage: Damage, appliedIndex: number): boolean {
  const own = damage.lost.filter((range) => range.stream === commandStream);
  if (own.length === 0) return !damage.blind;
  return own.every((range) => range.lastIndex !== null && range.lastIndex <= appliedIndex);
}

function refusal(damage: Damage, appliedIndex: number): ThemisError {
  const ranges = damage.lost
    .filter((range) => range.stream === commandStream)
    .map(({ firstIndex, lastIndex }) => `${firstIndex} to ${lastIndex ?? 'the end'}`);
  const lost =
    ranges.length === 0 ? 'an unknown number of records' : `records ${ranges.join(', ')}`;
  const code = damage.kind === 'corrupt' ? 'THEMIS_LOG_CORRUPT' : 'THEMIS_LOG_UNKNOWN';
  return new ThemisError(
    code,
    `${describe(damage)}; the state has applied up to ${appliedIndex}, so ${lost} may be lost. ` +
      "Restore the file from a backup, or open with recovery: 'accept-loss' to go on without them.",
  );
}

function describe({ file, offset, bytes, what }: Damage): string {
  return `${file} is damaged at offset ${offset} (${bytes} bytes): ${what}`;
}
