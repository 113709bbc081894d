/** Reads what a file imports and exports, from its text and its masked code. */
import { dirname, join } from 'node:path/posix';

export interface Import {
  /** `./a.js` as written. */
  readonly specifier: string;
  /** The source file in the repository, or null for a package or a built-in module. */
  readonly target: string | null;
  /** `static` covers `import` and `export from`, types included. */
  readonly kind: 'static' | 'dynamic' | 'url';
  /** Imported or re-exported names; `*` for a namespace. */
  readonly names: readonly string[];
  readonly position: number;
}

const clause = /\b(import|export)\b([^'"();]*?)\bfrom\s*(['"])/g;
const bare = /\bimport\s*(['"])/g;
const dynamic = /\bimport\s*\(\s*(['"])/g;
const url = /\bnew URL\(\s*(['"])/g;

export function readImports(path: string, text: string, code: string): Import[] {
  const found: Import[] = [];
  const add = (match: RegExpMatchArray, kind: Import['kind'], names: readonly string[]): void => {
    const start = (match.index as number) + match[0].length;
    const specifier = text.slice(start, text.indexOf(match.at(-1) as string, start));
    const target = resolveImport(path, specifier);
    found.push({ specifier, target, kind, names, position: match.index as number });
  };
  for (const match of code.matchAll(clause)) add(match, 'static', namesIn(match[2] as string));
  for (const match of code.matchAll(bare)) add(match, 'static', []);
  for (const match of code.matchAll(dynamic)) add(match, 'dynamic', ['*']);
  for (const match of code.matchAll(url)) add(match, 'url', []);
  return found;
}

/** `./b.js` in `src/a/x.ts` is `src/a/b.ts`: sources are imported by the name they compile to. */
export function resolveImport(path: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return join(dirname(path), specifier).replace(/\.js$/, '.ts');
}

/** The names in an import or export clause, as the other file calls them. */
export function namesIn(text: string): string[] {
  if (text.includes('*')) return ['*'];
  const inside = /\{([^}]*)\}/.exec(text)?.[1] ?? '';
  return inside
    .split(',')
    .map(
      (part) =>
        part
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0] as string,
    )
    .filter((name) => name !== '');
}

/**
 * The values that an index exports, as importers call them. Types are left out: they name what
 * the exported functions take and give, and are used without being imported.
 */
export function exportedValues(code: string): string[] {
  const names: string[] = [];
  for (const match of code.matchAll(/\bexport\s+\{([^}]*)\}/g)) {
    for (const part of (match[1] as string).split(',').map((text) => text.trim())) {
      if (part !== '' && !part.startsWith('type '))
        names.push(part.split(/\s+as\s+/).at(-1) as string);
    }
  }
  for (const match of code.matchAll(/\bexport\s+\*\s+as\s+(\w+)/g)) names.push(match[1] as string);
  return names;
}
