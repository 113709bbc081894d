/** Reports: ratios, durability in every row, comparison that knows noise, tables that align. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type BenchReport,
  compareReports,
  describeEnvironment,
  figure,
  type Row,
  readReport,
  renderReport,
  renderTable,
  rowsOf,
  type Sample,
} from '../../bench/harness/index.js';
import { isThemisError } from '../../src/base/index.js';

function sampleOf(perSecond: number, p50Us = 10): Sample {
  return {
    operations: perSecond,
    elapsedMs: 1000,
    perSecond,
    p50Us,
    p90Us: 20,
    p99Us: 30,
    p999Us: 40,
    maxUs: 50,
    cpuUsPerOperation: 1,
    rssMiB: 60,
    otherCores: null,
    hash: 'abc',
    eventLoop: null,
    intervals: [],
  };
}

function rows(rates: Readonly<Record<string, readonly number[]>>): Row[] {
  return rowsOf({
    workload: 'fillsync',
    parameters: { writers: 4 },
    samples: new Map(
      Object.entries(rates).map(([name, values]) => [name, values.map((rate) => sampleOf(rate))]),
    ),
    durability: (name) => `durability of ${name}`,
    subject: 'themis',
  });
}

function reportOf(reportRows: readonly Row[]): BenchReport {
  return {
    format: 1,
    suite: 'kv',
    environment: describeEnvironment(os.tmpdir(), 'portable'),
    versions: { lmdb: '1.2.3' },
    rows: reportRows,
    verdicts: [{ grade: 'WARN', check: 'disk', measured: '9 ms', advice: 'buy another' }],
    notes: ['nothing to note'],
    changes: [],
  };
}

test('ratios say how much faster the subject is than a row, by round', () => {
  const [themis, lmdb] = rows({ themis: [300, 30, 330], lmdb: [100, 10, 100] });
  assert.is(themis?.subjectRatio, null);
  assert.is(lmdb?.subjectRatio, 3);
  assert.is(lmdb?.subjectP50Ratio, 1);
  assert.is(lmdb?.result.perSecond, 100);
});

test('without the subject there are no ratios, and contestants without samples no rows', () => {
  const found = rows({ lmdb: [100], absent: [] });
  assert.is(found.length, 1);
  assert.is(found[0]?.subjectRatio, null);
});

test('text shows machine, versions, notes, durability of each row, verdicts and advice', () => {
  const text = renderReport(reportOf(rows({ themis: [300], lmdb: [100] })));
  for (const part of [
    `node ${process.version}`,
    os.release(),
    'lmdb 1.2.3',
    'note: nothing to note',
    'durability of lmdb',
    'fillsync writers=4',
    '3.00x',
    'WARN disk: buy another',
  ]) {
    assert.ok(text.includes(part), `${part} is missing in:\n${text}`);
  }
});

const comparisons: readonly (readonly [string, readonly number[], readonly number[], string])[] = [
  ['a tenth is noise', [100, 100, 100], [91, 91, 91], 'same'],
  ['a fifth is slower', [100, 100, 100], [80, 80, 80], 'slower'],
  ['a fifth more is faster', [100, 100, 100], [120, 120, 120], 'faster'],
  ['a fifth within the spread of the rounds is noise', [80, 100, 120], [64, 80, 96], 'same'],
];

for (const [what, before, now, verdict] of comparisons) {
  test(`comparing: ${what}`, () => {
    const changes = compareReports(reportOf(rows({ a: before })), reportOf(rows({ a: now })));
    assert.is(changes.length, 1);
    assert.is(changes[0]?.verdict, verdict);
  });
}

test('a report survives a file; anything else is refused as usage', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-report-'));
  try {
    const file = path.join(folder, 'report.json');
    const report = reportOf(rows({ a: [1, 2] }));
    fs.writeFileSync(file, JSON.stringify(report));
    assert.equal(readReport(file), report);
    fs.writeFileSync(file, '{"rows":1}');
    const refused = (error: unknown): boolean => isThemisError(error, 'THEMIS_USAGE');
    assert.throws(() => readReport(file), refused);
    assert.throws(() => readReport(path.join(folder, 'absent.json')), refused);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('figures have three digits', () => {
  const table: readonly (readonly [number | null, string])[] = [
    [0, '0'],
    [0.01234, '0.012'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [123.4, '123'],
    [9_994, '9994'],
    [12_345, '12.3K'],
    [999_600, '1.00M'],
    [1_234_567, '1.23M'],
    [2e9, '2.00G'],
    [null, '-'],
    [Number.NaN, '-'],
  ];
  for (const [value, text] of table) assert.is(figure(value), text);
});

test('text columns are aligned left, figures right', () => {
  const lines = renderTable({
    columns: ['name', 'n'],
    rows: [
      ['a', '1'],
      ['long', '100'],
    ],
  });
  assert.equal(lines, ['name    n', '----  ---', 'a       1', 'long  100']);
});

test.run();
