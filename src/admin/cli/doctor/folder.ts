/** The doctor's look at a store's folder: reads everything, writes nothing. */
import type { CommandContext } from '../command.js';
import { type Finding, fail, good } from './finding.js';

export async function examineFolder(context: CommandContext, folder: string): Promise<Finding[]> {
  const found = context.environment.fileSystem.stat(folder);
  if (found === null) {
    return [fail('folder', `${folder} does not exist`, 'check --dir; themis put creates a store')];
  }
  if (found.kind !== 'directory') {
    return [fail('folder', `${folder} is not a folder`, 'check --dir')];
  }
  return [good('folder', folder)];
}
