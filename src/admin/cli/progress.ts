/**
 * One line of progress that is redrawn in place.
 *
 *   Storing files  ████████░░░░░░░░  4,210 of 7,988  87 MiB/s
 *
 * On a terminal the line is redrawn at most ten times a second; elsewhere (a file, a pipe, CI)
 * nothing is drawn until the end, and the end is one plain line, so that logs stay readable.
 */
import type { Clock } from '../../io/index.js';
import { gauge } from './chart.js';
import type { Terminal } from './terminal.js';
import { fit } from './text-width.js';

const redrawMs = 100;
const gaugeWidth = 20;
const escapeCharacter = String.fromCharCode(27);
const clearLine = `\r${escapeCharacter}[2K`;

export interface Progress {
  /** Shows that `ratio` (0 to 1) is done, with a few words; cheap when called often. */
  update(ratio: number, words: () => string): void;
  /** Removes the bar and writes a closing line. */
  finish(line: string): Promise<void>;
  /** Removes the bar without a closing line: the work ended another way. */
  clear(): void;
}

export function startProgress(terminal: Terminal, clock: Clock, label: string): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  const clear = (): void => {
    if (isDrawn) terminal.note(clearLine);
    isDrawn = false;
  };
  return {
    update(ratio, words) {
      if (terminal.noteColumns === 0) return;
      const now = clock.monotonicMs();
      if (now - drawnAt < redrawMs) return;
      drawnAt = now;
      isDrawn = true;
      const line = `  ${label}  ${gauge(ratio, gaugeWidth)}  ${words()}`;
      terminal.note(clearLine + fit(line, terminal.noteColumns - 1));
    },
    async finish(line) {
      clear();
      await terminal.write(`  ${line}\n`);
    },
    clear,
  };
}
