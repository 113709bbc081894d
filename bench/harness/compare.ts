/**
 * This run against an earlier report. A difference counts only when it is larger than what the
 * rounds of either run differ among themselves, and larger than a tenth: runs of one program on
 * one machine lie that far apart.
 */
import fs from 'node:fs';
import { messageOf, ThemisError } from '../../src/base/index.js';
import type { BenchReport, Change, Row } from './report.js';
import { median } from './rounds.js';

const noiseFloor = 0.1;

/** Rows that both reports have, compared; rows that only one has are left out. */
export function compareReports(before: BenchReport, now: BenchReport): Change[] {
  const earlier = new Map(before.rows.map((row) => [nameOf(row), row]));
  return now.rows.flatMap((row) => {
    const old = earlier.get(nameOf(row));
    return old === undefined ? [] : [compareRows(old, row)];
  });
}

function compareRows(before: Row, now: Row): Change {
  const change = median(now.perSecond) / median(before.perSecond) - 1;
  const noise = Math.max(noiseFloor, (before.spread + now.spread) / 2);
  const verdict = Math.abs(change) <= noise ? 'same' : change > 0 ? 'faster' : 'slower';
  return {
    row: nameOf(now),
    before: median(before.perSecond),
    now: median(now.perSecond),
    change,
    noise,
    verdict,
  };
}

function nameOf(row: Row): string {
  const parameters = Object.entries(row.parameters).map(([key, value]) => `${key}=${value}`);
  return [row.workload, ...parameters, row.contestant].join(' ');
}

/** Reads a report that `--json` wrote. THEMIS_USAGE when it is not one. */
export function readReport(file: string): BenchReport {
  let parsed: unknown;
  try {
    parsed = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    const what = `${file} cannot be read as a report (${messageOf(error)}); give one from --json`;
    throw new ThemisError('THEMIS_USAGE', what, error);
  }
  if (!isReport(parsed)) {
    throw new ThemisError('THEMIS_USAGE', `${file} is not a report of themis bench --json`);
  }
  return parsed;
}

function isReport(value: unknown): value is BenchReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    Reflect.get(value, 'format') === 1 &&
    Array.isArray(Reflect.get(value, 'rows'))
  );
}
