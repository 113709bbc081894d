/** Tables: alignment, narrow terminals. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderPairs, renderTable } from '../../../src/admin/cli/table.js';
import { textWidth } from '../../../src/admin/cli/text-width.js';

const columns = [
  { title: 'File', shrink: true },
  { title: 'Bytes', align: 'right' },
] as const;

test('columns are aligned and lines end without spaces', () => {
  const table = renderTable(
    columns,
    [
      ['a.json', '12'],
      ['日本', '1,234'],
      ['', ''],
    ],
    80,
  );
  assert.is(
    table,
    ['File    Bytes', '──────  ─────', 'a.json     12', '日本    1,234', '', ''].join('\n'),
  );
});

test('a narrow terminal cuts the columns that may be cut', () => {
  const table = renderTable(columns, [['a-rather-long-name.json', '12']], 20);
  assert.is(table.split('\n')[2], 'a-rather-lon…     12');
});

test('a very narrow terminal gets blocks, and nothing is cut', () => {
  const table = renderTable(
    columns,
    [
      ['a-rather-long-name.json', '12'],
      ['b', ''],
    ],
    10,
  );
  assert.is(table, 'File: a-rather-long-name.json\nBytes: 12\n\nFile: b\nBytes:\n');
  assert.is(renderTable(columns, [], 3), '');
});

test('a table is never wider than the terminal', () => {
  const cell = fc.string({ maxLength: 40 }).map((text) => text.replace(/\s/g, '_'));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell), { maxLength: 5 }),
      fc.integer({ min: 20, max: 80 }),
      (rows, width) => {
        const shrinking = columns.map((column) => ({ ...column, shrink: true }));
        for (const line of renderTable(shrinking, rows, width).split('\n')) {
          assert.ok(textWidth(line) <= width, line);
        }
      },
    ),
  );
});

test('pairs align their values', () => {
  assert.is(
    renderPairs(
      [
        ['a', '1'],
        ['long', '2'],
        ['x', ''],
      ],
      '  ',
    ),
    '  a     1\n  long  2\n  x\n',
  );
});

test.run();
