/** Whole files through the file system port. */
import type { FileSystem } from '../../io/index.js';

const growthBytes = 64 * 1024;

/**
 * The bytes of a file. Reads until the end, not until the size that the system reports: files
 * below /proc report 0, and others may grow or shrink meanwhile. Throws the system's error.
 */
export function readWholeFile(fileSystem: FileSystem, path: string): Buffer {
  const handle = fileSystem.open(path, { access: 'read' });
  try {
    let bytes = Buffer.allocUnsafeSlow(handle.size() + 1);
    let length = 0;
    for (;;) {
      if (length === bytes.length) {
        bytes = Buffer.concat([bytes], bytes.length + Math.max(growthBytes, bytes.length));
      }
      const count = handle.read(bytes, length, bytes.length - length, length);
      if (count === 0) return bytes.subarray(0, length);
      length += count;
    }
  } finally {
    handle.close();
  }
}
