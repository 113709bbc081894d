/** Where this package lies, and its version. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../../base/index.js';
import type { FileSystem } from '../../io/index.js';
import { readWholeFile } from './read-file.js';

/** The nearest folder above this file that holds a package.json: true in a checkout and installed. */
export function packageFolder(fileSystem: FileSystem): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (fileSystem.stat(join(folder, 'package.json')) === null) {
    const parent = dirname(folder);
    must(parent === folder ? null : parent, 'the package has a package.json');
    folder = parent;
  }
  return folder;
}

export function packageVersion(fileSystem: FileSystem): string {
  const path = join(packageFolder(fileSystem), 'package.json');
  const parsed: unknown = JSON.parse(readWholeFile(fileSystem, path).toString('utf8'));
  const hasVersion = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return must(
    hasVersion && typeof parsed.version === 'string' ? parsed.version : null,
    'package.json has a version',
  );
}

/**
 * The packages that this one depends on: its own node_modules in a checkout, the one that it was
 * installed into otherwise. Null when there is none.
 */
export function dependenciesFolder(fileSystem: FileSystem): string | null {
  let folder = packageFolder(fileSystem);
  for (;;) {
    const candidate = join(folder, 'node_modules');
    if (fileSystem.stat(candidate)?.kind === 'directory') return candidate;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}
