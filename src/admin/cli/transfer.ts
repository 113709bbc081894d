/**
 * A long value on its way, with a line of progress.
 *
 *   Storing  ████████░░░░░░░░  1.2 GiB of 2 GiB  350 MiB/s  2.3 s left
 */
import type { CommandContext } from './command.js';
import { type Progress, startProgress } from './progress.js';
import { bytesText, durationText, throughputText } from './units-text.js';
import { throwIfAborted } from './with-store.js';

export interface CountedChunks {
  readonly chunks: AsyncGenerator<Uint8Array>;
  /** Bytes that went by so far. */
  bytes(): number;
}

export function countedChunks(
  source: AsyncIterable<Uint8Array>,
  onProgress: (bytes: number) => void = () => undefined,
): CountedChunks {
  let bytes = 0;
  const count = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      yield chunk;
      bytes += chunk.length;
      onProgress(bytes);
    }
  };
  return { chunks: count(), bytes: () => bytes };
}

export interface Transfer {
  readonly chunks: AsyncGenerator<Uint8Array>;
  /** Removes the line; what was moved, and how long it took. */
  end(): { readonly bytes: number; readonly durationMs: number };
}

/** Passes chunks on, draws how far they are, and ends with THEMIS_ABORTED on Ctrl-C. */
export function startTransfer(
  context: CommandContext,
  label: string,
  source: AsyncIterable<Uint8Array>,
  total: number | null,
): Transfer {
  const { clock } = context.environment;
  const progress: Progress = startProgress(context.terminal, clock, label);
  const startedAt = clock.monotonicMs();
  const elapsed = (): number => clock.monotonicMs() - startedAt;
  const counted = countedChunks(source, (bytes) => {
    throwIfAborted(context.signal);
    const ratio = total === null ? 0 : bytes / Math.max(1, total);
    progress.update(ratio, () => transferText(bytes, total, elapsed()));
  });
  return {
    chunks: counted.chunks,
    end() {
      progress.clear();
      return { bytes: counted.bytes(), durationMs: elapsed() };
    },
  };
}

export function transferText(bytes: number, total: number | null, elapsedMs: number): string {
  const speed = throughputText(bytes, elapsedMs);
  if (total === null) return `${bytesText(bytes)}  ${speed}`;
  const left = bytes > 0 ? (Math.max(0, total - bytes) * elapsedMs) / bytes : null;
  const eta = left === null ? '' : `  ${durationText(left)} left`;
  return `${bytesText(bytes)} of ${bytesText(total)}  ${speed}${eta}`;
}
