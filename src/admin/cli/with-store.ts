/** Opens the store that a command names, runs something on it, and always closes it again. */
import { isAbsolute, join } from 'node:path';
import { ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { engineOptions } from './engine-flags.js';
import { globalFlags } from './global-flags.js';
import type { Store } from './store.js';

/** The folder given by `--dir`, absolute. Throws THEMIS_USAGE when none was given. */
export function storeFolder(context: CommandContext): string {
  return absolute(context, context.settings.requiredText('dir', globalFlags));
}

/** A path as the person meant it: relative to where the command was started. */
export function absolute(context: CommandContext, path: string): string {
  return isAbsolute(path) ? path : join(context.environment.workingFolder, path);
}

/**
 * `createIfMissing: false` is for commands that only read: a mistyped folder must not become a
 * new, empty store.
 */
export async function withStore<T>(
  context: CommandContext,
  options: { readonly createIfMissing: boolean },
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const folder = storeFolder(context);
  const found = context.environment.fileSystem.stat(folder);
  if (found === null && !options.createIfMissing) {
    throw new ThemisError(
      'THEMIS_FOLDER_INVALID',
      `${folder} does not exist; check --dir, or create a store with themis put`,
    );
  }
  const { createIfMissing } = options;
  const engine = engineOptions(context.settings);
  const store = await context.environment.openStore(folder, { createIfMissing, engine });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Waits for work that cannot be stopped, but no longer than until Ctrl-C: THEMIS_ABORTED. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new ThemisError('THEMIS_ABORTED', 'interrupted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Throws THEMIS_ABORTED after Ctrl-C. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ThemisError('THEMIS_ABORTED', 'interrupted');
}
