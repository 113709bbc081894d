/**
 * Tables of aligned columns for terminals.
 *
 *   File    Bytes
 *   ──────  ─────
 *   a.json     12
 *
 * When the terminal is too narrow, columns marked `shrink` give up width first (their text ends in
 * an ellipsis); when that is not enough, every row becomes a block of `title: value` lines, in
 * which nothing is cut. No line ends in spaces.
 */
import { fit, pad, textWidth } from './text-width.js';

export interface Column {
  readonly title: string;
  /** Default `left`; numbers read better on the right. */
  readonly align?: 'left' | 'right';
  /** Whether the column may be cut on a narrow terminal. */
  readonly shrink?: boolean;
}

const gap = '  ';
/** A column is never cut below this: less says nothing. */
const shrunkWidthMin = 8;

/** The table, ending in a line feed. `width` is the terminal's; Infinity cuts nothing. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const wanted = columns.map((column, i) =>
    rows.reduce((most, row) => Math.max(most, textWidth(row[i] ?? '')), textWidth(column.title)),
  );
  const widths = shrinkTo(columns, wanted, width - gap.length * (columns.length - 1));
  if (widths === null) return renderBlocks(columns, rows);
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => {
        const cellWidth = widths[i] as number;
        return pad(fit(cells[i] ?? '', cellWidth), cellWidth, column.align ?? 'left');
      })
      .join(gap)
      .trimEnd();
  const titles = line(columns.map((column) => column.title));
  const rule = widths.map((one) => '─'.repeat(one)).join(gap);
  return `${[titles, rule, ...rows.map(line)].join('\n')}\n`;
}

/** Column widths that add up to at most `room`, or null when the columns cannot get that small. */
function shrinkTo(
  columns: readonly Column[],
  wanted: readonly number[],
  room: number,
): readonly number[] | null {
  const widths = [...wanted];
  let excess = widths.reduce((sum, one) => sum + one, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const [i, column] of columns.entries()) {
      const current = widths[i] as number;
      if (column.shrink !== true || current <= shrunkWidthMin) continue;
      if (widest === -1 || current > (widths[widest] as number)) widest = i;
    }
    if (widest === -1) return null;
    widths[widest] = (widths[widest] as number) - 1;
    excess--;
  }
  return widths;
}

function renderBlocks(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const blocks = rows.map((row) =>
    columns.map((column, i) => `${column.title}: ${row[i] ?? ''}`.trimEnd()).join('\n'),
  );
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`;
}

/** Pairs of name and value, the values aligned, ending in a line feed. */
export function renderPairs(
  pairs: readonly (readonly [name: string, value: string])[],
  indent = '',
): string {
  const width = pairs.reduce((most, [name]) => Math.max(most, textWidth(name)), 0);
  return pairs
    .map(([name, value]) => `${indent}${pad(name, width, 'left')}${gap}${value}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}
