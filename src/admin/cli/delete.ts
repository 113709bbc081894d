/** themis delete <key> */
import { must } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyOf } from './key-argument.js';
import { withStore } from './with-store.js';

/** Deleting an absent key is done already: it succeeds, so that scripts can repeat it. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const wasThere = await withStore(context, { createIfMissing: false }, async (store) => {
    const found = (await store.stat(key)) !== undefined;
    if (found) await store.del(key);
    return found;
  });
  const { terminal } = context;
  if (context.isJson) {
    await terminal.write(`${JSON.stringify({ key: word, deleted: wasThere })}\n`);
  } else if (terminal.isTty) {
    await terminal.write(`${wasThere ? 'deleted' : 'was not there:'} ${word}\n`);
  }
  return exitCodes.ok;
}
