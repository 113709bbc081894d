/** Where the package lies, seen from the compiled bench folder or from a checkout. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ThemisError } from '../../src/base/index.js';

let found: string | null = null;

/** The folder with Themis's package.json. */
export function packageRoot(): string {
  if (found !== null) return found;
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (packageNameOf(folder) === 'themis-engine') {
      found = folder;
      return folder;
    }
    if (path.dirname(folder) === folder) {
      throw new ThemisError(
        'THEMIS_USAGE',
        `No package.json of themis-engine above ${start}; run the benchmarks from the package`,
      );
    }
  }
}

/** `version` of a package.json, or `unknown`. */
export function versionOf(packageFolder: string): string {
  return fieldOf(packageFolder, 'version') ?? 'unknown';
}

function packageNameOf(folder: string): string | null {
  return fieldOf(folder, 'name');
}

function fieldOf(folder: string, field: string): string | null {
  const file = path.join(folder, 'package.json');
  if (!fs.existsSync(file)) return null;
  const parsed: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
  const value = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, field) : null;
  return typeof value === 'string' ? value : null;
}
