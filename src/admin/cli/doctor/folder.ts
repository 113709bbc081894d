/** The doctor's look at a store's folder: asked for in one process, done in another. */
import { messageOf, ThemisError } from '../../../base/index.js';
import type { FileSystem } from '../../../io/index.js';
import type { CommandContext } from '../command.js';
import { engineFlags } from '../engine-flags.js';
import { runSelf } from '../run-self.js';
import { settingWords } from '../settings.js';
import { type Finding, fail, good, isFinding } from './finding.js';

/** Reads everything in the folder; a child process does, because that can take long. */
export async function examineFolder(context: CommandContext, folder: string): Promise<Finding[]> {
  const place = placeFinding(context.environment.fileSystem, folder);
  if (place.verdict === 'FAIL') return [place];
  const options = settingWords(context.settings, engineFlags);
  const words = ['doctor-folder', '--dir', folder, ...options];
  const { output, errors } = await runSelf(context, words);
  try {
    return [place, ...parseFindings(output)];
  } catch (error) {
    const why = errors === '' ? messageOf(error) : errors;
    return [place, fail('checks', `could not be made: ${why}`, 'see the message')];
  }
}

export function placeFinding(fileSystem: FileSystem, folder: string): Finding {
  const kind = fileSystem.stat(folder)?.kind ?? null;
  if (kind === 'directory') return good('folder', folder);
  const what = kind === null ? 'does not exist' : 'is not a folder';
  return fail('folder', `${folder} ${what}`, 'check --dir; themis put creates a store');
}

/** Reads what the checking process prints. Throws when it is something else. */
export function parseFindings(output: string): Finding[] {
  const parsed: unknown = JSON.parse(output);
  if (Array.isArray(parsed) && parsed.every(isFinding)) return parsed;
  throw new ThemisError('THEMIS_TASK_FAILED', 'the checks printed something else');
}
