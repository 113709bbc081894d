/** The lines that the runner prints. */
import type { FileResult } from './execute.js';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function isFailing(result: FileResult): boolean {
  return result.counts.failed > 0;
}

/** `ok    12 passed           1.2 s  base/errors.test.js` */
export function summaryOf(result: FileResult): string {
  const { counts, durationMs, fault, file } = result;
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  const verdict = isFailing(result) ? 'FAIL' : 'ok  ';
  const why = fault === null ? '' : `: ${fault}`;
  return `${verdict} ${seconds.padStart(8)}  ${file.name} (${totalLine(counts)})${why}`;
}

export function outputOf(result: FileResult): string {
  const bar = '-'.repeat(20);
  return `${bar} ${result.file.name}\n${result.output.trimEnd()}\n${bar}`;
}

/** The verdict: always the last line, always alone. */
export function totalLine({ passed, failed, skipped }: Totals): string {
  const skips = skipped > 0 ? `, ${skipped} skipped` : '';
  return `${passed} passed, ${failed} failed${skips}`;
}
