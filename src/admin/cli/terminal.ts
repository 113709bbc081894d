/**
 * Where a command writes: results to stdout, notes and errors to stderr.
 *
 * - Writing waits while the reader is slower, so a scan of any size needs little memory.
 * - A reader that goes away (`themis scan | head`) is no error: the write throws PipeClosed, the
 *   command unwinds and closes what it opened, and the exit code is 0.
 * - Colours and bars only on a terminal, never with NO_COLOR, `--no-color` or TERM=dumb.
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { codeOf } from '../../base/index.js';
import { createStyle, type Style } from './style.js';

/** Thrown by writes after the reader of stdout went away. Not an error of Themis. */
export class PipeClosed extends Error {}

export interface Terminal {
  readonly isTty: boolean;
  /** Columns of the terminal; Infinity when there is none, because then nothing must be cut. */
  readonly columns: number;
  /** Columns for progress on stderr; 0 when stderr is no terminal: then nothing is drawn. */
  readonly noteColumns: number;
  readonly style: Style;
  write(data: string | Uint8Array): Promise<void>;
  /** Resolves when the system has the bytes: they arrive even if this process dies at once. */
  writeThrough(data: string | Uint8Array): Promise<void>;
  /** Writes to stderr at once; for progress and errors. */
  note(text: string): void;
}

/** The parts of a process that a terminal needs. */
export interface TerminalStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function createTerminal(streams: TerminalStreams, color: boolean): Terminal {
  const { stdout, stderr, env } = streams;
  const isDumb = env['TERM'] === 'dumb';
  const isTty = stdout.isTTY === true && !isDumb;
  const noColor = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  return {
    isTty,
    columns: isTty ? Math.max(20, stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    noteColumns: stderr.isTTY === true && !isDumb ? Math.max(20, stderr.columns ?? 80) : 0,
    style: createStyle(color && isTty && !noColor),
    write: (data) => writeTo(stdout, data),
    writeThrough: (data) => writeThroughTo(stdout, data),
    note(text) {
      stderr.write(text);
    },
  };
}

async function writeTo(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (stream.destroyed || !stream.writable) throw new PipeClosed();
  let hasRoom: boolean;
  try {
    hasRoom = stream.write(data);
    if (!hasRoom) await once(stream, 'drain');
  } catch (error) {
    if (codeOf(error) === 'EPIPE') throw new PipeClosed();
    throw error;
  }
}

async function writeThroughTo(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (stream.destroyed || !stream.writable) throw new PipeClosed();
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(codeOf(error) === 'EPIPE' ? new PipeClosed() : error);
    });
  });
}

/**
 * Keeps a broken pipe from ending the process with a stack. The next write sees it instead. Any
 * other failure of the stream is a failure of the command.
 */
export function tolerateBrokenPipe(stream: Writable, onFailure: (error: Error) => void): void {
  stream.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') onFailure(error);
  });
}
