/** The files that the tidy checks read, each read and scanned once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Import, readImports } from './imports.js';
import { type Masked, mask } from './mask.js';

export interface SourceFile extends Masked {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
}

export type Tree = ReadonlyMap<string, SourceFile>;

const folders = ['src', 'workers', 'bench', 'test', 'native', 'docs', '.ci'];
const skipped = new Set(['node_modules', 'build', 'results']);

export function readTree(root: string): Tree {
  const files: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skipped.has(entry.name)) visit(path);
      if (entry.isFile()) files[path] = readFileSync(join(root, path), 'utf8');
    }
  };
  for (const folder of folders) if (existsSync(join(root, folder))) visit(folder);
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isFile() && /\.(md|json|gyp)$|^LICENSE$/.test(entry.name)) {
      files[entry.name] = readFileSync(join(root, entry.name), 'utf8');
    }
  }
  return treeOf(files);
}

/** A tree from texts; also what the tests of the checks use. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  const tree = new Map<string, SourceFile>();
  for (const [path, text] of Object.entries(files)) {
    const isCode = /\.(m?ts|mjs|js|cc|h|c)$/.test(path);
    const masked = isCode ? mask(text) : { code: '', comments: '' };
    const imports = /\.(ts|mjs)$/.test(path) ? readImports(path, text, masked.code) : [];
    tree.set(path, { path, text, lines: text.split('\n'), imports, ...masked });
  }
  return tree;
}

export function typeScriptBelow(tree: Tree, ...prefixes: readonly string[]): SourceFile[] {
  return [...tree.values()].filter(
    (file) => file.path.endsWith('.ts') && prefixes.some((prefix) => file.path.startsWith(prefix)),
  );
}

/** The number of the line that holds a position, from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** The first folder below src of a path: `wal`, or `index.ts` for src/index.ts. */
export function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}
