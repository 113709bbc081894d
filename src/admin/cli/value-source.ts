/** Where a value comes from that is too long for memory: a file or stdin, in chunks. */
import { MiB, ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { absolute, throwIfAborted } from './with-store.js';

const chunkBytes = 1 * MiB;

export interface ValueSource {
  /** Length in bytes where it is known before. */
  readonly bytes: number | null;
  /** For once. A chunk is good until the next is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A file, checked before anything is opened. `what` names it in messages. */
export function fileSource(context: CommandContext, file: string, what: string): ValueSource {
  const { fileSystem } = context.environment;
  const path = absolute(context, file);
  const found = fileSystem.stat(path);
  if (found === null) throw new ThemisError('THEMIS_USAGE', `${what} ${path} does not exist`);
  if (found.kind === 'directory') {
    throw new ThemisError('THEMIS_USAGE', `${what} ${path} is a folder; give one file`);
  }
  // Of pipes and the like nobody knows before how much comes.
  const bytes = found.kind === 'file' && found.bytes > 0 ? found.bytes : null;
  return { bytes, chunks: readChunks(context, path) };
}

/** What arrives on stdin; `needed` is the message when a person sits there. */
export function stdinSource(context: CommandContext, needed: string): ValueSource {
  const { stdin } = context.environment;
  if (stdin.isTTY === true) throw new ThemisError('THEMIS_USAGE', needed);
  return { bytes: null, chunks: stdin };
}

/** Reads until the end, not until the size that the system reported: files grow and shrink. */
async function* readChunks(
  { environment, signal }: CommandContext,
  path: string,
): AsyncGenerator<Uint8Array> {
  const handle = environment.fileSystem.open(path, { access: 'read' });
  const buffer = new Uint8Array(chunkBytes);
  try {
    for (let position = 0; ; ) {
      throwIfAborted(signal);
      const count = handle.read(buffer, 0, buffer.length, position);
      if (count === 0) return;
      yield buffer.subarray(0, count);
      position += count;
    }
  } finally {
    handle.close();
  }
}
