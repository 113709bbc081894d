/** A process that takes the folder of its argument, says how that went, and stays until stopped. */
import { codeOf } from '../../src/base/index.js';
import { acquireFolderLock } from '../../src/engine/folder-lock.js';

const directory = process.argv[2];
if (directory !== undefined) {
  try {
    await acquireFolderLock(directory);
    process.stdout.write('taken\n');
    process.stdin.resume();
  } catch (error) {
    process.stdout.write(`${codeOf(error)}\n`);
  }
}
