/**
 * Several lines that are redrawn in place on stderr, for a picture that changes.
 *
 * On a terminal they are redrawn at most ten times a second; elsewhere nothing is drawn, so that
 * logs stay readable: whoever draws says what matters in plain lines, too.
 */
import type { Clock } from '../../io/index.js';
import type { Terminal } from './terminal.js';
import { fit } from './text-width.js';

const redrawMs = 100;
const escapeCharacter = String.fromCharCode(27);
const clearLine = `\r${escapeCharacter}[2K`;
const clearBelow = `\r${escapeCharacter}[J`;

export interface LiveBlock {
  /** Shows these lines in the place of those before; cheap when called often. */
  draw(lines: () => readonly string[]): void;
  /** Removes them. */
  clear(): void;
}

export function startLiveBlock(terminal: Terminal, clock: Clock): LiveBlock {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let height = 0;
  const up = (): string => (height === 0 ? '' : `${escapeCharacter}[${height}A`);
  return {
    draw(lines) {
      if (terminal.noteColumns === 0) return;
      const now = clock.monotonicMs();
      if (now - drawnAt < redrawMs) return;
      drawnAt = now;
      // One more than fits would wrap, and the count of lines would be wrong.
      const shown = lines().map((line) => `${clearLine}${fit(line, terminal.noteColumns - 1)}\n`);
      terminal.note(up() + shown.join('') + clearBelow);
      height = shown.length;
    },
    clear() {
      if (height > 0) terminal.note(up() + clearBelow);
      height = 0;
    },
  };
}
