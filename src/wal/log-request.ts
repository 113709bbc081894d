/** The rare requests to the log that its writer answers, wherever its loop runs. */
import { ThemisError } from '../base/index.js';
import type { LogWriter } from './log-writer.js';

/** Throws THEMIS_ASSERTION for a request that nobody knows, and what the writer throws. */
export function answerRequest(writer: LogWriter, task: string, argument: unknown): unknown {
  switch (task) {
    case 'truncate': {
      const { stream, index } = argument as { stream: number; index: number };
      writer.truncate(stream, index);
      return null;
    }
    case 'restart':
      writer.restartStream((argument as { stream: number }).stream);
      return null;
    case 'sync':
      writer.sync();
      return null;
    case 'status':
      return writer.status();
    default:
      throw new ThemisError('THEMIS_ASSERTION', `unknown request ${task}`);
  }
}
