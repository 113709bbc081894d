/** Finds the compiled test files below a folder. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

export interface TestFile {
  readonly path: string;
  /** Path below the root with forward slashes: what is printed and what `--filter` matches. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * Below `dist/test`, a file whose source is gone is left out: an earlier build wrote it, and it
 * would test what no longer exists.
 */
export function findTestFiles(root: string): TestFile[] {
  const folder = resolve(root);
  const suffix = join('dist', 'test');
  const sources = folder.endsWith(sep + suffix)
    ? join(folder.slice(0, -suffix.length), 'test')
    : undefined;
  const files: TestFile[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.test.js')) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (name.includes('node_modules/')) continue;
    if (sources !== undefined && !existsSync(join(sources, name.replace(/\.js$/, '.ts')))) continue;
    files.push({ path, name, bytes: statSync(path).size });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
