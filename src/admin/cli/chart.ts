/**
 * Bars and latency charts drawn with block characters.
 *
 *   p50     0.42 ms  ███▌
 *   p99     1.80 ms  ████████████████
 *
 * Eighth blocks give a bar eight steps per column. A value above zero always shows something.
 */
import { fit, pad, textWidth } from './text-width.js';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of at most `width` columns, its length in proportion to value / most. */
export function bar(value: number, most: number, width: number): string {
  if (!(value > 0) || !(most > 0) || width < 1) return '';
  const steps = Math.max(1, Math.round(Math.min(1, value / most) * width * 8));
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] as string);
}

/** A bar of exactly `width` columns with what is missing shaded, for progress. */
export function gauge(ratio: number, width: number): string {
  const filled = bar(ratio, 1, width);
  return filled + '░'.repeat(Math.max(0, width - textWidth(filled)));
}

export interface ChartRow {
  readonly label: string;
  readonly value: number;
  /** The value for people, with its unit. */
  readonly text: string;
}

/** One row a line: label, text, bar. The bars get what the terminal has left; none below 4. */
export function renderBars(rows: readonly ChartRow[], width: number, indent = ''): string {
  const labelWidth = rows.reduce((most, row) => Math.max(most, textWidth(row.label)), 0);
  const textsWidth = rows.reduce((most, row) => Math.max(most, textWidth(row.text)), 0);
  const most = rows.reduce((largest, row) => Math.max(largest, row.value), 0);
  const room = width - textWidth(indent) - labelWidth - textsWidth - 4;
  const barWidth = room < 4 ? 0 : Math.min(40, room);
  return rows
    .map((row) => {
      const words = `${pad(row.label, labelWidth, 'left')}  ${pad(row.text, textsWidth, 'right')}`;
      const line = `${indent}${words}  ${bar(row.value, most, barWidth)}`.trimEnd();
      return `${Number.isFinite(width) ? fit(line, width) : line}\n`;
    })
    .join('');
}
