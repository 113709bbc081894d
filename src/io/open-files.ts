/**
 * Which files this process has open, whatever thread or library opened them.
 *
 * A POSIX record lock belongs to the process, and closing any descriptor of the file drops it. So
 * whoever relies on one has to know, without opening the file, whether it is open already.
 */
import * as fs from 'node:fs';
import { codeOf } from '../base/index.js';

/** Lists the descriptors of the process on Linux, macOS and the BSDs; absent on Windows. */
const descriptors = '/dev/fd';

/** Names a file or folder by device and inode, the same for all paths to it; null when absent. */
export function fileIdentity(path: string): string | null {
  const found = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/** True when a descriptor of this process is open on the file. Always false on Windows. */
export function isOpenHere(path: string): boolean {
  const identity = fileIdentity(path);
  if (identity === null || !fs.existsSync(descriptors)) return false;
  return fs.readdirSync(descriptors).some((name) => {
    try {
      const { dev, ino } = fs.fstatSync(Number(name), { bigint: true });
      return `${dev}:${ino}` === identity;
    } catch (error) {
      // Closed since it was listed, as the descriptor of the listing itself always is.
      if (codeOf(error) === 'EBADF') return false;
      throw error;
    }
  });
}
